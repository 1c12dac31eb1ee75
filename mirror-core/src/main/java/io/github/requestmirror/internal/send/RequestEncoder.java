package io.github.requestmirror.internal.send;

import io.github.requestmirror.Headers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;

/**
 * Encodes requests as HTTP/1.1 (RFC 9112). One encoder serves all exchanges of a sender: what a
 * socket does not accept is encoded again later. Confined to the sender's thread.
 */
final class RequestEncoder {
  /** Methods with a {@code Content-Length} even without a body (RFC 9110 8.6). */
  private static final Set<String> WITH_LENGTH = Set.of("POST", "PUT", "PATCH");

  private static final int INITIAL_BYTES = 2 << 10;
  private static final int LARGEST_RETAINED_BYTES = 64 << 10;

  private byte[] head = new byte[INITIAL_BYTES];
  private int headLength;

  /**
   * Puts as many bytes of the request as there is room for.
   *
   * @param from the number of bytes of the request that have been sent already
   * @return whether the last byte is among them
   */
  boolean encode(OutboundRequest request, long from, ByteBuffer into) {
    // Only large requests come here twice, so that encoding the head again costs little.
    encodeHead(request);
    if (from < headLength) {
      int count = Math.min(headLength - (int) from, into.remaining());
      into.put(head, (int) from, count);
      if (from + count < headLength) {
        return false;
      }
    }
    boolean complete = request.body().copyTo(into, Math.max(0, from - headLength));
    if (head.length > LARGEST_RETAINED_BYTES) {
      head = new byte[INITIAL_BYTES];
    }
    return complete;
  }

  private void encodeHead(OutboundRequest request) {
    headLength = 0;
    put(request.method());
    put(' ');
    put(request.path());
    put(" HTTP/1.1\r\n");
    Headers headers = request.headers();
    for (int i = 0; i < headers.size(); i++) {
      put(headers.name(i));
      put(": ");
      putValue(headers.value(i));
      put("\r\n");
    }
    long length = request.body().size();
    if (length > 0 || WITH_LENGTH.contains(request.method())) {
      put("Content-Length: ");
      put(Long.toString(length));
      put("\r\n");
    }
    put("Connection: keep-alive\r\n\r\n");
  }

  private void put(char c) {
    reserve(1);
    head[headLength++] = (byte) c;
  }

  /** Appends ASCII or ISO-8859-1. */
  private void put(String text) {
    int length = text.length();
    reserve(length);
    for (int i = 0; i < length; i++) {
      head[headLength + i] = (byte) text.charAt(i);
    }
    headLength += length;
  }

  /**
   * Appends a header value. A control character except the tab becomes a space (RFC 9110 5.5),
   * because a line break would allow request smuggling; a character above ISO-8859-1, which is not
   * a single byte, becomes a question mark.
   */
  private void putValue(String value) {
    int length = value.length();
    reserve(length);
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      boolean control = (c < ' ' && c != '\t') || c == 0x7f;
      head[headLength + i] = (byte) (control ? ' ' : c > 0xff ? '?' : c);
    }
    headLength += length;
  }

  private void reserve(int more) {
    if (head.length - headLength < more) {
      head = Arrays.copyOf(head, Math.max(2 * head.length, headLength + more));
    }
  }
}
