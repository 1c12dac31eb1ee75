package io.github.requestmirror.internal.send;

import io.github.requestmirror.Headers;
import io.github.requestmirror.internal.capture.Body;

/**
 * A request as sent, without the framing headers that the sender adds.
 *
 * @param path raw path and query
 */
public record OutboundRequest(String method, String path, Headers headers, Body body) {

  /** Omits query and header values, which may be secret. */
  @Override
  public String toString() {
    int query = path.indexOf('?');
    return method + ' ' + (query < 0 ? path : path.substring(0, query));
  }
}
