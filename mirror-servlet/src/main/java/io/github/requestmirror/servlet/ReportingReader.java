package io.github.requestmirror.servlet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * A reader that throws on bytes that are not valid in the charset, as Tomcat's does. Like Tomcat's,
 * it decodes what one read of the stream returns, does not return characters of that read if some
 * of its bytes are invalid, and throws again when it is called again.
 */
final class ReportingReader extends BufferedReader {
  private final InputStream in;

  ReportingReader(InputStream in, Charset charset) {
    super(new Decoding(in, charset));
    this.in = in;
  }

  @Override
  public boolean ready() throws IOException {
    return super.ready() || in.available() > 0;
  }

  private static final class Decoding extends Reader {
    private static final int BUFFER = 8192;

    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
    private final CharBuffer chars = CharBuffer.allocate(BUFFER).limit(0);

    /** Whether the decoder needs more bytes. */
    private boolean underflow = true;

    private boolean ended;
    private boolean flushed;

    Decoding(InputStream in, Charset charset) {
      this.in = in;
      this.decoder =
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    @Override
    public int read(char[] to, int offset, int length) throws IOException {
      while (!chars.hasRemaining() && !flushed) {
        decode();
      }
      int read = Math.min(length, chars.remaining());
      chars.get(to, offset, read);
      return read == 0 && length > 0 ? -1 : read;
    }

    private void decode() throws IOException {
      if (underflow && !ended) {
        readOnce();
      }
      chars.clear();
      CoderResult result = decoder.decode(bytes, chars, ended);
      if (result.isUnderflow() && ended) {
        result = decoder.flush(chars);
        flushed = result.isUnderflow();
      }
      underflow = result.isUnderflow();
      if (result.isError()) {
        chars.limit(0).position(0);
        result.throwException();
      }
      chars.flip();
    }

    private void readOnce() throws IOException {
      bytes.compact();
      try {
        int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
        ended = read < 0;
        bytes.position(bytes.position() + Math.max(read, 0));
      } finally {
        bytes.flip();
      }
    }

    /** Tells {@code BufferedReader} not to read on where there may be invalid bytes. */
    @Override
    public boolean ready() {
      return chars.hasRemaining();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
