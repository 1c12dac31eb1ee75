package io.github.requestmirror.benchmarks.sender;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * The program that is measured. For each line, which is a number of requests, it sends them and
 * prints the nanoseconds that it took and the bytes that its threads have allocated since they
 * started.
 */
final class SenderProgram {
  private SenderProgram() {}

  /**
   * Runs until the standard input ends.
   *
   * @param args {@code mirror} or {@code sockets}, the port of the sink, and the size of the body
   */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[1]);
    byte[] body = new byte[Integer.parseInt(args[2])];
    new Random(body.length).nextBytes(body);
    try (Sending sending =
            args[0].equals("mirror")
                ? new MirrorSending(port, body)
                : new SocketSending(port, body);
        BufferedReader commands =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      System.out.println("port " + port);
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        long start = System.nanoTime();
        sending.send(Integer.parseInt(line));
        System.out.println((System.nanoTime() - start) + " " + allocatedBytes());
      }
    }
    System.exit(0);
  }

  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }
}
