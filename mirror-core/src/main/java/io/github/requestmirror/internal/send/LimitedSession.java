package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.locks.Lock;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.nio.command.RequestExecutionCommand;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.Command;
import org.apache.hc.core5.reactor.IOEventHandler;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is closed when an exchange has received more bytes than {@link
 * DiscardingResponseConsumer#maxReceivedBytes()}. HttpCore has no such limit: it keeps headers,
 * trailers and unfinished lines in memory, and HttpCore 5.4 does not leave its parser while interim
 * responses arrive as fast as it parses them. The check is in {@link #read}, which the parser calls
 * for more bytes.
 */
final class LimitedSession implements IOSession {
  private final IOSession session;
  private volatile Exchange exchange = new Exchange(null, 0);

  LimitedSession(IOSession session) {
    this.session = session;
  }

  /** The current exchange, or the last one. */
  private static final class Exchange {
    final @Nullable HttpContext context;
    final @Nullable DiscardingResponseConsumer consumer;

    /** The number of bytes that the connection had received before the exchange. */
    final long receivedBefore;

    /** The number of bytes that the exchange has received. Confined to the I/O thread. */
    long received;

    Exchange(@Nullable HttpContext context, long receivedBefore) {
      this.context = context;
      this.consumer = DiscardingResponseConsumer.of(context);
      this.receivedBefore = receivedBefore;
    }

    long limit() {
      return consumer == null
          ? DiscardingResponseConsumer.OVERHEAD_BYTES
          : consumer.maxReceivedBytes();
    }

    /** Returns the connection after it has started the exchange, or null. */
    @Nullable EndpointDetails connection() {
      return context == null ? null : HttpCoreContext.cast(context).getEndpointDetails();
    }
  }

  @Override
  public void enqueue(Command command, Command.Priority priority) {
    if (command instanceof RequestExecutionCommand execution) {
      EndpointDetails connection = exchange.connection();
      long received = connection == null ? 0 : connection.getReceivedBytesCount();
      exchange = new Exchange(execution.getContext(), received);
    }
    session.enqueue(command, priority);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    Exchange current = exchange;
    // Checked before the read, so that the parser has processed all bytes that are counted.
    if (current.received > current.limit()) {
      // A graceful TLS close would continue to read.
      session.close(CloseMode.IMMEDIATE);
      throw new IOException("response longer than " + current.limit() + " bytes in total");
    }
    int count = session.read(into);
    int more = Math.max(0, count);
    EndpointDetails connection = current.connection();
    if (connection == null) {
      current.received += more;
    } else {
      // The connection also counts the bytes that the TLS layer passes to it directly.
      current.received = connection.getReceivedBytesCount() + more - current.receivedBefore;
    }
    return count;
  }

  // All other methods delegate.

  @Override
  public void upgrade(IOEventHandler handler) {
    session.upgrade(handler);
  }

  @Override
  public IOEventHandler getHandler() {
    return session.getHandler();
  }

  @Override
  public String getId() {
    return session.getId();
  }

  @Override
  public Lock getLock() {
    return session.getLock();
  }

  @Override
  public boolean hasCommands() {
    return session.hasCommands();
  }

  @Override
  public Command poll() {
    return session.poll();
  }

  @Override
  public ByteChannel channel() {
    return session.channel();
  }

  @Override
  public SocketAddress getRemoteAddress() {
    return session.getRemoteAddress();
  }

  @Override
  public SocketAddress getLocalAddress() {
    return session.getLocalAddress();
  }

  @Override
  public int getEventMask() {
    return session.getEventMask();
  }

  @Override
  public void setEventMask(int ops) {
    session.setEventMask(ops);
  }

  @Override
  public void setEvent(int op) {
    session.setEvent(op);
  }

  @Override
  public void clearEvent(int op) {
    session.clearEvent(op);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return session.write(bytes);
  }

  @Override
  public boolean isOpen() {
    return session.isOpen();
  }

  @Override
  public void close() {
    session.close();
  }

  @Override
  public void close(CloseMode mode) {
    session.close(mode);
  }

  @Override
  public Status getStatus() {
    return session.getStatus();
  }

  @Override
  public Timeout getSocketTimeout() {
    return session.getSocketTimeout();
  }

  @Override
  public void setSocketTimeout(Timeout timeout) {
    session.setSocketTimeout(timeout);
  }

  @Override
  public long getLastReadTime() {
    return session.getLastReadTime();
  }

  @Override
  public long getLastWriteTime() {
    return session.getLastWriteTime();
  }

  @Override
  public long getLastEventTime() {
    return session.getLastEventTime();
  }

  @Override
  public void updateReadTime() {
    session.updateReadTime();
  }

  @Override
  public void updateWriteTime() {
    session.updateWriteTime();
  }

  @Override
  public String toString() {
    return session.toString();
  }
}
