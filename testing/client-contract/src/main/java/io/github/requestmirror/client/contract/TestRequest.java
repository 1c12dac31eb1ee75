package io.github.requestmirror.client.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request to send.
 *
 * @param headers names and values in turn
 */
public record TestRequest(
    String method, String uri, List<String> headers, @Nullable TestBody body) {

  static TestRequest post(String uri, TestBody body, String... headers) {
    return new TestRequest("POST", uri, List.of(headers), body);
  }

  static TestRequest get(String uri) {
    return new TestRequest("GET", uri, List.of(), null);
  }

  /** A consumer of names and values. */
  public interface HeaderConsumer {
    void accept(String name, String value);
  }

  public void forEachHeader(HeaderConsumer consumer) {
    for (int i = 0; i < headers.size(); i += 2) {
      consumer.accept(headers.get(i), headers.get(i + 1));
    }
  }
}
