package io.github.requestmirror.httpclient5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.jspecify.annotations.Nullable;

/** Copies what a producer writes, as far as the connection has taken it. */
final class TeeEntityProducer implements AsyncEntityProducer {
  private final AsyncEntityProducer body;
  private final BodyCopy copy;
  private volatile boolean anew = true;

  TeeEntityProducer(AsyncEntityProducer body, BodyCopy copy) {
    this.body = body;
    this.copy = copy;
  }

  @Override
  public void produce(DataStreamChannel channel) throws IOException {
    if (anew) {
      anew = false;
      copy.begin(length());
    }
    try {
      body.produce(new Tee(channel));
    } catch (Error e) {
      // It ends the client's thread, and perhaps nobody hears of the call again.
      copy.cancelled();
      throw e;
    }
  }

  private long length() {
    return body.isChunked() ? -1 : body.getContentLength();
  }

  /** The client says so before it produces the body again; until then, the old one counts. */
  @Override
  public void releaseResources() {
    anew = true;
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
      // Before: the response may come at once, on another thread.
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
      copy.completes();
    }
  }
}
