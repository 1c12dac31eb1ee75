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

/** Delegates to the caller's body and copies the bytes that it writes. */
final class TeeRequestBody extends RequestBody {
  private final RequestBody body;
  private final Capture capture;
  private final AtomicBoolean writing = new AtomicBoolean();
  private volatile boolean complete;

  TeeRequestBody(RequestBody body, Capture capture) {
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

  /** Returns whether the last attempt wrote the complete body to OkHttp. */
  boolean isComplete() {
    return complete;
  }

  /**
   * Copies the first attempt that writes the complete body: its end determines the position of the
   * copy in the order. Later attempts write the same bytes, otherwise OkHttp would not repeat them.
   */
  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    complete = false;
    if (!capture.active()) {
      body.writeTo(sink);
      complete = true;
    } else if (writing.compareAndSet(false, true)) {
      try {
        capture(sink);
      } finally {
        writing.set(false);
      }
    } else {
      // Two concurrent attempts, for example of a hedging interceptor: their bytes would mix.
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
      tee.transferRest(buffer.getBuffer());
      if (returned && !tee.hasFailed()) {
        complete = true;
        capture.complete();
      } else {
        capture.reset();
      }
    }
  }
}
