package io.github.requestmirror.benchmarks.process;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Finds the end of requests, one after another on a connection. Knows bodies with a length and
 * chunked bodies, whose last chunk must come at the end of what was received.
 */
final class RequestEnd {
  private final StringBuilder head = new StringBuilder();
  private long bodyLeft = -1;
  private boolean chunked;
  private int last;

  /** Consumes the bytes; returns whether a request has ended. */
  boolean accept(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      if (bodyLeft < 0) {
        head.append((char) (bytes.get() & 0xff));
        int length = head.length();
        if (length >= 4 && head.charAt(length - 1) == '\n' && head.charAt(length - 3) == '\n') {
          begin(head.toString().toLowerCase(Locale.ROOT));
        }
      } else if (chunked) {
        // 0 CR LF CR LF, without the 0.
        last = last << 8 | (bytes.get() & 0xff);
      } else {
        int skipped = (int) Math.min(bodyLeft, bytes.remaining());
        bytes.position(bytes.position() + skipped);
        bodyLeft -= skipped;
      }
      if (bodyLeft == 0 && !chunked) {
        return end();
      }
    }
    return chunked && last == 0x0d0a0d0a && end();
  }

  private void begin(String text) {
    chunked = text.contains("\ntransfer-encoding: chunked");
    int length = text.indexOf("\ncontent-length:");
    bodyLeft =
        length < 0
            ? 0
            : Long.parseLong(text.substring(length + 16, text.indexOf('\r', length)).strip());
  }

  private boolean end() {
    head.setLength(0);
    bodyLeft = -1;
    chunked = false;
    last = 0;
    return true;
  }
}
