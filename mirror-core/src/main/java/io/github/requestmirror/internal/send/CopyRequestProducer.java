package io.github.requestmirror.internal.send;

import io.github.requestmirror.internal.capture.Body;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncRequestProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/** Writes the captured chunks of a copy unchanged. Confined to the I/O thread. */
final class CopyRequestProducer implements AsyncRequestProducer {
  private final BasicHttpRequest request;
  private final long length;
  private @Nullable Body body;
  private int nextChunk;
  private boolean sent;
  private @Nullable ByteBuffer chunk;

  CopyRequestProducer(BasicHttpRequest request, Body body) {
    this.request = request;
    this.body = body;
    this.length = body.size();
  }

  @Override
  public void sendRequest(RequestChannel channel, HttpContext context)
      throws HttpException, IOException {
    channel.sendRequest(request, length == 0 ? null : new Details(length), context);
  }

  boolean isSent() {
    return length == 0 || sent;
  }

  @Override
  public boolean isRepeatable() {
    return false;
  }

  @Override
  public int available() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void produce(DataStreamChannel channel) throws IOException {
    Body from = body;
    while (from != null) {
      ByteBuffer current = chunk;
      if (current == null) {
        if (nextChunk == from.chunkCount()) {
          channel.endStream();
          sent = true;
          releaseResources();
          return;
        }
        current = from.chunk(nextChunk++);
        chunk = current;
      }
      channel.write(current);
      if (current.hasRemaining()) {
        channel.requestOutput();
        return;
      }
      chunk = null;
    }
  }

  @Override
  public void failed(Exception cause) {
    releaseResources();
  }

  @Override
  public void releaseResources() {
    body = null;
    chunk = null;
  }

  /** Content type and encoding are null because the headers of the copy already contain them. */
  private record Details(long length) implements EntityDetails {
    @Override
    public long getContentLength() {
      return length;
    }

    @Override
    public @Nullable String getContentType() {
      return null;
    }

    @Override
    public @Nullable String getContentEncoding() {
      return null;
    }

    @Override
    public boolean isChunked() {
      return false;
    }

    @Override
    public Set<String> getTrailerNames() {
      return Set.of();
    }
  }
}
