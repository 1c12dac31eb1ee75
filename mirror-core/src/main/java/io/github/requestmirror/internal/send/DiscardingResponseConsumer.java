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
 * Reads a response to its end, or to a limit, and discards it. Of a refusal the first bytes are
 * kept, because they say why. I/O thread only.
 */
final class DiscardingResponseConsumer
    implements AsyncResponseConsumer<DiscardingResponseConsumer> {
  /**
   * How many bytes a response may have beside its body: interim responses, status line, headers,
   * trailers and the framing of chunks.
   */
  static final int OVERHEAD_BYTES = 64 << 10;

  private static final int EXCERPT_BYTES = 256;

  private static final String ATTRIBUTE = DiscardingResponseConsumer.class.getName();

  /** As many digits as make sense: thirty years. */
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
   * @param limit how many bytes of the body to read at most
   * @param requestSent whether the whole request has been written
   */
  DiscardingResponseConsumer(long limit, BooleanSupplier requestSent) {
    this.limit = limit;
    this.requestSent = requestSent;
  }

  /** Attaches the consumer to its exchange, where {@link #of} finds it. */
  void attachTo(HttpContext context) {
    context.setAttribute(ATTRIBUTE, this);
  }

  /** Returns the consumer of an exchange, or null when it has another. */
  static @Nullable DiscardingResponseConsumer of(@Nullable HttpContext context) {
    Object attached = context == null ? null : context.getAttribute(ATTRIBUTE);
    return attached instanceof DiscardingResponseConsumer consumer ? consumer : null;
  }

  /**
   * Returns how many bytes the exchange may have received by now: no body before the final status.
   */
  long maxReceivedBytes() {
    return status == 0 ? OVERHEAD_BYTES : OVERHEAD_BYTES + limit;
  }

  /** Returns the final status, or 0 while there is none. */
  int status() {
    return status;
  }

  /** Returns how long the target asks to be left alone; zero when it does not say. */
  Duration retryAfter() {
    return retryAfter;
  }

  /** Returns the start of a refusal's body in one line, or null. */
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

  /** Seconds, or a date, which is set against the target's own clock: RFC 9110 10.2.3. */
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
      // Ends the exchange and its connection, which is cheaper than reading on.
      throw new IOException("response longer than " + limit + " bytes");
    }
  }

  @Override
  public void streamEnd(@Nullable List<? extends Header> trailers) {
    ended();
  }

  /**
   * Mostly waits for the client to take its connection back: said now, the next copy would find no
   * free connection and open another. But a target that responds early may never read the rest.
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
