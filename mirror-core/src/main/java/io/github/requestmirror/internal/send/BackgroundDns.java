package io.github.requestmirror.internal.send;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.internal.accounting.GuardedLog;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.core5.net.InetAddressUtils;
import org.jspecify.annotations.Nullable;

/**
 * Resolves one host on a background thread, because the thread that sends must not wait. Provides
 * the addresses of the last successful lookup, rotated, so that all addresses are used.
 */
final class BackgroundDns implements AutoCloseable {
  private static final GuardedLog logger = new GuardedLog(Mirror.class);

  /** A DNS lookup, which may block. */
  interface Lookup {
    InetAddress[] lookup(String host) throws UnknownHostException;
  }

  private final String host;
  private final Lookup lookup;
  private final CountDownLatch firstLookup = new CountDownLatch(1);
  private final AtomicInteger rotation = new AtomicInteger();
  private final @Nullable Thread thread;
  private volatile InetAddress[] addresses = {};

  BackgroundDns(String host, Duration refresh, String threadName, Lookup lookup) {
    this.host = host;
    this.lookup = lookup;
    if (InetAddressUtils.isIPv4(host) || InetAddressUtils.isIPv6(host)) {
      thread = null;
      refresh();
    } else {
      thread = new Thread(() -> run(refresh), threadName);
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Waits for the first lookup, so that the first copies do not fail without an address. */
  void awaitFirstLookup(Duration atMost) {
    try {
      if (!firstLookup.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        logger.warn("host {} is not resolved yet; copies fail until then", host);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(Duration interval) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        refresh();
        TimeUnit.NANOSECONDS.sleep(interval.toNanos());
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void refresh() {
    try {
      InetAddress[] found = lookup.lookup(host);
      if (found.length > 0) {
        addresses = found.clone();
      }
    } catch (Exception | Error e) {
      // Keep the previous addresses. Without any, each copy fails with UnknownHostException.
      logger.debug("lookup of {} failed", host, e);
    } finally {
      firstLookup.countDown();
    }
  }

  /**
   * Returns the known addresses, in the order in which to try them. Any thread.
   *
   * @throws UnknownHostException if no lookup has succeeded so far
   */
  InetAddress[] resolve() throws UnknownHostException {
    InetAddress[] known = addresses;
    if (known.length == 0) {
      throw new UnknownHostException(host);
    }
    InetAddress[] rotated = new InetAddress[known.length];
    int first = Math.floorMod(rotation.getAndIncrement(), known.length);
    for (int i = 0; i < known.length; i++) {
      rotated[i] = known[(first + i) % known.length];
    }
    return rotated;
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
