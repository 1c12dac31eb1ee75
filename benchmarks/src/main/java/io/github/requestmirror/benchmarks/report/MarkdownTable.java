package io.github.requestmirror.benchmarks.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A table in Markdown. */
public final class MarkdownTable {
  private final List<String> lines = new ArrayList<>();
  private final int columns;

  public MarkdownTable(String... header) {
    columns = header.length;
    row((Object[]) header);
    row(Collections.nCopies(columns, "---").toArray());
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException when the number of cells is not that of the header
   */
  public MarkdownTable row(Object... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(cells.length + " cells, must be " + columns);
    }
    StringBuilder line = new StringBuilder("|");
    for (Object cell : cells) {
      line.append(' ').append(cell).append(" |");
    }
    lines.add(line.toString());
    return this;
  }

  /** Returns the lines, followed by an empty one. */
  @Override
  public String toString() {
    return String.join("\n", lines) + "\n\n";
  }
}
