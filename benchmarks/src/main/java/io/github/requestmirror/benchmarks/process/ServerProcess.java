package io.github.requestmirror.benchmarks.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A server in a process of its own, with the CPU time of its threads. */
public final class ServerProcess implements AutoCloseable {
  private static final Predicate<String> JIT = name -> name.matches("C[12] Compiler.*");

  /** The unit of /proc/PID/stat, USER_HZ, is the same on all of Linux. */
  private static final long TICK_NANOS = 10_000_000;

  private final Process process;
  private final int port;
  private final BufferedReader output;
  private final Writer commands;

  private ServerProcess(Process process, int port, BufferedReader output) {
    this.process = process;
    this.port = port;
    this.output = output;
    this.commands = process.outputWriter(StandardCharsets.US_ASCII);
    // Servers that do not read their input would outlive this process.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
  }

  /** Starts a server whose port is known. */
  public static ServerProcess start(ProcessBuilder command, Path log, int port)
      throws IOException, InterruptedException {
    Process process = command.redirectError(log.toFile()).start();
    try {
      Ports.await(port);
    } catch (Throwable t) {
      process.destroy();
      throw t;
    }
    return new ServerProcess(process, port, reader(process));
  }

  /** Starts a JVM whose first line names its port. */
  public static ServerProcess startJvm(String name, ProcessBuilder command, Path log)
      throws IOException {
    Process process = command.redirectError(log.toFile()).start();
    BufferedReader output = reader(process);
    String line = output.readLine();
    if (line == null || !line.startsWith("port ")) {
      process.destroy();
      throw new IOException(name + " has not started, see " + log + ": " + line);
    }
    return new ServerProcess(process, Integer.parseInt(line.substring(5)), output);
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  /** Writes an empty line to the process and returns the numbers of its reply. */
  public long[] ask() throws IOException {
    return Stream.of(ask("").split(" ")).mapToLong(Long::parseLong).toArray();
  }

  /**
   * Writes a line to the process and returns its reply.
   *
   * @throws IOException when the process has ended
   */
  public String ask(String line) throws IOException {
    send(line);
    return reply();
  }

  /** Writes a line to the process. */
  public void send(String line) throws IOException {
    commands.write(line + "\n");
    commands.flush();
  }

  /** Waits for a line of the process. */
  public String reply() throws IOException {
    String reply = output.readLine();
    if (reply == null) {
      throw new IOException("process " + process.pid() + " has ended: " + process.info());
    }
    return reply;
  }

  /**
   * Returns the CPU time of the process without that of the JIT compiler. The time of the process
   * includes the threads that have ended; its unit is a tick of 10 ms.
   */
  public long cpuNanos() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long nanos = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
    return nanos - jitNanos();
  }

  /** Returns the CPU time of the JIT compiler. */
  public long jitNanos() throws IOException {
    return cpuNanos(JIT);
  }

  /** Returns the CPU time of the live threads with such names. */
  public long cpuNanos(Predicate<String> names) throws IOException {
    long nanos = 0;
    for (Path thread : threads(names)) {
      nanos += Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
    }
    return nanos;
  }

  /** Returns the resident memory in bytes. */
  public long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no VmRSS of process " + process.pid());
  }

  /** Moves all threads to one CPU, and those of the JIT compiler to another. */
  public void pin(int cpu, int jitCpu) throws IOException, InterruptedException {
    for (Path thread : threads(JIT.negate())) {
      Commands.run("taskset", "-cp", "" + cpu, thread.getFileName().toString());
    }
    for (Path thread : threads(JIT)) {
      Commands.run("taskset", "-cp", "" + jitCpu, thread.getFileName().toString());
    }
  }

  /** Returns the ids of the threads with such names. */
  public List<String> threadIds(Predicate<String> names) throws IOException {
    return threads(names).stream().map(thread -> thread.getFileName().toString()).toList();
  }

  private List<Path> threads(Predicate<String> names) throws IOException {
    List<Path> threads = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path thread : all.toList()) {
        try {
          if (names.test(Files.readString(thread.resolve("comm")).strip())) {
            threads.add(thread);
          }
        } catch (NoSuchFileException e) {
          // The thread has ended since the folder was listed.
        }
      }
    }
    return threads;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        // For example a JVM without memory.
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
