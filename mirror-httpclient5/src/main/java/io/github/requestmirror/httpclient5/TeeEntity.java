package io.github.requestmirror.httpclient5;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/** Copies what the entity writes, after the connection has taken it. */
final class TeeEntity extends HttpEntityWrapper {
  private final BodyCopy copy;

  TeeEntity(HttpEntity entity, BodyCopy copy) {
    super(entity);
    this.copy = copy;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    copy.begin();
    super.writeTo(new Tee(out));
    copy.ended(true);
    copy.completes();
  }

  /** For a handler that signs, or replaces the body: it is not known what becomes of it. */
  @Override
  public InputStream getContent() throws IOException {
    copy.read();
    return super.getContent();
  }

  private final class Tee extends FilterOutputStream {
    Tee(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      copy.write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      copy.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
