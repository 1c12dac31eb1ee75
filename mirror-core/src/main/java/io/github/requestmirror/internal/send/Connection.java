package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.apache.hc.core5.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the target. Carries one exchange at a time. Whatever it throws ends at most the
 * exchange at hand. Confined to the sender's thread.
 */
final class Connection {
  /** The number of bytes to write before other connections take their turn. */
  private static final int MAX_WRITTEN_BYTES = 1 << 20;

  /** What a connection reports to its sender. */
  interface Owner {
    /** The connection is established. */
    void onOpened(Connection connection);

    /** The connection is closed. */
    void onClosed(Connection connection);

    /** The connection could not be established; the exchange may try another address. */
    void onConnectFailed(HttpExchange exchange, Throwable cause);

    /** An exchange has ended and the connection can carry another one. */
    void onIdle(Connection connection);

    /** A reused connection had been closed before it accepted any byte of the request. */
    void onStale(HttpExchange exchange);

    /** A reused connection was closed without a response; the request is to be sent again. */
    void onRepeat(HttpExchange exchange);

    /** Asks for a call of {@link #onReady} although the socket may not be ready. */
    void again(Connection connection);
  }

  private enum State {
    CONNECTING,
    HANDSHAKE,
    BUSY,
    IDLE,
    CLOSED
  }

  private final Owner owner;
  private final SocketChannel socket;
  private final SelectionKey key;
  private final Transport transport;
  private final RequestEncoder encoder;
  private final ByteBuffer output;
  private final ByteBuffer discarded;
  private final ResponseReader response;
  private final long maxResponseBytes;
  private final long openedAt;
  private State state = State.CONNECTING;
  private boolean used;
  private @Nullable HttpExchange exchange;
  private @Nullable IOException writeFailure;

  /**
   * @param output a buffer for requests, shared by all connections of the sender
   * @param discarded a buffer for the bytes of responses, shared by all connections of the sender
   */
  Connection(
      Owner owner,
      SocketChannel socket,
      SelectionKey key,
      Transport transport,
      RequestEncoder encoder,
      ByteBuffer output,
      ByteBuffer discarded,
      long maxResponseBytes,
      long now) {
    this.owner = owner;
    this.socket = socket;
    this.key = key;
    this.transport = transport;
    this.encoder = encoder;
    this.output = output;
    this.discarded = discarded;
    this.response = new ResponseReader(transport, discarded);
    this.maxResponseBytes = maxResponseBytes;
    this.openedAt = now;
  }

  long openedAt() {
    return openedAt;
  }

  boolean isClosed() {
    return state == State.CLOSED;
  }

  boolean isRegisteredWith(Selector selector) {
    return key.selector() == selector;
  }

  /** Sends the exchange's request when the connection is established. */
  void open(HttpExchange exchange, boolean connected) {
    this.exchange = exchange;
    exchange.begin(this);
    guarded(
        () -> {
          if (connected) {
            proceed();
          } else {
            listen(SelectionKey.OP_CONNECT);
          }
        });
  }

  /** Sends the exchange's request on this idle connection. */
  void reuse(HttpExchange exchange) {
    this.exchange = exchange;
    exchange.begin(this);
    start();
    guarded(this::sendAndReceive);
  }

  private void start() {
    state = State.BUSY;
    HttpExchange current = exchange;
    if (current != null) {
      writeFailure = null;
      response.start(current.request().method(), maxResponseBytes);
    }
  }

  /** Does the I/O that is possible. Called when the socket is ready. */
  void onReady() {
    guarded(this::proceed);
  }

  /** Called after a task of the handshake. */
  void onTaskEnd() {
    if (state != State.CLOSED) {
      guarded(
          () -> {
            transport.taskEnded();
            proceed();
          });
    }
  }

  private interface Step {
    void run() throws IOException, HttpException;
  }

  private void guarded(Step step) {
    try {
      step.run();
    } catch (Throwable t) {
      fail(t);
    }
  }

  private void proceed() throws IOException, HttpException {
    if (state == State.CONNECTING && socket.finishConnect()) {
      state = State.HANDSHAKE;
    }
    if (state == State.HANDSHAKE) {
      if (transport.handshake()) {
        owner.onOpened(this);
        start();
      } else {
        listen(
            transport.isTaskRunning()
                ? 0
                : transport.hasPendingOutput() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
      }
    }
    if (state == State.BUSY) {
      sendAndReceive();
    } else if (state == State.IDLE && transport.read(discarded.clear()) != 0) {
      throw new IOException("the target closed the idle connection or sent bytes on it");
    }
  }

  private void sendAndReceive() throws IOException, HttpException {
    HttpExchange current = exchange;
    if (current == null) {
      return;
    }
    boolean writing = writeFailure == null && !isSent(current);
    if (writing) {
      write(current);
      if (current.isCompletelySent() && !response.hasStarted()) {
        // The response cannot have been received yet.
        listenForResponse(current);
        return;
      }
    }
    if (response.read()) {
      complete(current);
    } else {
      if (response.isInterrupted()) {
        owner.again(this);
      }
      listenForResponse(current);
    }
  }

  private boolean isSent(HttpExchange current) {
    return current.isCompletelySent() && !transport.hasPendingOutput();
  }

  private void listenForResponse(HttpExchange current) {
    boolean writing = writeFailure == null && !isSent(current);
    listen(writing ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
  }

  private void write(HttpExchange current) {
    try {
      boolean accepted = transport.write(output.clear().limit(0));
      long written = 0;
      while (accepted && !current.isCompletelySent() && written < MAX_WRITTEN_BYTES) {
        boolean last = encoder.encode(current.request(), current.sent(), output.clear());
        accepted = transport.write(output.flip());
        written += output.position();
        current.advance(output.position(), last && !output.hasRemaining());
      }
    } catch (IOException e) {
      // The target may have sent an error response before it closed the connection.
      writeFailure = e;
    }
  }

  private void complete(HttpExchange current) {
    boolean reusable = writeFailure == null && isSent(current) && response.keepsAlive();
    exchange = null;
    used = true;
    current.responded(response);
    response.end();
    if (reusable) {
      state = State.IDLE;
      listen(SelectionKey.OP_READ);
      owner.onIdle(this);
    } else {
      close();
    }
  }

  private void listen(int operations) {
    if (key.interestOps() != operations) {
      key.interestOps(operations);
    }
  }

  /** Closes the connection, which has failed, and ends or repeats its exchange. */
  void fail(Throwable cause) {
    fail(cause, true);
  }

  /** Closes the connection, which has not failed by itself, and ends its exchange. */
  void abort(Throwable cause) {
    fail(cause, false);
  }

  private void fail(Throwable cause, boolean mayRepeat) {
    State was = state;
    HttpExchange current = exchange;
    close();
    if (current == null) {
      return;
    }
    if (was == State.CONNECTING || was == State.HANDSHAKE) {
      owner.onConnectFailed(current, cause);
    } else if (response.status() != 0) {
      // The status decides the outcome, even if the body of the response is incomplete.
      current.responded(response);
    } else if (used && current.sent() == 0 && writeFailure != null) {
      owner.onStale(current);
    } else if (mayRepeat && wasClosedWhileIdle(cause) && current.repeats()) {
      owner.onRepeat(current);
    } else {
      current.failed(explained(writeFailure == null ? cause : writeFailure));
    }
  }

  /** Tells a connection that was closed while idle from one that broke during the response. */
  private boolean wasClosedWhileIdle(Throwable cause) {
    return used && !response.hasStarted() && cause instanceof IOException;
  }

  private Throwable explained(Throwable cause) {
    return wasClosedWhileIdle(cause)
        ? new IOException("the target closed an idle connection as the copy was sent", cause)
        : cause;
  }

  /** Closes the connection without ending its exchange. */
  void close() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    exchange = null;
    owner.onClosed(this);
    try {
      transport.close();
    } finally {
      closeSocket();
    }
  }

  /** Cancels the selection key, too. */
  private void closeSocket() {
    try {
      socket.close();
    } catch (IOException e) {
      // There is nothing left to do for this socket.
    }
  }
}
