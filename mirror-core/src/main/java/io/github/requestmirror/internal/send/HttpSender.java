package io.github.requestmirror.internal.send;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.accounting.GuardedLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends with HTTP/1.1 on one thread, which waits in a {@link Selector}. Reuses the connection that
 * became idle last, so that those that are not needed stay idle and the target can close them.
 *
 * <p>Two other threads exist where they are needed: one for DNS, one for the tasks of TLS
 * handshakes.
 */
public final class HttpSender implements Sender {
  /** Large enough to send head and body of an ordinary remote-write request in one write. */
  private static final int OUTPUT_BYTES = 256 << 10;

  private static final int DISCARDED_BYTES = 32 << 10;

  /** Bounds the delay if a wake-up fails, which was seen while the heap was full. */
  private static final long LONGEST_WAIT_MILLIS = TimeUnit.SECONDS.toMillis(1);

  /** Opens selectors. */
  interface SelectorFactory {
    Selector open() throws IOException;
  }

  private final MirrorTarget target;
  private final TargetAddress address;
  private final BackgroundDns dns;
  private final TransportFactory transports;
  private final LongSupplier clock;
  private final SelectorFactory selectors;
  private final GuardedLog logger;
  private final long connectTimeout;
  private final long timeToLive;

  private final ByteBuffer output = ByteBuffer.allocateDirect(OUTPUT_BYTES);
  private final ByteBuffer discarded = ByteBuffer.allocateDirect(DISCARDED_BYTES);
  private final RequestEncoder encoder = new RequestEncoder();
  private final Consumer<SelectionKey> onReady = HttpSender::ready;
  private final Connection.Owner owner = new Connections();

  /** Replaced by the sender's thread if it fails. */
  private volatile Selector selector;

  /** The connection that became idle last is the last. */
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();

  /** All connections that are not closed. */
  private final List<Connection> connections = new ArrayList<>();

  /** The connections that are not established yet, oldest first. */
  private final Set<Connection> opening = new LinkedHashSet<>();

  /** The connections that have more to do although their sockets may not be ready. */
  private final Set<Connection> again = new LinkedHashSet<>();

  /** The connections whose TLS tasks have ended. The only state that other threads use. */
  private final Queue<SelectionKey> afterTask = new ConcurrentLinkedQueue<>();

  /**
   * Creates a sender. Waits for the first DNS lookup, for at most the connect timeout.
   *
   * @param reports runs the application's appenders
   */
  public static HttpSender start(MirrorTarget target, TargetAddress address, Executor reports) {
    return start(target, address, reports, InetAddress::getAllByName, Selector::open);
  }

  static HttpSender start(
      MirrorTarget target,
      TargetAddress address,
      Executor reports,
      BackgroundDns.Lookup lookup,
      SelectorFactory selectors) {
    ResponseReader.initialize();
    BackgroundDns dns =
        new BackgroundDns(
            address.host(),
            target.dnsRefreshInterval(),
            "mirror-" + target.name() + "-dns",
            lookup);
    try {
      dns.awaitFirstLookup(target.connectTimeout());
      return new HttpSender(target, address, dns, reports, selectors, System::nanoTime);
    } catch (IOException e) {
      dns.close();
      throw new UncheckedIOException(e);
    } catch (Throwable t) {
      dns.close();
      throw t;
    }
  }

  private HttpSender(
      MirrorTarget target,
      TargetAddress address,
      BackgroundDns dns,
      Executor reports,
      SelectorFactory selectors,
      LongSupplier clock)
      throws IOException {
    this.target = target;
    this.address = address;
    this.dns = dns;
    this.clock = clock;
    this.logger = new GuardedLog(Mirror.class, reports);
    this.connectTimeout = target.connectTimeout().toNanos();
    this.timeToLive = target.connectionTimeToLive().toNanos();
    this.transports =
        new TransportFactory(address, target.sslContext(), "mirror-" + target.name() + "-tls");
    this.selectors = selectors;
    this.selector = selectors.open();
  }

  private static void ready(SelectionKey key) {
    connection(key).onReady();
  }

  private static Connection connection(SelectionKey key) {
    return (Connection) key.attachment();
  }

  @Override
  public Exchange send(OutboundRequest request, Callback callback) {
    HttpExchange exchange = new HttpExchange(request, callback);
    if (request.method().equalsIgnoreCase("TRACE") && request.body().size() > 0) {
      // RFC 9110 9.3.8 forbids a body. Not the target's fault.
      callback.ended(Result.withoutResponse(Outcome.BODY_UNSUPPORTED, null));
    } else {
      startOrCancel(exchange);
    }
    return exchange;
  }

  /** An exchange that could not be started must not read its request later. */
  private void startOrCancel(HttpExchange exchange) {
    try {
      startExchange(exchange);
    } catch (Throwable t) {
      exchange.cancel();
      throw t;
    }
  }

  private void startExchange(HttpExchange exchange) {
    long now = clock.getAsLong();
    Connection reused = idle.pollLast();
    while (reused != null && (reused.isClosed() || isTooOld(reused, now))) {
      reused.close();
      reused = idle.pollLast();
    }
    if (reused != null) {
      reused.reuse(exchange);
      return;
    }
    startOnNewConnection(exchange);
  }

  private void startOnNewConnection(HttpExchange exchange) {
    try {
      exchange.connectTo(dns.resolve());
    } catch (IOException e) {
      exchange.failedToConnect(e);
      return;
    }
    connect(exchange, null);
  }

  private boolean isTooOld(Connection connection, long now) {
    return now - connection.openedAt() >= timeToLive;
  }

  /** Connects to the next address; ends the exchange if there is none or the attempt fails. */
  private void connect(HttpExchange exchange, @Nullable Throwable lastFailure) {
    Throwable cause = lastFailure;
    for (InetAddress next = exchange.nextAddress(); next != null; next = exchange.nextAddress()) {
      SocketChannel socket = null;
      try {
        socket = SocketChannel.open();
        open(socket, next, exchange);
        return;
      } catch (Throwable t) {
        cause = t;
        close(socket);
        if (!(t instanceof IOException)) {
          break;
        }
      }
    }
    exchange.failedToConnect(cause == null ? new IOException("no address") : cause);
  }

  private void open(SocketChannel socket, InetAddress ip, HttpExchange exchange)
      throws IOException {
    socket.configureBlocking(false);
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    SelectionKey key = socket.register(selector, 0);
    Runnable onTaskEnd =
        () -> {
          afterTask.add(key);
          wakeUp();
        };
    Transport transport = transports.create(socket, onTaskEnd);
    boolean connected = socket.connect(new InetSocketAddress(ip, address.port()));
    Connection connection =
        new Connection(
            owner,
            socket,
            key,
            transport,
            encoder,
            output,
            discarded,
            target.maxResponseBytes(),
            clock.getAsLong());
    key.attach(connection);
    connections.add(connection);
    opening.add(connection);
    connection.open(exchange, connected);
  }

  private void close(@Nullable SocketChannel socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      logger.debug("failed to close a socket", e);
    }
  }

  @Override
  public void await(long nanos) {
    long wait = again.isEmpty() ? Math.min(nanos, untilConnectTimeout()) : 0;
    try {
      if (wait <= 0) {
        selector.selectNow(onReady);
      } else {
        selector.select(onReady, millis(wait));
      }
    } catch (IOException | RuntimeException | Error e) {
      replaceSelector(e);
    }
    for (SelectionKey key = afterTask.poll(); key != null; key = afterTask.poll()) {
      connection(key).onTaskEnd();
    }
    if (!again.isEmpty()) {
      List<Connection> due = List.copyOf(again);
      again.clear();
      due.forEach(Connection::onReady);
    }
    // After the I/O, so that a connection which was established in time does not fail.
    expireOpening();
  }

  /** Rounds up, because a shorter wait would only cause another one. */
  private static long millis(long nanos) {
    long millis = nanos / 1_000_000 + (nanos % 1_000_000 == 0 ? 0 : 1);
    return Math.min(millis, LONGEST_WAIT_MILLIS);
  }

  private long untilConnectTimeout() {
    return opening.isEmpty()
        ? Long.MAX_VALUE
        : opening.iterator().next().openedAt() + connectTimeout - clock.getAsLong();
  }

  private void expireOpening() {
    while (!opening.isEmpty() && untilConnectTimeout() <= 0) {
      Connection oldest = opening.iterator().next();
      opening.remove(oldest);
      oldest.fail(new SocketTimeoutException("no connection within " + target.connectTimeout()));
    }
  }

  /**
   * A selector that fails once is not expected to recover. Probably memory or file descriptors are
   * short, so its connections are closed even if there is no new selector; then the next wait tries
   * again.
   */
  private void replaceSelector(Throwable cause) {
    logger.warn(
        "the selector for {} failed; all connections are closed", address.authority(), cause);
    Selector failed = selector;
    try {
      selector = selectors.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      failConnections(failed, cause);
      closeSelector(failed);
    }
  }

  /** Needs no memory. Connections that are opened meanwhile are added at the end of the list. */
  private void failConnections(Selector failed, Throwable cause) {
    for (int i = connections.size() - 1; i >= 0; i = Math.min(i, connections.size()) - 1) {
      Connection connection = connections.get(i);
      if (connection.isRegisteredWith(failed)) {
        try {
          connection.abort(selectorFailed(cause));
        } catch (Throwable t) {
          // Out of memory: the connection is closed, and the others must be, too.
        }
      }
    }
  }

  private static Throwable selectorFailed(Throwable cause) {
    try {
      return new IOException("the selector failed", cause);
    } catch (OutOfMemoryError e) {
      return e;
    }
  }

  private void closeSelector(Selector selector) {
    try {
      selector.close();
    } catch (IOException | RuntimeException e) {
      logger.debug("failed to close a selector", e);
    }
  }

  @Override
  public void wakeUp() {
    selector.wakeup();
  }

  @Override
  public void close() {
    dns.close();
    transports.close();
    List.copyOf(connections).forEach(Connection::close);
    closeSelector(selector);
  }

  /** What the connections report. */
  private final class Connections implements Connection.Owner {
    @Override
    public void onOpened(Connection connection) {
      opening.remove(connection);
    }

    @Override
    public void onClosed(Connection connection) {
      connections.remove(connection);
      opening.remove(connection);
    }

    @Override
    public void onConnectFailed(HttpExchange exchange, Throwable cause) {
      if (cause instanceof IOException && !exchange.hasEnded()) {
        connect(exchange, cause);
      } else {
        exchange.failedToConnect(cause);
      }
    }

    @Override
    public void onIdle(Connection connection) {
      Connection oldest = idle.peekFirst();
      if (oldest != null && (oldest.isClosed() || isTooOld(oldest, clock.getAsLong()))) {
        idle.removeFirst();
        oldest.close();
      }
      idle.addLast(connection);
    }

    @Override
    public void onStale(HttpExchange exchange) {
      startExchange(exchange);
    }

    /** The other idle connections are probably closed, too. */
    @Override
    public void onRepeat(HttpExchange exchange) {
      startOnNewConnection(exchange);
    }

    @Override
    public void again(Connection connection) {
      again.add(connection);
    }
  }
}
