package io.github.requestmirror.client.contract;

import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * All that the caller sees of a call.
 *
 * @param outcome the status, or the simple name of the class of the exception
 * @param details protocol, reason phrase, header lines and body of the response, or the exception
 *     with its causes and suppressed exceptions; in addition what else a client reports, such as
 *     events
 */
public record CallResult(String outcome, List<String> details) {
  /** The entry of {@link #details} with the body of the response. */
  public static String body(String text) {
    return "body: " + text;
  }

  /** Returns the result of a call that failed. */
  public static CallResult failure(Throwable failure, List<String> more) {
    List<String> details = new ArrayList<>();
    describe(failure, details);
    details.addAll(more);
    return new CallResult(failure.getClass().getSimpleName(), details);
  }

  private static void describe(Throwable failure, List<String> details) {
    if (failure instanceof SocketTimeoutException) {
      // A client's own timer and the socket's timeout may expire at the same time.
      details.add(failure.getClass().getName());
      return;
    }
    for (Throwable t = failure; t != null; t = t.getCause()) {
      details.add(t.toString());
      for (Throwable suppressed : t.getSuppressed()) {
        details.add("suppressed: " + suppressed);
      }
    }
  }

  /** Returns the status, or fails if there was no response. */
  public int status() {
    if (!outcome.matches("\\d{3}")) {
      throw new AssertionError("no response: " + this);
    }
    return Integer.parseInt(outcome);
  }

  boolean isFailure() {
    return !outcome.matches("\\d{3}");
  }
}
