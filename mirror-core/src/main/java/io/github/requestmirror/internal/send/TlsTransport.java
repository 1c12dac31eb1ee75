package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A connection with TLS by an {@link SSLEngine}. The engine checks that the certificate is valid
 * for the host (RFC 9110 4.3.4). Its tasks, which may call a trust manager of the application, run
 * on another thread.
 */
final class TlsTransport implements Transport {
  /** Far more than the longest certificate chain in use. */
  private static final int MAX_HANDSHAKE_BYTES = 256 << 10;

  private static final int MAX_RECORDS_WITHOUT_DATA = 1000;
  private static final String RENEGOTIATION = "the target renegotiates, which is not supported";
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

  private final SocketChannel socket;
  private final SSLEngine engine;
  private final Executor tasks;
  private final Runnable onTaskEnd;

  // Between calls, position and limit of each buffer enclose the bytes that are not consumed.
  private ByteBuffer encryptedIn;
  private ByteBuffer encryptedOut;
  private ByteBuffer decrypted;

  private boolean handshaking = true;
  private boolean taskRunning;
  private long received;

  /** Set by the task's thread before it calls {@link #onTaskEnd}. */
  private volatile @Nullable Throwable taskFailure;

  /**
   * @param tasks runs the tasks of handshakes
   * @param onTaskEnd called by the thread of {@code tasks} when {@link #taskEnded} is to be called
   */
  TlsTransport(SocketChannel socket, SSLEngine engine, Executor tasks, Runnable onTaskEnd)
      throws SSLException {
    this.socket = socket;
    this.engine = engine;
    this.tasks = tasks;
    this.onTaskEnd = onTaskEnd;
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    engine.setUseClientMode(true);
    int record = engine.getSession().getPacketBufferSize();
    encryptedIn = ByteBuffer.allocateDirect(record).limit(0);
    encryptedOut = ByteBuffer.allocateDirect(record).limit(0);
    decrypted = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
    engine.beginHandshake();
  }

  @Override
  public boolean handshake() throws IOException {
    while (!taskRunning && flush()) {
      switch (engine.getHandshakeStatus()) {
        case NEED_WRAP -> wrap(NO_BYTES);
        case NEED_TASK -> startTasks();
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (received > MAX_HANDSHAKE_BYTES) {
            throw new SSLException("handshake longer than " + MAX_HANDSHAKE_BYTES + " bytes");
          }
          int records = unwrap();
          if (records < 0) {
            throw new SSLException("the target closed the connection during the handshake");
          }
          if (records == 0) {
            return false;
          }
        }
        case FINISHED, NOT_HANDSHAKING -> {
          if (decrypted.hasRemaining()) {
            throw new SSLException("the target responded before the request");
          }
          handshaking = false;
          return true;
        }
      }
    }
    return false;
  }

  private void startTasks() {
    taskRunning = true;
    tasks.execute(
        () -> {
          try {
            runTasks();
          } catch (Throwable t) {
            taskFailure = t;
          }
          onTaskEnd.run();
        });
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  @Override
  public boolean isTaskRunning() {
    return taskRunning;
  }

  @Override
  public void taskEnded() throws IOException {
    taskRunning = false;
    Throwable failure = taskFailure;
    if (failure != null) {
      throw new SSLException("a task of the handshake failed", failure);
    }
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    for (int i = 0; i < MAX_RECORDS_WITHOUT_DATA; i++) {
      if (decrypted.hasRemaining()) {
        int count = Math.min(decrypted.remaining(), into.remaining());
        into.put(into.position(), decrypted, decrypted.position(), count);
        into.position(into.position() + count);
        decrypted.position(decrypted.position() + count);
        return count;
      }
      int records = unwrap();
      if (records <= 0) {
        return records;
      }
      respondToPeer();
    }
    throw new SSLException("the target sends only TLS records without data");
  }

  /** Does what a record without data asks for, such as an update of the keys. */
  private void respondToPeer() throws IOException {
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      // Only a new handshake of TLS 1.2 has tasks, which must not run on this thread.
      throw new SSLException(RENEGOTIATION);
    }
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && flush()) {
      wrap(NO_BYTES);
      flush();
    }
  }

  /**
   * Decrypts one record into the empty buffer.
   *
   * @return the number of records, 0 if it has not been received completely, or -1 at the end
   */
  private int unwrap() throws IOException {
    while (true) {
      SSLEngineResult result = engine.unwrap(encryptedIn, decrypted.clear());
      decrypted.flip();
      switch (result.getStatus()) {
        case OK -> {
          return 1;
        }
        case CLOSED -> {
          return -1;
        }
        case BUFFER_UNDERFLOW -> {
          int count = fill();
          if (count <= 0) {
            return count;
          }
        }
        case BUFFER_OVERFLOW ->
            decrypted = larger(decrypted, engine.getSession().getApplicationBufferSize()).limit(0);
      }
    }
  }

  private int fill() throws IOException {
    if (encryptedIn.remaining() == encryptedIn.capacity()) {
      ByteBuffer more = larger(encryptedIn, engine.getSession().getPacketBufferSize());
      encryptedIn = more.put(encryptedIn).flip();
    }
    encryptedIn.compact();
    try {
      int count = socket.read(encryptedIn);
      received += Math.max(0, count);
      return count;
    } finally {
      encryptedIn.flip();
    }
  }

  private static ByteBuffer larger(ByteBuffer buffer, int capacity) throws SSLException {
    if (capacity <= buffer.capacity()) {
      throw new SSLException("the target sent a TLS record that is too long");
    }
    return ByteBuffer.allocate(capacity);
  }

  @Override
  public boolean write(ByteBuffer bytes) throws IOException {
    while (flush()) {
      if (!bytes.hasRemaining()) {
        return true;
      }
      wrap(bytes);
      if (!encryptedOut.hasRemaining()) {
        throw new SSLException(RENEGOTIATION);
      }
    }
    return false;
  }

  /** Encrypts one record into the empty buffer. */
  private void wrap(ByteBuffer bytes) throws IOException {
    SSLEngineResult result = engine.wrap(bytes, encryptedOut.clear());
    encryptedOut.flip();
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
      encryptedOut = larger(encryptedOut, engine.getSession().getPacketBufferSize()).limit(0);
      wrap(bytes);
    } else if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
      throw new SSLException("the target closed the TLS connection");
    }
  }

  /** Returns whether the socket has accepted everything. */
  private boolean flush() throws IOException {
    if (encryptedOut.hasRemaining()) {
      socket.write(encryptedOut);
    }
    return !encryptedOut.hasRemaining();
  }

  @Override
  public boolean hasPendingOutput() {
    return encryptedOut.hasRemaining();
  }

  @Override
  public long received() {
    return received;
  }

  /** Sends a close_notify alert if the socket accepts it at once. */
  @Override
  public void close() {
    if (handshaking || encryptedOut.hasRemaining()) {
      return;
    }
    try {
      engine.closeOutbound();
      engine.wrap(NO_BYTES, encryptedOut.clear());
      socket.write(encryptedOut.flip());
    } catch (IOException | RuntimeException e) {
      // The alert is a courtesy.
    }
  }
}
