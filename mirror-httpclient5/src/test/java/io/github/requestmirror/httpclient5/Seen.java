package io.github.requestmirror.httpclient5;

import io.github.requestmirror.testing.HttpMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All that the caller and the primary can see of a call.
 *
 * @param result the status, or the class of the exception
 * @param detail headers and body of the response, or the exception with its causes
 * @param passes how often the body was written, or begun to be
 * @param requests what the primary got, byte for byte
 * @param connections how many the client opened, for this call and one after it
 */
record Seen(
    String result, List<String> detail, int passes, List<String> requests, int connections) {

  static List<String> detail(Throwable failure) {
    List<String> detail = new ArrayList<>();
    for (Throwable t = failure; t != null; t = t.getCause()) {
      detail.add(t.toString());
    }
    return detail;
  }

  static List<String> requests(List<HttpMessage> requests) {
    return requests.stream()
        .map(request -> request.headText() + Arrays.hashCode(request.body()))
        .toList();
  }

  /** Leaves out which exception it was. */
  Seen withoutCause() {
    return new Seen("", List.of(), passes, requests, connections);
  }
}
