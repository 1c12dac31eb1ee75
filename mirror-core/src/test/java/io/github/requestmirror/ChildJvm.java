package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program in a JVM of its own, for what would harm the JVM of the tests. */
final class ChildJvm {
  private ChildJvm() {}

  /**
   * Waits for the end of a program, which must succeed.
   *
   * @param folder where its output may be kept
   * @return what it printed
   */
  static String run(Path folder, List<String> options, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended;
    try {
      ended = process.waitFor(100, TimeUnit.SECONDS);
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(output);
    assertThat(ended).as("the program has ended; it printed %s", printed).isTrue();
    assertThat(process.exitValue()).as(printed).isZero();
    return printed;
  }
}
