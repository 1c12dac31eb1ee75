package io.github.requestmirror.benchmarks.process;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command line of a JVM with this class path. */
public final class JavaCommand {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  private final List<String> options = new ArrayList<>();
  private String classPath = CLASS_PATH;

  /** Sets the size of the heap, for example {@code 1g}. */
  public JavaCommand heap(String size) {
    options.addAll(List.of("-Xms" + size, "-Xmx" + size, "-XX:+UseG1GC"));
    // A compiler thread that ended would count as part of the program.
    options.add("-XX:-UseDynamicNumberOfCompilerThreads");
    return this;
  }

  /** Takes the mirror from another class path, or from this one if it is null. */
  public JavaCommand mirrorFrom(String other) {
    if (other != null) {
      classPath =
          other
              + File.pathSeparator
              + Stream.of(CLASS_PATH.split(File.pathSeparator))
                  .filter(entry -> !entry.matches(".*mirror-(core|servlet).*"))
                  .collect(Collectors.joining(File.pathSeparator));
    }
    return this;
  }

  /** Returns the command that runs a main class. */
  public ProcessBuilder run(String mainClass, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
