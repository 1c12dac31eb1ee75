package io.github.requestmirror.httpclient5;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/** Delegates to the caller's entity and copies the bytes that the connection has accepted. */
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

  /** Called by handlers that sign or replace the body; the mirror can't know which. */
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
