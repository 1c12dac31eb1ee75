package io.github.requestmirror.servlet;

import io.github.requestmirror.testing.HttpMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a client can tell of an answer. */
final class ServletContract {
  private ServletContract() {}

  static String describe(HttpMessage answer) {
    List<String> lines =
        answer.headerLines().stream().filter(line -> !line.startsWith("Date:")).toList();
    return answer.startLine()
        + "\n"
        + String.join("\n", lines)
        + "\n\n"
        + new String(answer.body(), StandardCharsets.ISO_8859_1);
  }
}
