package io.github.requestmirror.httpclient5;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;

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
    if (copy.active()) {
      Tee tee = new Tee(out);
      super.writeTo(tee);
      tee.passSingleBytes();
    } else {
      super.writeTo(out);
    }
    copy.ended(true);
    copy.complete();
  }

  /** Called by handlers that sign or replace the body; the mirror can't know which. */
  @Override
  public InputStream getContent() throws IOException {
    copy.read();
    return super.getContent();
  }

  private final class Tee extends FilterOutputStream {
    /** Far less than the connection gathers itself, so the copy makes progress as the body does. */
    private static final int GATHERED = 128;

    private byte @Nullable [] singleBytes;
    private int count;

    Tee(OutputStream out) {
      super(out);
    }

    /** Gathers single bytes, because the copy takes two locks to receive bytes. */
    @Override
    public void write(int b) throws IOException {
      out.write(b);
      if (copy.active()) {
        byte[] bytes = singleBytes;
        if (bytes == null) {
          bytes = new byte[GATHERED];
          singleBytes = bytes;
        }
        bytes[count++] = (byte) b;
        if (count == GATHERED) {
          passSingleBytes();
        }
      }
    }

    void passSingleBytes() {
      byte[] bytes = singleBytes;
      if (bytes != null && count > 0) {
        copy.write(bytes, 0, count);
        count = 0;
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      if (copy.active()) {
        passSingleBytes();
        copy.write(bytes, offset, length);
      }
    }

    @Override
    public void flush() throws IOException {
      out.flush();
      passSingleBytes();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
