package io.github.requestmirror;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where copies go, and the limits that keep them from costing more than they may. Fixed for the
 * life of a {@link Mirror}; every limit has a finite default.
 *
 * <p>Each target of a mirror has its own buffer, connections, threads and health, so that a dead
 * one cannot starve another.
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
   * @param uri the base URI, {@code http} or {@code https}, without user, query or fragment. Its
   *     path, if any, is put before each request's path
   * @return the builder
   * @throws IllegalArgumentException when the URI is not of this form
   */
  public static Builder builder(URI uri) {
    return new Builder(uri);
  }

  /**
   * Returns a builder that starts with this target's values.
   *
   * @return the builder
   */
  public Builder toBuilder() {
    return values.copy();
  }

  /**
   * Returns the base URI.
   *
   * @return the URI as given
   */
  public URI uri() {
    return values.uri;
  }

  /**
   * Returns the name used in statistics, logs and thread names.
   *
   * @return the name
   */
  public String name() {
    return values.name;
  }

  /**
   * Returns how many copies may be without a response at once.
   *
   * @return the number, which is also the number of connections
   */
  public int maxInFlight() {
    return values.maxInFlight;
  }

  /**
   * Returns the byte budget of everything captured or queued for this target.
   *
   * @return bytes
   */
  public long bufferBytes() {
    return values.bufferBytes;
  }

  /**
   * Returns the largest body that is mirrored.
   *
   * @return bytes
   */
  public long maxBodyBytes() {
    return values.maxBodyBytes;
  }

  /**
   * Returns how old a captured copy may grow before it is sent.
   *
   * @return the age
   */
  public Duration maxQueueTime() {
    return values.maxQueueTime;
  }

  /**
   * Returns the time to connect.
   *
   * @return the timeout
   */
  public Duration connectTimeout() {
    return values.connectTimeout;
  }

  /**
   * Returns the time from sending a copy to the end of its response.
   *
   * @return the timeout
   */
  public Duration callTimeout() {
    return values.callTimeout;
  }

  /**
   * Returns how often a copy is sent again.
   *
   * @return the number of attempts after the first
   */
  public int maxRetries() {
    return values.maxRetries;
  }

  /**
   * Returns how much of a response's body is read and discarded before its connection is closed
   * instead.
   *
   * @return bytes
   */
  public long maxResponseBytes() {
    return values.maxResponseBytes;
  }

  /**
   * Returns how often the host name is resolved anew.
   *
   * @return the interval
   */
  public Duration dnsRefreshInterval() {
    return values.dnsRefreshInterval;
  }

  /**
   * Returns the longest life of a connection.
   *
   * @return the life
   */
  public Duration connectionTimeToLive() {
    return values.connectionTimeToLive;
  }

  /**
   * Returns how long {@link Mirror#close()} waits for pending copies.
   *
   * @return the time
   */
  public Duration drainTimeout() {
    return values.drainTimeout;
  }

  /**
   * Returns the TLS settings.
   *
   * @return the context, or null for the JVM's default
   */
  public @Nullable SSLContext sslContext() {
    return values.sslContext;
  }

  /** Returns all effective settings, none of which is secret. */
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

  /** Collects the settings of a target; each setter checks its value at once. */
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
      this.name = uri.getHost() + ":" + port(uri);
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
     * The URI without what may be a password. {@link URI#getRawUserInfo()} does not know it where
     * the host is not valid.
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

    /**
     * Sets the name in statistics, logs and thread names. Default: host and port.
     *
     * @param name not blank, unique in its mirror
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
     * Sets how many copies may be without a response at once; also the limit of connections. Causal
     * order reaches the sender's concurrency only if this is at least that. Default 64.
     *
     * @param maxInFlight from 1 to 10000
     * @return this
     */
    public Builder maxInFlight(int maxInFlight) {
      this.maxInFlight = (int) Require.inRange("maxInFlight", maxInFlight, 1, 10_000);
      return this;
    }

    /**
     * Sets the byte budget of everything captured or queued, heads included. What does not fit is
     * dropped and counted. Default 64 MiB: one to two seconds of a sender of a million samples per
     * second.
     *
     * @param bufferBytes from 64 KiB to 64 GiB
     * @return this
     */
    public Builder bufferBytes(long bufferBytes) {
      this.bufferBytes = Require.inRange("bufferBytes", bufferBytes, 64 << 10, 64 * GIBIBYTE);
      return this;
    }

    /**
     * Sets the largest body that is mirrored. Larger ones are served, not mirrored, and counted.
     * Default 16 MiB. Must not exceed {@link #bufferBytes(long)}.
     *
     * @param maxBodyBytes from 0 to 1 GiB
     * @return this
     */
    public Builder maxBodyBytes(long maxBodyBytes) {
      this.maxBodyBytes = Require.inRange("maxBodyBytes", maxBodyBytes, 0, GIBIBYTE);
      return this;
    }

    /**
     * Sets how old a captured copy may grow before it is sent. Default 30 s.
     *
     * @param maxQueueTime from 1 ms to 1 day
     * @return this
     */
    public Builder maxQueueTime(Duration maxQueueTime) {
      this.maxQueueTime = Require.inRange("maxQueueTime", maxQueueTime, MILLISECOND, DAY);
      return this;
    }

    /**
     * Sets the time to connect, to each address tried. Default 1 s.
     *
     * @param connectTimeout from 1 ms to 1 day
     * @return this
     */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = Require.inRange("connectTimeout", connectTimeout, MILLISECOND, DAY);
      return this;
    }

    /**
     * Sets the time from sending a copy, connecting included, to the end of its response. Default
     * 10 s.
     *
     * @param callTimeout from 1 ms to 1 day
     * @return this
     */
    public Builder callTimeout(Duration callTimeout) {
      this.callTimeout = Require.inRange("callTimeout", callTimeout, MILLISECOND, DAY);
      return this;
    }

    /**
     * Sets how often a copy is sent again after a failed connect, a broken connection, 429 or 5xx;
     * after a timeout it is not, as the target may still be at it. Meanwhile the copy keeps its
     * place in the order, so what depends on it waits. A retry comes after 100 ms, then twice as
     * long each time up to 5 s, or after the target's {@code Retry-After} (RFC 9110 10.2.3) if that
     * is later; there is none beyond {@link #maxQueueTime(Duration)}. The outcome is that of the
     * last attempt. The target may have applied what it did not acknowledge: use it with targets
     * that take the same twice, as remote-write receivers do. Default 0.
     *
     * @param maxRetries from 0 to 100
     * @return this
     */
    public Builder maxRetries(int maxRetries) {
      this.maxRetries = (int) Require.inRange("maxRetries", maxRetries, 0, 100);
      return this;
    }

    /**
     * Sets how much of a response's body is read and discarded; beyond it the connection is closed.
     * The outcome is then that of the status. Default 64 KiB.
     *
     * <p>Everything else of a response (interim responses, status line, headers, trailers, the
     * framing of chunks) may take another 64 KiB, at most 1000 header lines among it. Beyond that
     * the connection is closed too, and without a final status by then the copy ends as {@link
     * Outcome#IO_ERROR}. The limits are exact but for the bytes of one last read, which may be as
     * many again. A connection thus takes memory in proportion to 64 KiB whatever the target sends;
     * there are at most {@link #maxInFlight(int)} of them.
     *
     * @param maxResponseBytes from 0 to 1 GiB
     * @return this
     */
    public Builder maxResponseBytes(long maxResponseBytes) {
      this.maxResponseBytes = Require.inRange("maxResponseBytes", maxResponseBytes, 0, GIBIBYTE);
      return this;
    }

    /**
     * Sets how often the host name is resolved anew, in the background; the last good response is
     * kept. Default 5 s. The JVM's own cache ({@code networkaddress.cache.ttl}, 30 s by default)
     * lies below this.
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
     * Sets the longest life of a connection, after which new addresses come into use. Default 5
     * min.
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
     * Sets trust and client certificates for {@code https}. Host names are always verified.
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
     * @return the target
     * @throws IllegalArgumentException when a body of {@code maxBodyBytes} could never fit into
     *     {@code bufferBytes}
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
