package io.github.requestmirror.servlet;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Copies the body of one request while the application reads it. There is one instance per request,
 * because the request may be wrapped again after a part of its body was read. Used by the thread
 * that reads and by the thread that ends the request.
 *
 * <p>The body is complete after a read of -1, after {@code onAllDataRead}, after as many bytes as
 * declared, or if {@code isFinished()} is true after a read: containers differ in which of these
 * they report. For a stream that a filter supplies, only the first two are reliable. Headers alone
 * prove an empty body only if {@link Framing} says so.
 *
 * <p>A filter in front may have buffered the body and return a new stream or reader on each call.
 * The first stream that the application reads from is copied; the others are not.
 */
final class MirroredBody {
  private static final AtomicLongFieldUpdater<MirroredBody> SEEN =
      AtomicLongFieldUpdater.newUpdater(MirroredBody.class, "seen");

  private final HttpServletRequest request;
  private final Capture capture;

  /** The query string as it arrived; a dispatch may change it. */
  private final @Nullable String query;

  /** The Content-Encoding that the copy was captured with. */
  private final @Nullable String encoding;

  private final Framing framing;

  /** The number of bytes that were copied. Written by the thread that reads, after the copy. */
  private volatile long seen;

  private volatile boolean taken;

  /** The stream that is copied: the first one that the application read from. */
  private volatile @Nullable TeeInputStream source;

  private @Nullable TeeInputStream latest;

  /** Whether the application's listener is running. */
  private volatile boolean inListener;

  /** Whether the body is complete, but the target's thread has not been woken for it. */
  private volatile boolean wakeUpIsDue;

  /** The reader that the mirror decodes itself, and the underlying stream that it reads. */
  private @Nullable BufferedReader reader;

  private @Nullable ServletInputStream readerStream;

  /** Whether {@link #originalReader} is running. */
  private boolean inOriginalReader;

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
    if (reader != null && !inOriginalReader) {
      // The mirror's reader uses the original stream, so the container does not know that the
      // application has called getReader().
      try {
        originalReader(original);
      } catch (IllegalStateException e) {
        throw new IllegalStateException("getReader() has been called for this request", e);
      }
    }
    return stream(original, original.getInputStream());
  }

  /**
   * Returns the reader of the original request. Undertow's implementation calls {@code
   * getInputStream()} of the application's request, which calls {@link #inputStream} again.
   *
   * @throws IllegalStateException if the stream has been used
   */
  private BufferedReader originalReader(HttpServletRequest original) throws IOException {
    inOriginalReader = true;
    try {
      return original.getReader();
    } finally {
      inOriginalReader = false;
    }
  }

  BufferedReader reader(HttpServletRequest original) throws IOException {
    BufferedReader own = reader;
    Charset charset = charset(original.getCharacterEncoding());
    if (own == null && (charset == null || !canDecode(original))) {
      // If the charset is unknown, this throws the container's own exception.
      return unseenReader(original);
    }
    if (!taken && charset != null) {
      ServletInputStream in;
      try {
        in = original.getInputStream();
      } catch (IllegalStateException e) {
        // A filter in front has called getReader().
        return unseenReader(original);
      }
      return read(original, in, charset);
    }
    ServletInputStream in = original.getInputStream();
    if (own != null && in == readerStream) {
      return own;
    }
    BufferedReader repeated;
    try {
      repeated = originalReader(original);
    } catch (IllegalStateException e) {
      if (own != null) {
        return own;
      }
      throw e;
    }
    return charset != null && capture.active() ? read(original, in, charset) : repeated;
  }

  /** Returns the original reader, whose bytes are not seen. */
  private BufferedReader unseenReader(HttpServletRequest original) throws IOException {
    BufferedReader unseen = original.getReader();
    taken = true;
    bypassed();
    return unseen;
  }

  private BufferedReader read(HttpServletRequest original, ServletInputStream in, Charset charset) {
    ServletInputStream bytes = stream(original, in);
    BufferedReader own =
        RequestWrappers.reportMalformedText(original)
            ? new ReportingReader(bytes, charset)
            : new BufferedReader(new InputStreamReader(bytes, charset));
    reader = own;
    readerStream = in;
    return own;
  }

  /**
   * Tells whether a reader of the mirror decodes to the same characters as the original reader: if
   * the container supplies both reader and stream, or if filters supply both and the charset is
   * declared.
   */
  private boolean canDecode(HttpServletRequest original) {
    if (!capture.active()) {
      return false;
    }
    boolean filtered = RequestWrappers.overrideReader(original);
    return filtered == RequestWrappers.overrideStream(original)
        && (!filtered || original.getCharacterEncoding() != null);
  }

  /** Returns the same tee for the same original stream. */
  private ServletInputStream stream(HttpServletRequest original, ServletInputStream in) {
    taken = true;
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
      // After a dispatch that bypassed the filter which decoded the body.
      capture.abandon(Outcome.BODY_INCOMPLETE);
      return in;
    }
    tee = new TeeInputStream(in, this, !RequestWrappers.overrideStream(original));
    latest = tee;
    return tee;
  }

  /**
   * Returns null if the charset is unknown. The default is ISO 8859-1 (Jakarta Servlet 6.0, 3.12).
   */
  private static @Nullable Charset charset(@Nullable String name) {
    try {
      return name == null ? StandardCharsets.ISO_8859_1 : Charset.forName(name);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Tells whether the application has called {@code getInputStream()} or {@code getReader()}. */
  boolean isTaken() {
    return taken;
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
   * Tells whether reads from this stream are copied. A second stream may restart the body or
   * continue it; which of the two is unknown until the copied stream has ended. Reading from a
   * second stream therefore ends the copy.
   */
  private boolean isCopied(TeeInputStream from) {
    if (!capture.active()) {
      return false;
    }
    TeeInputStream copied = source;
    if (copied == null) {
      source = from;
    } else if (copied != from) {
      completeOrAbandon();
      return false;
    }
    return true;
  }

  private void hasSeen(TeeInputStream from, int length) {
    long total = seen + length;
    // Much cheaper than a volatile write, which single bytes would notice.
    SEEN.lazySet(this, total);
    if (total == framing.declared() && from.isOfContainer()) {
      complete();
    } else if (framing.declared() >= 0 && total > framing.declared()) {
      capture.abandon(Outcome.BODY_INCOMPLETE);
    }
  }

  /** Tells whether the caller must check {@code isFinished()} after a read. */
  boolean needsEnd(TeeInputStream from) {
    return framing.declared() < 0 && from.isOfContainer() && capture.active();
  }

  void ended(TeeInputStream from) {
    if (!isCopied(from)) {
      return;
    }
    if (seen == 0 && !framing.isEmpty()) {
      // A filter in front may have read the body, and the form is only in the parameters.
      if (FormBody.isMultipart(request)) {
        bypassed();
      } else if (FormBody.isForm(request)) {
        copyForm(false);
      }
    }
    complete();
  }

  /**
   * Completes the copy. While the listener runs, the application has probably not sent the last
   * bytes to the primary, and the target's thread must not take the CPU from it.
   */
  private void complete() {
    if (!inListener) {
      capture.complete();
      return;
    }
    capture.completeQuietly();
    wakeUpIsDue = true;
    if (!inListener) {
      // Another thread has read, and the listener has returned in the meantime.
      capture.wakeUp();
    }
  }

  /** The application's {@code ReadListener} is about to be called. */
  void listenerCalled() {
    inListener = true;
  }

  void listenerReturned() {
    inListener = false;
    if (wakeUpIsDue) {
      capture.wakeUp();
    }
  }

  void failed() {
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  /**
   * The application has asked for parameters. If they contain any of the form, the container has
   * read the body to its end. If not, it may not have read the body: containers parse forms only
   * for some methods.
   */
  void formParsedByContainer() {
    copyForm(mayBePartlyRead());
  }

  /** Encodes the form again, if there is one. */
  private void copyForm(boolean mustExist) {
    try {
      byte[] bytes = FormBody.of(request, query);
      if (bytes != null && bytes.length > 0) {
        capture.write(bytes, 0, bytes.length);
        capture.completeReencoded();
      } else if (bytes == null || mustExist) {
        capture.abandon(Outcome.BODY_UNSUPPORTED);
      }
    } catch (Throwable t) {
      // From reading the parameters again. The application already has its result.
      capture.abandon(Outcome.BODY_UNSUPPORTED);
    }
  }

  /**
   * Tells whether the container may have read a part of the body without a visible parameter. The
   * rest must not be sent as the complete body.
   */
  private boolean mayBePartlyRead() {
    return framing.declared() < 0 && !framing.isEmpty() && request.getMethod().equals("POST");
  }

  boolean isWanted() {
    return capture.active();
  }

  /** The application receives the body in a way that bypasses the mirror's stream. */
  void bypassed() {
    if (!framing.isEmpty()) {
      capture.abandon(Outcome.BODY_UNSUPPORTED);
    }
  }

  /** The application has finished with the request. */
  void requestEnded() {
    if (source == null && framing.isEmptyUnlessRead()) {
      capture.complete();
    }
    completeOrAbandon();
  }

  /** Completes the copy if all declared bytes were read; otherwise abandons it. */
  private void completeOrAbandon() {
    if (source != null && seen == framing.declared()) {
      capture.complete();
    }
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }
}
