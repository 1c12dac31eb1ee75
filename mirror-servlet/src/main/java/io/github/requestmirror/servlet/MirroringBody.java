package io.github.requestmirror.servlet;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UnsupportedEncodingException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The body of one request, as far as the application reads it. One for the whole request: it may be
 * wrapped again while its body is half read. Used by the thread that reads.
 *
 * <p>Knows when the body is complete, which no container tells in one way: a read of -1, {@code
 * onAllDataRead}, as many bytes as declared, or {@code isFinished()} after a read.
 */
final class MirroringBody {
  private final HttpServletRequest request;
  private final Capture capture;

  /** As it arrived; a dispatch may change it. */
  private final @Nullable String query;

  /** The Content-Length, or -1. */
  private final long declared;

  /** Whether a body that the application never asked for is known to be empty. */
  private final boolean emptyUnlessRead;

  private long seen;
  private volatile boolean touched;
  private @Nullable TeeInputStream stream;
  private @Nullable BufferedReader reader;

  MirroringBody(HttpServletRequest request, Capture capture) {
    this.request = request;
    this.capture = capture;
    this.query = request.getQueryString();
    this.declared = request.getContentLengthLong();
    boolean framed = declared > 0 || request.getHeader("Transfer-Encoding") != null;
    boolean http1 = request.getProtocol().startsWith("HTTP/1");
    this.emptyUnlessRead = !framed && !http1 && isUsuallyEmpty(request.getMethod());
    if (declared == 0 || (!framed && http1)) {
      // RFC 9112 6.3: without either header an HTTP/1 request has no body.
      capture.complete();
    }
  }

  /** HTTP/2 may leave a body's length open, and only reading tells that there is none. */
  private static boolean isUsuallyEmpty(String method) {
    return switch (method) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "DELETE" -> true;
      default -> false;
    };
  }

  ServletInputStream inputStream(ServletRequest original) throws IOException {
    if (reader != null) {
      throw new IllegalStateException("getReader() has been called for this request");
    }
    return tee(original);
  }

  BufferedReader reader(ServletRequest original) throws IOException {
    BufferedReader present = reader;
    if (present == null) {
      if (stream != null) {
        throw new IllegalStateException("getInputStream() has been called for this request");
      }
      // Before the stream is taken, as an unknown charset leaves the body unread.
      Charset charset = charset(original.getCharacterEncoding());
      present = new BufferedReader(new InputStreamReader(tee(original), charset));
      reader = present;
    }
    return present;
  }

  private TeeInputStream tee(ServletRequest original) throws IOException {
    TeeInputStream tee = stream;
    if (tee == null) {
      tee = new TeeInputStream(original.getInputStream(), this);
      stream = tee;
      touched = true;
    }
    return tee;
  }

  /** ISO 8859-1 by default: Jakarta Servlet 6.0, 3.12. */
  private static Charset charset(@Nullable String name) throws UnsupportedEncodingException {
    try {
      return name == null ? StandardCharsets.ISO_8859_1 : Charset.forName(name);
    } catch (IllegalArgumentException e) {
      UnsupportedEncodingException unsupported = new UnsupportedEncodingException(name);
      unsupported.initCause(e);
      throw unsupported;
    }
  }

  /** Tells whether the application took the stream, so that its end will be seen. */
  boolean isTouched() {
    return touched;
  }

  void read(byte[] bytes, int offset, int length) {
    capture.write(bytes, offset, length);
    hasSeen(length);
  }

  void read(ByteBuffer bytes) {
    capture.write(bytes);
    hasSeen(bytes.remaining());
  }

  private void hasSeen(int length) {
    seen += length;
    if (seen == declared) {
      capture.complete();
    }
  }

  /** Tells whether the stream has to be asked for its end after a read. */
  boolean needsEnd() {
    return declared < 0 && capture.active();
  }

  void ended() {
    capture.complete();
  }

  void failed() {
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  /**
   * The container has read the body to its end, if the parameters show what was in it. If they do
   * not, it may not have looked at it: it parses the forms of some methods only.
   */
  void formParsedByContainer() {
    try {
      byte[] bytes = FormBody.of(request, query);
      if (bytes != null && bytes.length > 0) {
        capture.write(bytes, 0, bytes.length);
        capture.completeReencoded();
      } else if (bytes == null || isParsedUnseen()) {
        capture.abandon(Outcome.BODY_UNSUPPORTED);
      }
    } catch (Throwable t) {
      // Of the container's own parsing, whose result the application gets as it is.
      capture.abandon(Outcome.BODY_UNSUPPORTED);
    }
  }

  /**
   * Whether a part of the body may be gone and no length would tell: what is left of a body must
   * not be taken for the body.
   */
  private boolean isParsedUnseen() {
    return declared < 0 && request.getMethod().equals("POST");
  }

  boolean isWanted() {
    return capture.active();
  }

  void parsedByContainer() {
    capture.abandon(Outcome.BODY_UNSUPPORTED);
  }

  /** Nobody reads any more. */
  void requestEnded() {
    if (emptyUnlessRead && !touched) {
      capture.complete();
    }
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }
}
