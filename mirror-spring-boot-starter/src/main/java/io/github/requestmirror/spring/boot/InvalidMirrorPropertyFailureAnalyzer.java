package io.github.requestmirror.spring.boot;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows a wrong property without a stack trace. */
final class InvalidMirrorPropertyFailureAnalyzer
    extends AbstractFailureAnalyzer<InvalidMirrorPropertyException> {

  @Override
  protected FailureAnalysis analyze(Throwable failure, InvalidMirrorPropertyException cause) {
    StringBuilder description = new StringBuilder("A property of the request mirror is wrong:\n\n");
    description.append("    ").append(cause.getMessage()).append('\n');
    for (String origin : cause.origins()) {
      description.append("    ").append(origin).append('\n');
    }
    return new FailureAnalysis(
        description.toString(), "Correct the configuration of the application.", failure);
  }
}
