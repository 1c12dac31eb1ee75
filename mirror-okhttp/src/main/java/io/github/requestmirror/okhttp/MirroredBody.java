package io.github.requestmirror.okhttp;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/** The body as it was, but what it writes is copied. */
final class MirroredBody extends RequestBody {
  private final RequestBody body;
  private final Capture capture;
  private final AtomicBoolean writing = new AtomicBoolean();
  private volatile boolean whole;

  MirroredBody(RequestBody body, Capture capture) {
    this.body = body;
    this.capture = capture;
  }

  RequestBody body() {
    return body;
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() throws IOException {
    return body.contentLength();
  }

  @Override
  public boolean isOneShot() {
    return body.isOneShot();
  }

  @Override
  public boolean isDuplex() {
    return body.isDuplex();
  }

  /** Tells whether the last attempt gave OkHttp all of the body. */
  boolean isWhole() {
    return whole;
  }

  /**
   * The first whole body is the copy, because its end is the copy's place in the order. OkHttp
   * writes a body again only where that gives the same bytes.
   */
  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    whole = false;
    if (!capture.active()) {
      body.writeTo(sink);
      whole = true;
    } else if (writing.compareAndSet(false, true)) {
      try {
        capture(sink);
      } finally {
        writing.set(false);
      }
    } else {
      // Two attempts at the same time, as of an interceptor that hedges: their bytes would mix.
      capture.abandon(Outcome.BODY_UNSUPPORTED);
      body.writeTo(sink);
    }
  }

  private void capture(BufferedSink sink) throws IOException {
    TeeSink tee = new TeeSink(sink, capture);
    BufferedSink buffer = Okio.buffer(tee);
    boolean returned = false;
    try {
      body.writeTo(buffer);
      returned = true;
    } finally {
      tee.takeOver(buffer.getBuffer());
      if (returned && !tee.hasFailed()) {
        whole = true;
        capture.complete();
      } else {
        capture.reset();
      }
    }
  }
}
