package io.github.requestmirror.benchmarks.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The folder with the results of a part: JSON, a Markdown report and plots. */
public final class Results {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path directory;
  private final String name;

  /**
   * @param directory is created
   * @param name of the files for JSON and Markdown
   */
  public Results(Path directory, String name) throws IOException {
    this.directory = Files.createDirectories(directory.toAbsolutePath());
    this.name = name;
  }

  /** Returns the path of a file in the folder. */
  public Path file(String file) {
    return directory.resolve(file);
  }

  /** Writes the report, and prints it. */
  public void markdown(String text) throws IOException {
    Files.writeString(file(name + ".md"), text);
    System.out.println();
    System.out.print(text);
    System.out.println("results: " + directory);
  }

  /**
   * Writes records, maps and lists as JSON.
   *
   * @param content with the machine that it was measured on
   */
  public void json(Map<String, ?> content) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("machine", Machine.here());
    all.putAll(content);
    JSON.writeValue(file(name + ".json").toFile(), all);
  }
}
