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
 * A connection that is closed once an exchange has received more bytes than {@link
 * DiscardingResponseConsumer#maxReceivedBytes()}. HttpCore has no such limit: it keeps headers,
 * trailers and unfinished lines in memory, and HttpCore 5.4 does not leave its parser while interim
 * responses arrive as fast as they are parsed. The check is here because the parser comes here for
 * more.
 */
final class LimitedSession implements IOSession {
  private final IOSession session;
  private volatile Exchange exchange = new Exchange(null, 0);

  LimitedSession(IOSession session) {
    this.session = session;
  }

  /** The present exchange, or the last one. */
  private static final class Exchange {
    final @Nullable HttpContext context;
    final @Nullable DiscardingResponseConsumer consumer;

    /** What the connection had received before. */
    final long receivedBefore;

    /** What the exchange has received, at the last read. I/O thread only. */
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

    /** Returns the connection, once it executes the exchange. */
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
    Exchange present = exchange;
    // Compares what the parser has had a chance to parse, not what waits behind it in the buffer.
    if (present.received > present.limit()) {
      // A graceful end of TLS would read on.
      session.close(CloseMode.IMMEDIATE);
      throw new IOException("response longer than " + present.limit() + " bytes in all");
    }
    int count = session.read(into);
    int more = Math.max(0, count);
    EndpointDetails connection = present.connection();
    if (connection == null) {
      present.received += more;
    } else {
      // The connection counts also what TLS hands to it directly.
      present.received = connection.getReceivedBytesCount() + more - present.receivedBefore;
    }
    return count;
  }

  // The rest is the session's own.

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
