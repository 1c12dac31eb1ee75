package io.github.requestmirror.internal.send;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.BasicHttpTransportMetrics;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.impl.DefaultContentLengthStrategy;
import org.apache.hc.core5.http.impl.nio.ChunkDecoder;
import org.apache.hc.core5.http.impl.nio.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.nio.IdentityDecoder;
import org.apache.hc.core5.http.impl.nio.LengthDelimitedDecoder;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.http.nio.ContentDecoder;
import org.apache.hc.core5.http.nio.NHttpMessageParser;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the responses of one connection, one after another, up to a limit, and discards them. Keeps
 * the first bytes of an error response. HttpCore's parser and decoders apply the rules of RFC 9112.
 * Confined to the sender's thread.
 */
final class ResponseReader {
  /**
   * The maximum number of bytes of a response without its body: interim responses, status line,
   * headers, trailers, chunk framing and TLS records.
   */
  static final int OVERHEAD_BYTES = 64 << 10;

  private static final int MIN_STATUS = 100;
  private static final int MAX_STATUS = 599;
  private static final int MAX_HEADERS = 1000;
  private static final int MAX_INTERIM_RESPONSES = 100;
  private static final int EXCERPT_BYTES = 256;

  /** Control and format characters, and line breaks and blanks of all kinds. */
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{C}\\p{Z}]+");

  /** The maximum number of reads before other connections take their turn. */
  private static final int MAX_READS = 64;

  private static final Http1Config CONFIG =
      Http1Config.custom().setMaxLineLength(OVERHEAD_BYTES).setMaxHeaderCount(MAX_HEADERS).build();
  private static final DefaultHttpResponseParserFactory PARSERS =
      new DefaultHttpResponseParserFactory(CONFIG, null, new StatusLineParser());

  /** For HEAD, the only method that matters for keeping a connection. */
  private static final HttpRequest HEAD_REQUEST = new BasicHttpRequest("HEAD", "/");

  private final Transport transport;
  private final ByteBuffer discarded;
  private final LimitedChannel channel = new LimitedChannel();
  private final InputBuffer input = new InputBuffer();
  private final NHttpMessageParser<HttpResponse> parser = PARSERS.create();
  private final BasicHttpTransportMetrics unused = new BasicHttpTransportMetrics();
  private final HttpContext context = HttpCoreContext.create();

  // The state of the current response.
  private String method = "";
  private long maxBodyBytes;
  private long receivedBefore;
  private int interimResponses;
  private @Nullable HttpResponse head;
  private @Nullable ContentDecoder decoder;
  private long bodyBytes;
  private boolean isError;

  /** Created with the first error response of the connection. */
  private byte @Nullable [] excerpt;

  private int excerptLength;
  private boolean interrupted;

  /**
   * @param discarded a buffer for the bytes of bodies, shared by all connections of the sender
   */
  ResponseReader(Transport transport, ByteBuffer discarded) {
    this.transport = transport;
    this.discarded = discarded;
  }

  /**
   * Initializes the classes that read responses. One that fails to initialize for lack of memory
   * could never be used again.
   */
  static void initialize() {
    RetryAfter.initialize();
    Sender.Result ignored = Sender.Result.OUT_OF_MEMORY;
  }

  /** Prepares for the response to a request. */
  void start(String method, long maxBodyBytes) {
    this.method = method;
    this.maxBodyBytes = maxBodyBytes;
    receivedBefore = transport.received();
    interimResponses = 0;
    head = null;
    decoder = null;
    bodyBytes = 0;
    isError = false;
    excerptLength = 0;
    parser.reset();
  }

  /** Returns the final status, or 0 before it is received. */
  int status() {
    return head == null ? 0 : head.getCode();
  }

  /** Returns whether any byte of the response has been received. */
  boolean hasStarted() {
    return transport.received() > receivedBefore;
  }

  /** Returns the value of {@code Retry-After} of an error response, or zero. */
  Duration retryAfter() {
    return head == null || head.getCode() < 300 ? Duration.ZERO : RetryAfter.of(head);
  }

  /** Returns the start of the body of an error response in one line, or null. */
  @Nullable String excerpt() {
    byte[] bytes = excerpt;
    if (bytes == null || excerptLength == 0) {
      return null;
    }
    String text = new String(bytes, 0, excerptLength, StandardCharsets.UTF_8);
    return INVISIBLE.matcher(text).replaceAll(" ").strip();
  }

  /** Returns whether the body may be longer than the excerpt. */
  boolean isExcerptFull() {
    return excerptLength == EXCERPT_BYTES;
  }

  /**
   * Returns whether the connection can be used again after the complete response: the target
   * permits it and has sent nothing more.
   */
  boolean keepsAlive() {
    return head != null
        && !input.hasData()
        && DefaultConnectionReuseStrategy.INSTANCE.keepAlive(
            method.equals("HEAD") ? HEAD_REQUEST : null, head, context);
  }

  /** Returns whether {@link #read} stopped early although more bytes may be buffered. */
  boolean isInterrupted() {
    return interrupted;
  }

  /** Releases the memory of the last response. */
  void end() {
    input.clear();
    head = null;
    decoder = null;
  }

  /**
   * Reads what has been received.
   *
   * @return whether the response is complete
   */
  boolean read() throws IOException, HttpException {
    try {
      return readReceived();
    } catch (RuntimeException e) {
      // HttpCore's parser rejects some invalid bytes with an IllegalArgumentException.
      throw new ProtocolException("the response is not valid HTTP: " + e.getMessage(), e);
    }
  }

  private boolean readReceived() throws IOException, HttpException {
    interrupted = false;
    for (int i = 0; i < MAX_READS; i++) {
      ContentDecoder body = decoder;
      if (body != null) {
        long consumed = consumed();
        long reads = channel.reads;
        readBody(body);
        if (body.isCompleted()) {
          return true;
        }
        if (consumed() == consumed) {
          if (channel.reads == reads) {
            // HttpCore does so after some negative lengths. The socket would stay ready for ever.
            throw new ProtocolException("the decoder does not continue, probably at a length");
          }
          return false;
        }
      } else {
        int count = input.fill(channel);
        if (count < 0) {
          throw new ConnectionClosedException("the target closed the connection");
        }
        if (count == 0 && !input.hasData()) {
          return false;
        }
        if (readHeads()) {
          return true;
        }
        if (count == 0 && decoder == null) {
          return false;
        }
      }
    }
    interrupted = true;
    return false;
  }

  /** Returns whether the final head is complete and the response has no body. */
  private boolean readHeads() throws IOException, HttpException {
    while (input.hasData()) {
      HttpResponse next = parser.parse(input, false);
      if (next == null) {
        return false;
      }
      parser.reset();
      if (next.getCode() < MIN_STATUS || next.getCode() > MAX_STATUS) {
        throw new ProtocolException("the target responded with status " + next.getCode());
      }
      if (next.getCode() >= HttpStatus.SC_SUCCESS) {
        head = next;
        return startBody(next);
      }
      if (next.getCode() == HttpStatus.SC_SWITCHING_PROTOCOLS) {
        throw new ProtocolException("the target switched the protocol without being asked to");
      }
      if (++interimResponses > MAX_INTERIM_RESPONSES) {
        throw new ProtocolException(
            "more than " + MAX_INTERIM_RESPONSES + " interim responses to one request");
      }
    }
    return false;
  }

  private boolean startBody(HttpResponse response) throws HttpException {
    if (response.getVersion() != null && response.getVersion().greaterEquals(HttpVersion.HTTP_2)) {
      throw new ProtocolException("the target responded with " + response.getVersion());
    }
    isError = response.getCode() >= 300;
    if (isError && excerpt == null) {
      excerpt = new byte[EXCERPT_BYTES];
    }
    if (!MessageSupport.canResponseHaveBody(method, response)) {
      return true;
    }
    long length = DefaultContentLengthStrategy.INSTANCE.determineLength(response);
    if (length == 0) {
      return true;
    }
    if (length > 0) {
      decoder = new LengthDelimitedDecoder(channel, input, unused, length);
    } else if (length == ContentLengthStrategy.CHUNKED) {
      decoder = new ChunkDecoder(channel, input, CONFIG, unused);
    } else {
      decoder = new IdentityDecoder(channel, input, unused);
    }
    return false;
  }

  /** Returns the number of bytes received so far, in plain text, that are not buffered. */
  private long consumed() {
    return channel.bytes - input.length();
  }

  private void readBody(ContentDecoder body) throws IOException {
    discarded.clear();
    try {
      int ignored = body.read(discarded);
    } finally {
      // The bytes before an invalid chunk belong to the excerpt, too.
      discard(discarded.flip());
    }
  }

  private void discard(ByteBuffer bytes) throws IOException {
    byte[] into = excerpt;
    bodyBytes += bytes.remaining();
    if (isError && into != null && excerptLength < into.length) {
      int part = Math.min(into.length - excerptLength, bytes.remaining());
      bytes.get(into, excerptLength, part);
      excerptLength += part;
    }
    if (bodyBytes > maxBodyBytes) {
      // Closes the connection, which is cheaper than reading the rest.
      throw new IOException("response longer than " + maxBodyBytes + " bytes");
    }
  }

  /** The transport as HttpCore reads it, with a limit. */
  private final class LimitedChannel implements ReadableByteChannel {
    private long reads;
    private long bytes;

    /**
     * Counts every byte of the connection, so that no part of a response can be endless. Reads at
     * most one byte more than the limit, because a response may end there.
     */
    @Override
    public int read(ByteBuffer into) throws IOException {
      // There is no body before the final status.
      long limit = head == null ? OVERHEAD_BYTES : OVERHEAD_BYTES + maxBodyBytes;
      long left = limit - (transport.received() - receivedBefore);
      if (left < 0) {
        throw new IOException("response longer than " + limit + " bytes in total");
      }
      int end = into.limit();
      reads++;
      try {
        int count = transport.read(into.limit((int) Math.min(end, into.position() + left + 1)));
        bytes += Math.max(0, count);
        return count;
      } finally {
        into.limit(end);
      }
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
