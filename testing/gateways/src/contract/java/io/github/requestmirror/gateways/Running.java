package io.github.requestmirror.gateways;

/**
 * A server that listens.
 *
 * @param port on loopback
 * @param stop ends it with all its threads
 */
record Running(int port, AutoCloseable stop) implements AutoCloseable {
  @Override
  public void close() {
    try {
      stop.close();
    } catch (Exception e) {
      throw new IllegalStateException("the server does not stop", e);
    }
  }
}
