package io.github.requestmirror.benchmarks.sender;

import java.io.IOException;

/** Sends requests with one body to a server on loopback. */
interface Sending extends AutoCloseable {
  /** Sends requests and waits for all responses. */
  void send(int requests) throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
