package io.github.requestmirror;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A server that receives copies, and the limits on the memory, connections and time that copies to
 * it may use. Every limit has a finite default. Immutable; the targets of a running {@link Mirror}
 * cannot be changed.
 *
 * <p>Each target of a mirror has its own buffer, connections, threads and circuit breaker, so a
 * target that is down does not affect another.
 */
public final class MirrorTarget {
  private final Builder values;

  private MirrorTarget(Builder values) {
    this.values = values;
  }

  /**
   * Returns a target with default limits.
   *
   * @param uri see {@link #builder(URI)}
   * @return the target
   */
  public static MirrorTarget of(URI uri) {
    return builder(uri).build();
  }

  /**
   * Returns a builder with default limits.
   *
   * @param uri the base URI, {@code http} or {@code https}, without user, query or fragment; its
   *     path, if any, is put before the path of each request
   * @return the builder
   * @throws IllegalArgumentException when the URI is not of this form
   */
  public static Builder builder(URI uri) {
    return new Builder(uri);
  }

  /** Returns a builder with this target's values. */
  public Builder toBuilder() {
    return values.copy();
  }

  /** Returns the base URI, as given to {@link #builder(URI)}. */
  public URI uri() {
    return values.uri;
  }

  /** Returns the name of the target in statistics, logs and thread names. */
  public String name() {
    return values.name;
  }

  /** Returns the maximum number of copies in flight, which is also that of connections. */
  public int maxInFlight() {
    return values.maxInFlight;
  }

  /** Returns the memory limit, in bytes, for captured and queued copies. */
  public long bufferBytes() {
    return values.bufferBytes;
  }

  /** Returns the size, in bytes, of the largest body that is mirrored. */
  public long maxBodyBytes() {
    return values.maxBodyBytes;
  }

  /** Returns how long a captured copy may wait to be sent. */
  public Duration maxQueueTime() {
    return values.maxQueueTime;
  }

  /** Returns the timeout for connecting to one address. */
  public Duration connectTimeout() {
    return values.connectTimeout;
  }

  /** Returns the timeout from sending a copy to the end of its response. */
  public Duration callTimeout() {
    return values.callTimeout;
  }

  /** Returns the maximum number of attempts after the first. */
  public int maxRetries() {
    return values.maxRetries;
  }

  /** Returns how many bytes of a response body are read and discarded at most. */
  public long maxResponseBytes() {
    return values.maxResponseBytes;
  }

  /** Returns the interval between DNS lookups of the host name. */
  public Duration dnsRefreshInterval() {
    return values.dnsRefreshInterval;
  }

  /** Returns the maximum age of a connection. */
  public Duration connectionTimeToLive() {
    return values.connectionTimeToLive;
  }

  /** Returns how long {@link Mirror#close()} waits for pending copies. */
  public Duration drainTimeout() {
    return values.drainTimeout;
  }

  /** Returns the TLS settings, or null for the JVM's default context. */
  public @Nullable SSLContext sslContext() {
    return values.sslContext;
  }

  /** Returns all settings; none of them is secret. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s{uri=%s, maxInFlight=%d, bufferBytes=%d, maxBodyBytes=%d, maxQueueTime=%s, connectTimeout=%s,"
            + " callTimeout=%s, maxRetries=%d, maxResponseBytes=%d, dnsRefreshInterval=%s, connectionTimeToLive=%s,"
            + " drainTimeout=%s, tls=%s}",
        name(),
        uri(),
        maxInFlight(),
        bufferBytes(),
        maxBodyBytes(),
        maxQueueTime(),
        connectTimeout(),
        callTimeout(),
        maxRetries(),
        maxResponseBytes(),
        dnsRefreshInterval(),
        connectionTimeToLive(),
        drainTimeout(),
        sslContext() == null ? "default" : "custom");
  }

  /** Builds a target. Each setter validates its argument. Not thread-safe. */
  public static final class Builder {
    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final long MEBIBYTE = 1 << 20;
    private static final long GIBIBYTE = 1 << 30;

    private final URI uri;
    private String name;
    private int maxInFlight = 64;
    private long bufferBytes = 64 * MEBIBYTE;
    private long maxBodyBytes = 16 * MEBIBYTE;
    private Duration maxQueueTime = Duration.ofSeconds(30);
    private Duration connectTimeout = Duration.ofSeconds(1);
    private Duration callTimeout = Duration.ofSeconds(10);
    private int maxRetries;
    private long maxResponseBytes = 64 << 10;
    private Duration dnsRefreshInterval = Duration.ofSeconds(5);
    private Duration connectionTimeToLive = Duration.ofMinutes(5);
    private Duration drainTimeout = Duration.ofSeconds(5);
    private @Nullable SSLContext sslContext;

    private Builder(URI uri) {
      this.uri = checked(uri);
      this.name = uri.getHost() + ":" + port(uri) + path(uri);
    }

    private static URI checked(URI uri) {
      Objects.requireNonNull(uri, "uri");
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if (!scheme.equals("http") && !scheme.equals("https")) {
        throw new IllegalArgumentException(
            "uri '" + shown(uri) + "' must start with http:// or https://");
      }
      if (uri.getHost() == null) {
        throw new IllegalArgumentException(
            "uri '" + shown(uri) + "' must name a host, as in http://host:9009");
      }
      if (uri.getPort() == 0 || uri.getPort() > 65535) {
        throw new IllegalArgumentException(
            "uri '" + shown(uri) + "' must have a port from 1 to 65535");
      }
      if (uri.getRawUserInfo() != null) {
        throw new IllegalArgumentException(
            "uri '"
                + shown(uri)
                + "' must not hold credentials; set an Authorization header in the policy");
      }
      if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
        throw new IllegalArgumentException(
            "uri '" + shown(uri) + "' must not have a query or fragment");
      }
      return uri;
    }

    /**
     * Returns the URI without any password. {@link URI#getRawUserInfo()} returns null for a URI
     * with an invalid host, so the user info is found by pattern.
     */
    private static String shown(URI uri) {
      return uri.toString().replaceFirst("^([^:/]*:)?(//)?[^/?#]*@", "$1$2***@");
    }

    private static int port(URI uri) {
      if (uri.getPort() >= 0) {
        return uri.getPort();
      }
      return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    private static String path(URI uri) {
      return uri.getRawPath().equals("/") ? "" : uri.getRawPath();
    }

    /**
     * Sets the name of the target in statistics, logs and thread names. Default: host, port and
     * path.
     *
     * @param name not blank, unique within the mirror
     * @return this
     */
    public Builder name(String name) {
      if (Objects.requireNonNull(name, "name").isBlank()) {
        throw new IllegalArgumentException("name '" + name + "' must not be blank");
      }
      this.name = name;
      return this;
    }

    /**
     * Sets the maximum number of copies in flight, which is also that of connections. A target
     * keeps up only if it is at least the number of requests per second times the target's response
     * time in seconds. Default 64.
     *
     * @param maxInFlight from 1 to 10000
     * @return this
     */
    public Builder maxInFlight(int maxInFlight) {
      this.maxInFlight = (int) Require.inRange("maxInFlight", maxInFlight, 1, 10_000);
      return this;
    }

    /**
     * Sets the memory limit for captured and queued copies: what bodies, heads and the objects of
     * the mirror take on the heap of a 64-bit JVM. A copy that exceeds it is dropped and counted as
     * {@link Outcome#BUFFER_FULL}. The {@linkplain MirrorPolicy.Builder#orderKeys keys} of waiting
     * copies may take an eighth more. Chunks that are kept for the next bodies, once for all
     * targets, take another sixteenth of the largest limit, 4 MiB at most. Default 64 MiB: one to
     * two seconds of a remote-write sender with a million samples per second.
     *
     * @param bufferBytes from 64 KiB to 64 GiB
     * @return this
     */
    public Builder bufferBytes(long bufferBytes) {
      this.bufferBytes = Require.inRange("bufferBytes", bufferBytes, 64 << 10, 64 * GIBIBYTE);
      return this;
    }

    /**
     * Sets the size of the largest body that is mirrored. A request with a larger body counts as
     * {@link Outcome#BODY_TOO_LARGE}. Must not exceed {@link #bufferBytes(long)}. Default 16 MiB.
     *
     * @param maxBodyBytes from 0 to 1 GiB
     * @return this
     */
    public Builder maxBodyBytes(long maxBodyBytes) {
      this.maxBodyBytes = Require.inRange("maxBodyBytes", maxBodyBytes, 0, GIBIBYTE);
      return this;
    }

    /**
     * Sets how long a captured copy may wait to be sent, once the primary has responded if it waits
     * for that; after that it counts as {@link Outcome#EXPIRED}. A body of which no more bytes
     * arrive for so long ends as {@link Outcome#CAPTURE_TOO_SLOW} if it has taken more than 4 KiB
     * of the buffer. Default 30 s.
     *
     * @param maxQueueTime from 1 ms to 1 day
     * @return this
     */
    public Builder maxQueueTime(Duration maxQueueTime) {
      this.maxQueueTime = Require.inRange("maxQueueTime", maxQueueTime, MILLISECOND, DAY);
      return this;
    }

    /**
     * Sets the timeout for connecting to one address. Default 1 s.
     *
     * @param connectTimeout from 1 ms to 1 day
     * @return this
     */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = Require.inRange("connectTimeout", connectTimeout, MILLISECOND, DAY);
      return this;
    }

    /**
     * Sets the timeout from sending a copy, connecting included, to the end of its response.
     * Default 10 s.
     *
     * @param callTimeout from 1 ms to 1 day
     * @return this
     */
    public Builder callTimeout(Duration callTimeout) {
      this.callTimeout = Require.inRange("callTimeout", callTimeout, MILLISECOND, DAY);
      return this;
    }

    /**
     * Sets the maximum number of retries of a copy after a failed connect, a broken connection, 429
     * or 5xx. A timeout is not retried, because the target may still be processing the copy. While
     * a copy waits for a retry it keeps its place in the order, and copies that depend on it wait.
     * The delay is 100 ms, doubled with each retry up to 5 s, or the target's {@code Retry-After}
     * (RFC 9110 10.2.3) if that is longer. A copy is not retried after {@link
     * #maxQueueTime(Duration)}. The outcome is that of the last attempt. With retries, requests are
     * also captured while the target is down.
     *
     * <p>The target may have applied a copy that it did not acknowledge. Use retries only with
     * targets that accept duplicates, as remote-write receivers do. Default 0.
     *
     * @param maxRetries from 0 to 100
     * @return this
     */
    public Builder maxRetries(int maxRetries) {
      this.maxRetries = (int) Require.inRange("maxRetries", maxRetries, 0, 100);
      return this;
    }

    /**
     * Sets how many bytes of a response body are read and discarded. When the body is longer, the
     * connection is closed; the status still decides the outcome. Default 64 KiB.
     *
     * <p>The rest of a response (interim responses, status line, headers, trailers, chunk framing)
     * is limited to another 64 KiB and to 1000 header lines. When a response exceeds that limit,
     * the connection is closed; if the final status has not arrived, the copy ends as {@link
     * Outcome#IO_ERROR}. The limits may be exceeded by the bytes of the last read, at most as many
     * again. The memory of a connection is thus proportional to 64 KiB, whatever the target sends,
     * and there are at most {@link #maxInFlight(int)} connections.
     *
     * @param maxResponseBytes from 0 to 1 GiB
     * @return this
     */
    public Builder maxResponseBytes(long maxResponseBytes) {
      this.maxResponseBytes = Require.inRange("maxResponseBytes", maxResponseBytes, 0, GIBIBYTE);
      return this;
    }

    /**
     * Sets the interval between DNS lookups of the host name. They run in the background; when one
     * fails, the previous addresses stay in use. The JVM's cache ({@code networkaddress.cache.ttl},
     * 30 s by default) applies in addition. Default 5 s.
     *
     * @param dnsRefreshInterval from 100 ms to 1 day
     * @return this
     */
    public Builder dnsRefreshInterval(Duration dnsRefreshInterval) {
      this.dnsRefreshInterval =
          Require.inRange("dnsRefreshInterval", dnsRefreshInterval, Duration.ofMillis(100), DAY);
      return this;
    }

    /**
     * Sets the maximum age of a connection. New connections use the addresses of the latest DNS
     * lookup. Default 5 min.
     *
     * @param connectionTimeToLive from 1 ms to 1 day
     * @return this
     */
    public Builder connectionTimeToLive(Duration connectionTimeToLive) {
      this.connectionTimeToLive =
          Require.inRange("connectionTimeToLive", connectionTimeToLive, MILLISECOND, DAY);
      return this;
    }

    /**
     * Sets how long {@link Mirror#close()} waits for pending copies. Default 5 s.
     *
     * @param drainTimeout from 0 to 1 day
     * @return this
     */
    public Builder drainTimeout(Duration drainTimeout) {
      this.drainTimeout = Require.inRange("drainTimeout", drainTimeout, Duration.ZERO, DAY);
      return this;
    }

    /**
     * Sets the trusted and client certificates for {@code https}. Host names are always verified.
     * Default: the JVM's default context.
     *
     * @param sslContext the context
     * @return this
     */
    public Builder sslContext(SSLContext sslContext) {
      this.sslContext = Objects.requireNonNull(sslContext, "sslContext");
      return this;
    }

    /**
     * Returns the target.
     *
     * @throws IllegalArgumentException when {@code maxBodyBytes} exceeds {@code bufferBytes}
     */
    public MirrorTarget build() {
      if (maxBodyBytes > bufferBytes) {
        throw new IllegalArgumentException(
            "maxBodyBytes " + maxBodyBytes + " must not exceed bufferBytes " + bufferBytes);
      }
      return new MirrorTarget(copy());
    }

    private Builder copy() {
      Builder copy = new Builder(uri);
      copy.name = name;
      copy.maxInFlight = maxInFlight;
      copy.bufferBytes = bufferBytes;
      copy.maxBodyBytes = maxBodyBytes;
      copy.maxQueueTime = maxQueueTime;
      copy.connectTimeout = connectTimeout;
      copy.callTimeout = callTimeout;
      copy.maxRetries = maxRetries;
      copy.maxResponseBytes = maxResponseBytes;
      copy.dnsRefreshInterval = dnsRefreshInterval;
      copy.connectionTimeToLive = connectionTimeToLive;
      copy.drainTimeout = drainTimeout;
      copy.sslContext = sslContext;
      return copy;
    }
  }
}
