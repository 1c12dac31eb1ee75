package io.github.requestmirror.httpclient5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.jspecify.annotations.Nullable;

/** Delegates to the caller's producer and copies the bytes that the connection has accepted. */
final class TeeEntityProducer implements AsyncEntityProducer {
  private final AsyncEntityProducer body;
  private final BodyCopy copy;
  private volatile boolean restart = true;

  TeeEntityProducer(AsyncEntityProducer body, BodyCopy copy) {
    this.body = body;
    this.copy = copy;
  }

  @Override
  public void produce(DataStreamChannel channel) throws IOException {
    if (restart) {
      restart = false;
      copy.begin(length());
    }
    try {
      body.produce(copy.active() ? new Tee(channel) : channel);
    } catch (Error e) {
      // The error ends the client's I/O thread, which may then never report the end of the call.
      copy.cancelled();
      throw e;
    }
  }

  private long length() {
    return body.isChunked() ? -1 : body.getContentLength();
  }

  /** The client calls this before it produces the body again; the copy is kept until then. */
  @Override
  public void releaseResources() {
    restart = true;
    body.releaseResources();
  }

  @Override
  public boolean isRepeatable() {
    return body.isRepeatable();
  }

  @Override
  public void failed(Exception cause) {
    body.failed(cause);
  }

  @Override
  public int available() {
    return body.available();
  }

  @Override
  public long getContentLength() {
    return body.getContentLength();
  }

  @Override
  public @Nullable String getContentType() {
    return body.getContentType();
  }

  @Override
  public @Nullable String getContentEncoding() {
    return body.getContentEncoding();
  }

  @Override
  public boolean isChunked() {
    return body.isChunked();
  }

  @Override
  public Set<String> getTrailerNames() {
    return body.getTrailerNames();
  }

  private final class Tee implements DataStreamChannel {
    private final DataStreamChannel channel;

    Tee(DataStreamChannel channel) {
      this.channel = channel;
    }

    @Override
    public void requestOutput() {
      channel.requestOutput();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      ByteBuffer bytes = source.duplicate();
      int taken = channel.write(source);
      if (taken > 0) {
        copy.write(bytes.limit(bytes.position() + taken));
      }
      return taken;
    }

    @Override
    public void endStream() throws IOException {
      end(null);
    }

    @Override
    public void endStream(@Nullable List<? extends Header> trailers) throws IOException {
      end(trailers);
    }

    private void end(@Nullable List<? extends Header> trailers) throws IOException {
      // Before endStream: the response may arrive immediately, on another thread.
      copy.ended(true);
      try {
        if (trailers == null) {
          channel.endStream();
        } else {
          channel.endStream(trailers);
        }
      } catch (Throwable t) {
        copy.ended(false);
        throw t;
      }
      copy.complete();
    }
  }
}
