package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.process.Cpus;
import io.github.requestmirror.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.util.List;

/** The processes of a variant. */
final class RunningGateway implements AutoCloseable {
  private final Variant variant;
  private final List<ServerProcess> processes;

  /**
   * @param processes the first serves the clients; the last is the JVM if the variant has one
   */
  RunningGateway(Variant variant, List<ServerProcess> processes) {
    this.variant = variant;
    this.processes = processes;
  }

  int port() {
    return processes.get(0).port();
  }

  /** Returns the CPU time of all processes, without that of JIT compilers. */
  long cpuNanos() throws IOException {
    long nanos = 0;
    for (ServerProcess process : processes) {
      nanos += process.cpuNanos();
    }
    return nanos;
  }

  /** Returns the CPU time of JIT compilers. */
  long jitNanos() throws IOException {
    return variant.isJvm() ? jvm().jitNanos() : 0;
  }

  long residentBytes() throws IOException {
    long bytes = 0;
    for (ServerProcess process : processes) {
      bytes += process.residentBytes();
    }
    return bytes;
  }

  GatewayCounters counters() throws IOException {
    return variant.isJvm() ? GatewayCounters.parse(jvm().ask("")) : GatewayCounters.NONE;
  }

  /** Moves the threads to the CPU of what is measured. Native gateways have been started there. */
  void pin() throws IOException, InterruptedException {
    if (variant.isJvm()) {
      jvm().pin(Cpus.MEASURED, Cpus.LOAD);
    }
  }

  ServerProcess jvm() {
    return processes.get(processes.size() - 1);
  }

  @Override
  public void close() {
    processes.forEach(ServerProcess::close);
  }
}
