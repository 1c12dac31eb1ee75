package io.github.requestmirror.client.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A body of equal parts, so that a large one needs little memory. Counts how often it is written.
 */
public final class TestBody {
  /** How the client gets the body. */
  public enum Kind {
    /** Repeatable, with a declared length. */
    DECLARED,
    /** Repeatable, without a declared length. */
    CHUNKED,
    /** Can be written once; without a declared length. */
    ONE_SHOT,
    /** Can be written once; with a declared length. */
    ONE_SHOT_DECLARED,
    /** Compressed by the client, if it can, while it is written. */
    COMPRESSED,
    /** Throws an {@link IOException} after half of the declared length. */
    FAILS_WITH_IO_EXCEPTION,
    /** Throws a {@link RuntimeException} after half of the declared length. */
    FAILS_WITH_RUNTIME_EXCEPTION,
    /** Throws an {@link Error} after half of the declared length. */
    FAILS_WITH_ERROR,
    /** Throws an {@link IOException} after half of the body; without a declared length. */
    CHUNKED_FAILS_WITH_IO_EXCEPTION,
    /** Throws a {@link RuntimeException} after half of the body; without a declared length. */
    CHUNKED_FAILS_WITH_RUNTIME_EXCEPTION,
    /** Throws an {@link Error} after half of the body; without a declared length. */
    CHUNKED_FAILS_WITH_ERROR
  }

  /** Bodies are written in pieces, so that some are sent before a connection breaks. */
  public static final int PIECE = 9_973;

  private static final String MESSAGE = "body failed on purpose";

  private final byte[] part;
  private final int parts;
  private final Kind kind;
  private final @Nullable String contentType;
  private final AtomicInteger writes = new AtomicInteger();

  TestBody(byte[] part, int parts, Kind kind, @Nullable String contentType) {
    this.part = part;
    this.parts = parts;
    this.kind = kind;
    this.contentType = contentType;
  }

  static TestBody of(byte[] bytes) {
    return new TestBody(bytes, 1, Kind.DECLARED, null);
  }

  static TestBody of(byte[] part, int parts, boolean declared) {
    return new TestBody(part, parts, declared ? Kind.DECLARED : Kind.CHUNKED, null);
  }

  public Kind kind() {
    return kind;
  }

  /** Returns the type that the body itself has; null if it has none. */
  public @Nullable String contentType() {
    return contentType;
  }

  public long length() {
    return (long) part.length * parts;
  }

  public boolean declaresLength() {
    return switch (kind) {
      case CHUNKED,
          ONE_SHOT,
          COMPRESSED,
          CHUNKED_FAILS_WITH_IO_EXCEPTION,
          CHUNKED_FAILS_WITH_RUNTIME_EXCEPTION,
          CHUNKED_FAILS_WITH_ERROR ->
          false;
      default -> true;
    };
  }

  public boolean isRepeatable() {
    return kind == Kind.DECLARED || kind == Kind.CHUNKED;
  }

  /** Returns whether writing it throws an {@link Error}. */
  public boolean failsWithError() {
    return kind == Kind.FAILS_WITH_ERROR || kind == Kind.CHUNKED_FAILS_WITH_ERROR;
  }

  /** Called by the client when it starts to write the body. */
  public void startWriting() {
    writes.incrementAndGet();
  }

  int writes() {
    return writes.get();
  }

  /** Returns the next piece, which is empty at the end of the body. */
  public byte[] read(long position, int limit) throws IOException {
    boolean fails = kind.name().contains("FAILS");
    long end = fails ? length() / 2 : length();
    if (position == end) {
      if (fails) {
        fail();
      }
      return new byte[0];
    }
    int from = (int) (position % part.length);
    long length = Math.min(Math.min(limit, part.length - from), end - position);
    return Arrays.copyOfRange(part, from, from + (int) length);
  }

  private void fail() throws IOException {
    IOException suppressed = new IOException("suppressed on purpose");
    switch (kind) {
      case FAILS_WITH_IO_EXCEPTION, CHUNKED_FAILS_WITH_IO_EXCEPTION -> {
        IOException e = new IOException(MESSAGE, new IllegalStateException("cause"));
        e.addSuppressed(suppressed);
        throw e;
      }
      case FAILS_WITH_RUNTIME_EXCEPTION, CHUNKED_FAILS_WITH_RUNTIME_EXCEPTION -> {
        RuntimeException e = new IllegalStateException(MESSAGE);
        e.addSuppressed(suppressed);
        throw e;
      }
      default -> {
        Error e = new LinkageError(MESSAGE);
        e.addSuppressed(suppressed);
        throw e;
      }
    }
  }

  /** Writes all pieces. */
  public void writeTo(OutputStream out) throws IOException {
    long position = 0;
    for (byte[] piece = read(0, PIECE); piece.length > 0; piece = read(position, PIECE)) {
      out.write(piece);
      position += piece.length;
    }
  }

  /** Returns the body as a stream. */
  public InputStream stream() {
    return new InputStream() {
      private long position;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        byte[] piece = TestBody.this.read(position, length);
        System.arraycopy(piece, 0, bytes, offset, piece.length);
        position += piece.length;
        return piece.length == 0 ? -1 : piece.length;
      }
    };
  }

  byte[] bytes() {
    byte[] bytes = new byte[Math.toIntExact(length())];
    for (int i = 0; i < parts; i++) {
      System.arraycopy(part, 0, bytes, i * part.length, part.length);
    }
    return bytes;
  }
}
