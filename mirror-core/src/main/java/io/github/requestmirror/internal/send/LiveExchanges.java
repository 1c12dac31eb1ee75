package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The exchanges of one client. HttpCore does not report them all when an {@code Error} ends its
 * thread, so they are failed here. Any thread.
 */
final class LiveExchanges {
  private final Set<HttpExchange> exchanges = ConcurrentHashMap.newKeySet();
  private volatile boolean threadEnded;

  void add(HttpExchange exchange) {
    exchanges.add(exchange);
    if (threadEnded) {
      exchange.failed(threadHasEnded());
    }
  }

  void remove(HttpExchange exchange) {
    exchanges.remove(exchange);
  }

  /** Tells whether a thread of the client has ended, so that it sends no more. */
  boolean isThreadEnded() {
    return threadEnded;
  }

  void threadEnded() {
    threadEnded = true;
    for (HttpExchange exchange : exchanges) {
      try {
        exchange.failed(threadHasEnded());
      } catch (Throwable t) {
        // Out of memory again: its timeout will end it.
      }
    }
  }

  /** Says why there is no I/O thread to send with. */
  static IOException threadHasEnded() {
    return new IOException("the I/O thread has ended, the log says why");
  }
}
