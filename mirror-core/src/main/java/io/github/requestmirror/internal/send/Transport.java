package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of a connection, in plain text or with TLS. No method blocks. Confined to the sender's
 * thread.
 */
interface Transport {

  /**
   * Continues to establish the connection above TCP.
   *
   * @return whether it is established; if not, call again when the socket is ready
   */
  boolean handshake() throws IOException;

  /** Returns whether a call of {@link #handshake} must wait for a task, not for the socket. */
  boolean isTaskRunning();

  /** Called when the task has ended. */
  void taskEnded() throws IOException;

  /**
   * Writes as much as the socket accepts.
   *
   * @return whether all bytes have been accepted by the socket, those of earlier calls included
   */
  boolean write(ByteBuffer bytes) throws IOException;

  /** Returns whether bytes of an earlier {@link #write} or handshake wait for the socket. */
  boolean hasPendingOutput();

  /**
   * Reads what has been received.
   *
   * @return the number of bytes, 0 if there are none yet, or -1 at the end of the stream
   */
  int read(ByteBuffer into) throws IOException;

  /** Returns the number of bytes received from the socket. */
  long received();

  /** Ends the protocol above TCP; the caller closes the socket. */
  void close();
}
