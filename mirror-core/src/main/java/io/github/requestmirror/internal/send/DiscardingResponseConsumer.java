package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads a response to its end, or up to a limit, and discards it. Keeps the first bytes of an error
 * response for the log. Confined to the I/O thread.
 */
final class DiscardingResponseConsumer
    implements AsyncResponseConsumer<DiscardingResponseConsumer> {
  /**
   * The maximum number of bytes of a response without its body: interim responses, status line,
   * headers, trailers and chunk framing.
   */
  static final int OVERHEAD_BYTES = 64 << 10;

  private static final int EXCERPT_BYTES = 256;

  private static final String ATTRIBUTE = DiscardingResponseConsumer.class.getName();

  /** At most thirty years, so that the value cannot overflow. */
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

  private final long limit;
  private final BooleanSupplier requestSent;
  private int status;
  private Duration retryAfter = Duration.ZERO;
  private long read;
  private byte @Nullable [] excerpt;
  private int excerptLength;
  private boolean ended;
  private @Nullable FutureCallback<DiscardingResponseConsumer> callback;

  /**
   * @param limit the maximum number of body bytes to read
   * @param requestSent returns whether the whole request has been written
   */
  DiscardingResponseConsumer(long limit, BooleanSupplier requestSent) {
    this.limit = limit;
    this.requestSent = requestSent;
  }

  /** Attaches the consumer to the context of its exchange, for {@link #of}. */
  void attachTo(HttpContext context) {
    context.setAttribute(ATTRIBUTE, this);
  }

  /** Returns the consumer attached to the context of an exchange, or null. */
  static @Nullable DiscardingResponseConsumer of(@Nullable HttpContext context) {
    Object attached = context == null ? null : context.getAttribute(ATTRIBUTE);
    return attached instanceof DiscardingResponseConsumer consumer ? consumer : null;
  }

  /**
   * Returns how many bytes the exchange may receive at this point. There is no body before the
   * final status.
   */
  long maxReceivedBytes() {
    return status == 0 ? OVERHEAD_BYTES : OVERHEAD_BYTES + limit;
  }

  /** Returns the final status, or 0 before it is received. */
  int status() {
    return status;
  }

  /** Returns the value of {@code Retry-After}, or zero without that header. */
  Duration retryAfter() {
    return retryAfter;
  }

  /** Returns the start of the body of an error response in one line, or null. */
  @Nullable String excerpt() {
    byte[] bytes = excerpt;
    if (bytes == null || excerptLength == 0) {
      return null;
    }
    return new String(bytes, 0, excerptLength, StandardCharsets.UTF_8)
        .replaceAll("\\p{Cntrl}+", " ")
        .trim();
  }

  @Override
  public void consumeResponse(
      HttpResponse response,
      @Nullable EntityDetails entity,
      HttpContext context,
      FutureCallback<DiscardingResponseConsumer> callback) {
    this.callback = callback;
    status = response.getCode();
    if (status >= 300) {
      excerpt = new byte[EXCERPT_BYTES];
      retryAfter = retryAfter(response);
    }
    if (entity == null) {
      ended();
    }
  }

  /** Parses seconds or a date (RFC 9110 10.2.3). A date is relative to the target's clock. */
  private static Duration retryAfter(HttpResponse response) {
    Header header = response.getFirstHeader(HttpHeaders.RETRY_AFTER);
    if (header == null || header.getValue() == null) {
      return Duration.ZERO;
    }
    String value = header.getValue().trim();
    if (SECONDS.matcher(value).matches()) {
      return Duration.ofSeconds(Long.parseLong(value));
    }
    Instant then = DateUtils.parseStandardDate(value);
    Instant now = DateUtils.parseStandardDate(response, HttpHeaders.DATE);
    Duration wait =
        then == null ? Duration.ZERO : Duration.between(now == null ? Instant.now() : now, then);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  @Override
  public void informationResponse(HttpResponse response, HttpContext context) {}

  @Override
  public void updateCapacity(CapacityChannel channel) throws IOException {
    channel.update(Integer.MAX_VALUE);
  }

  @Override
  public void consume(ByteBuffer bytes) throws IOException {
    byte[] into = excerpt;
    if (into != null && excerptLength < into.length) {
      int part = Math.min(into.length - excerptLength, bytes.remaining());
      bytes.get(into, excerptLength, part);
      excerptLength += part;
      read += part;
    }
    read += bytes.remaining();
    bytes.position(bytes.limit());
    if (read > limit) {
      // Closes the connection, which is cheaper than reading the rest.
      throw new IOException("response longer than " + limit + " bytes");
    }
  }

  @Override
  public void streamEnd(@Nullable List<? extends Header> trailers) {
    ended();
  }

  /**
   * Normally the exchange completes when the HTTP client has returned the connection to its pool
   * ({@link #releaseResources}); if it completed earlier, the next copy would open another
   * connection. But a target that responds before it has read the request may never read the rest.
   */
  private void ended() {
    ended = true;
    if (!requestSent.getAsBoolean()) {
      releaseResources();
    }
  }

  @Override
  public void failed(Exception cause) {}

  @Override
  public void releaseResources() {
    FutureCallback<DiscardingResponseConsumer> waiting = callback;
    callback = null;
    if (ended && waiting != null) {
      waiting.completed(this);
    }
  }
}
