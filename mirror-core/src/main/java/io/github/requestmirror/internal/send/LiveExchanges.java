package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The exchanges of one client. When an {@code Error} ends HttpCore's thread, HttpCore does not
 * report the end of all exchanges, so this class fails them. Thread-safe.
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

  /** Returns whether a thread of the client has ended, so that the client cannot send. */
  boolean isThreadEnded() {
    return threadEnded;
  }

  void threadEnded() {
    threadEnded = true;
    for (HttpExchange exchange : exchanges) {
      try {
        exchange.failed(threadHasEnded());
      } catch (Throwable t) {
        // Out of memory again: the call timeout will end the copy.
      }
    }
  }

  /** Returns the cause for exchanges that fail because the I/O thread has ended. */
  static IOException threadHasEnded() {
    return new IOException("the I/O thread has ended; the log has the reason");
  }
}
