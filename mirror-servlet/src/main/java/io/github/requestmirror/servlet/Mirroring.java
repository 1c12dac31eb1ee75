package io.github.requestmirror.servlet;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UnsupportedEncodingException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The mirroring of one request, from the filter's first sight of it to the end of its last
 * dispatch. Stands in a request attribute meanwhile, because a container may hand the application
 * the unwrapped request again.
 *
 * <p>Knows when the body is complete, which no container tells in one way: a read of -1, {@code
 * onAllDataRead}, as many bytes as declared, or {@code isFinished()} after a read.
 */
final class Mirroring implements AsyncListener {
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Capture capture;

  /** As it arrived; a dispatch may change it. */
  private final @Nullable String query;

  /** Requests that go on after their first dispatch. */
  private final Underway underway;

  /** The Content-Length, or -1. */
  private final long declared;

  /** Whether a body that the application never asked for is known to be empty. */
  private final boolean emptyUnlessRead;

  private long seen;
  private volatile boolean touched;

  /** Here, not in the wrapper: a request may be wrapped again while its body is half read. */
  private @Nullable TeeInputStream stream;

  private @Nullable BufferedReader reader;
  private @Nullable MirroringAsyncContext async;

  /**
   * @param underway has this while only the container knows when the request ends
   */
  Mirroring(
      HttpServletRequest request,
      HttpServletResponse response,
      Capture capture,
      Underway underway) {
    this.request = request;
    this.response = response;
    this.capture = capture;
    this.query = request.getQueryString();
    this.underway = underway;
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

  boolean wraps(ServletRequest request) {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      if (wrapper instanceof MirroringRequest mirroring && mirroring.isOf(this)) {
        return true;
      }
      inner = wrapper.getRequest();
    }
    return false;
  }

  boolean wraps(ServletResponse response) {
    ServletResponse inner = response;
    while (inner instanceof ServletResponseWrapper wrapper) {
      if (wrapper instanceof MirroringResponse mirroring && mirroring.isOf(this)) {
        return true;
      }
      inner = wrapper.getResponse();
    }
    return false;
  }

  HttpServletRequest wrap(HttpServletRequest request) {
    return new MirroringRequest(request, this);
  }

  HttpServletResponse wrap(HttpServletResponse response) {
    return new MirroringResponse(response, this);
  }

  /** Returns the same context every time, as containers do. */
  synchronized AsyncContext wrap(AsyncContext context) {
    MirroringAsyncContext wrapped = async;
    if (wrapped == null || !wrapped.isOf(context)) {
      wrapped = new MirroringAsyncContext(context, this);
      async = wrapped;
    }
    return wrapped;
  }

  // Of the body, from the thread that reads.

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

  void bodyEnded() {
    capture.complete();
  }

  void bodyFailed() {
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

  boolean wantsBody() {
    return capture.active();
  }

  void bodyParsedByContainer() {
    capture.abandon(Outcome.BODY_UNSUPPORTED);
  }

  // Of the request, from the container's threads.

  /** From now on a byte of the answer may reach the client. */
  void answering() {
    capture.primaryAnswering();
  }

  /** The connection was closed instead of an answer. */
  void cutOff() {
    end(0);
  }

  /** The first dispatch is over. With async the request goes on, perhaps even while this runs. */
  void chainReturned() {
    try {
      if (request.isAsyncStarted()) {
        underway.add(this);
        request.getAsyncContext().addListener(this);
        return;
      }
    } catch (IllegalStateException e) {
      // Async has ended in the meantime, so this is the end.
    }
    end(status());
  }

  /**
   * A further dispatch is over. Without async again the container answers now, whatever there is.
   */
  void dispatchReturned() {
    boolean again = false;
    try {
      again = request.isAsyncStarted();
    } catch (IllegalStateException e) {
      // Async has ended in the meantime.
    }
    if (!again) {
      answering();
    }
  }

  /**
   * The first dispatch failed. That is the end even if async was started before: Tomcat tells
   * nobody what comes then, and Jetty does something else for requests that have a listener.
   */
  void chainFailed() {
    end(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this);
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    answering();
  }

  /** Not every container calls {@link #onComplete} after this. */
  @Override
  public void onError(AsyncEvent event) {
    end(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
  }

  @Override
  public void onComplete(AsyncEvent event) {
    end(status());
  }

  /** The container stops, and will not say what became of the request. */
  void containerStopped() {
    end(0);
  }

  private int status() {
    try {
      return response.getStatus();
    } catch (IllegalStateException e) {
      // Recycled: nobody knows any more, and the end must be told all the same.
      return 0;
    }
  }

  private void end(int status) {
    underway.remove(this);
    if (emptyUnlessRead && !touched) {
      capture.complete();
    }
    capture.abandon(Outcome.BODY_INCOMPLETE);
    capture.primaryAnswered(status);
  }
}
