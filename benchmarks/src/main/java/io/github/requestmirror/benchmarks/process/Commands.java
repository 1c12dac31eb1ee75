package io.github.requestmirror.benchmarks.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Programs that end by themselves. */
public final class Commands {
  private Commands() {}

  /**
   * Runs a program and returns its output.
   *
   * @throws IOException when the program is missing or fails
   */
  public static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed: " + output);
    }
    return output;
  }
}
