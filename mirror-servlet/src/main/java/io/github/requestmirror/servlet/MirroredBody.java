package io.github.requestmirror.servlet;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UnsupportedEncodingException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of one request, as far as the application reads it. One for the whole request, because
 * the request may be wrapped again while its body is half read. Used by the thread that reads, and
 * by the one that ends the request.
 *
 * <p>The body is complete with a read of -1, with {@code onAllDataRead}, with as many bytes as
 * declared, or with {@code isFinished()} after a read: containers differ in which of these they
 * show. Of a stream that a filter supplies only the first two are proof. Headers alone prove an
 * empty body only where {@link Framing} says so.
 *
 * <p>A filter in front may have kept the body and give out a new stream or reader for each call.
 * The first one that the application reads is copied; the others pass.
 */
final class MirroredBody {
  private final HttpServletRequest request;
  private final Capture capture;

  /** As it arrived; a dispatch may change it. */
  private final @Nullable String query;

  /** What the copy's head says about the bytes of the body. */
  private final @Nullable String encoding;

  private final Framing framing;
  private volatile long seen;
  private volatile boolean touched;

  /** The stream that is copied: the first that the application has read from. */
  private volatile @Nullable TeeInputStream source;

  private @Nullable TeeInputStream latest;

  /** The reader over the mirror's own decoder, and the stream in front that it reads. */
  private @Nullable BufferedReader reader;

  private @Nullable ServletInputStream readerStream;

  /** Whether the reader in front is being asked for. */
  private boolean asking;

  MirroredBody(HttpServletRequest request, Capture capture) {
    this.request = request;
    this.capture = capture;
    this.query = request.getQueryString();
    this.encoding = request.getHeader("Content-Encoding");
    this.framing = Framing.of(request);
    if (framing.isEmptyFromTheStart()) {
      capture.complete();
    }
  }

  ServletInputStream inputStream(HttpServletRequest original) throws IOException {
    if (reader != null && !asking) {
      // The mirror's reader uses the stream in front, whose owner knows of no reader yet.
      try {
        ask(original);
      } catch (IllegalStateException e) {
        throw new IllegalStateException("getReader() has been called for this request", e);
      }
    }
    return stream(original, original.getInputStream());
  }

  /**
   * Returns the reader in front, if the stream has not ruled it out. Undertow's takes the stream
   * from the application's request, and so comes back here.
   */
  private BufferedReader ask(HttpServletRequest original) throws IOException {
    asking = true;
    try {
      return original.getReader();
    } finally {
      asking = false;
    }
  }

  BufferedReader reader(HttpServletRequest original) throws IOException {
    BufferedReader own = reader;
    if (own == null && !canDecode(original)) {
      BufferedReader unseen = original.getReader();
      touched = true;
      parsedUnseen();
      return unseen;
    }
    if (!touched) {
      // Before the stream is taken, as an unknown charset leaves the body unread.
      Charset charset = charset(original.getCharacterEncoding());
      return read(original, original.getInputStream(), charset);
    }
    ServletInputStream in = original.getInputStream();
    if (own != null && in == readerStream) {
      return own;
    }
    BufferedReader repeated;
    try {
      repeated = ask(original);
    } catch (IllegalStateException e) {
      if (own != null) {
        return own;
      }
      throw e;
    }
    return capture.active()
        ? read(original, in, charset(original.getCharacterEncoding()))
        : repeated;
  }

  private BufferedReader read(HttpServletRequest original, ServletInputStream in, Charset charset) {
    BufferedReader own = new BufferedReader(new InputStreamReader(stream(original, in), charset));
    reader = own;
    readerStream = in;
    return own;
  }

  /**
   * Whether a reader of the mirror's own gives the same characters as the one in front: where both
   * it and the stream are the container's, or both are a filter's and the charset is declared.
   */
  private boolean canDecode(HttpServletRequest original) {
    if (!capture.active()) {
      return false;
    }
    boolean filtered = RequestWrappers.overrideReader(original);
    return filtered == RequestWrappers.overrideStream(original)
        && (!filtered || original.getCharacterEncoding() != null);
  }

  /** Returns the same for the same stream in front. */
  private ServletInputStream stream(HttpServletRequest original, ServletInputStream in) {
    touched = true;
    TeeInputStream copied = source;
    if (copied != null && copied.isOver(in)) {
      return copied;
    }
    TeeInputStream tee = latest;
    if (tee != null && tee.isOver(in)) {
      return tee;
    }
    if (!capture.active()) {
      return in;
    }
    if (!Objects.equals(encoding, original.getHeader("Content-Encoding"))) {
      // After a dispatch, past the filter that has decoded the body.
      capture.abandon(Outcome.BODY_INCOMPLETE);
      return in;
    }
    tee = new TeeInputStream(in, this, !RequestWrappers.overrideStream(original));
    latest = tee;
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

  void read(TeeInputStream from, byte[] bytes, int offset, int length) {
    if (isCopied(from)) {
      capture.write(bytes, offset, length);
      hasSeen(from, length);
    }
  }

  void read(TeeInputStream from, ByteBuffer bytes) {
    if (isCopied(from)) {
      capture.write(bytes);
      hasSeen(from, bytes.remaining());
    }
  }

  /**
   * Another stream may start the body again or continue it. Until the copied stream has ended, it
   * is unknown which, so its end would not prove that the copy is whole.
   */
  private boolean isCopied(TeeInputStream from) {
    if (!capture.active()) {
      return false;
    }
    TeeInputStream copied = source;
    if (copied == null) {
      source = from;
    } else if (copied != from) {
      endWhereItIs();
      return false;
    }
    return true;
  }

  private void hasSeen(TeeInputStream from, int length) {
    long total = seen + length;
    seen = total;
    if (total == framing.declared() && from.isOfContainer()) {
      capture.complete();
    } else if (framing.declared() >= 0 && total > framing.declared()) {
      capture.abandon(Outcome.BODY_INCOMPLETE);
    }
  }

  /** Tells whether the stream has to be asked for its end after a read. */
  boolean needsEnd(TeeInputStream from) {
    return framing.declared() < 0 && from.isOfContainer() && capture.active();
  }

  void ended(TeeInputStream from) {
    if (isCopied(from)) {
      capture.complete();
    }
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
      } else if (bytes == null || mayBeParsedUnseen()) {
        capture.abandon(Outcome.BODY_UNSUPPORTED);
      }
    } catch (Throwable t) {
      // Of the container's own parsing, whose result the application gets as it is.
      capture.abandon(Outcome.BODY_UNSUPPORTED);
    }
  }

  /**
   * Whether the container may have read a part of the body without a trace. The rest must not be
   * taken for the body.
   */
  private boolean mayBeParsedUnseen() {
    return framing.declared() < 0 && !framing.isEmpty() && request.getMethod().equals("POST");
  }

  boolean isWanted() {
    return capture.active();
  }

  /** What the application gets of the body does not come through a stream of the mirror. */
  void parsedUnseen() {
    if (!framing.isEmpty()) {
      capture.abandon(Outcome.BODY_UNSUPPORTED);
    }
  }

  /** The application has finished with the request. */
  void requestEnded() {
    if (source == null && framing.isEmptyUnlessRead()) {
      capture.complete();
    }
    endWhereItIs();
  }

  /** What has been read is the body if it has the declared length. */
  private void endWhereItIs() {
    if (source != null && seen == framing.declared()) {
      capture.complete();
    }
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }
}
