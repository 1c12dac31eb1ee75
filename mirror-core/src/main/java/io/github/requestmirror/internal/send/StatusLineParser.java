package io.github.requestmirror.internal.send;

import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.message.LazyLaxLineParser;
import org.apache.hc.core5.http.message.StatusLine;
import org.apache.hc.core5.util.CharArrayBuffer;

/**
 * Parses the status line that nearly all targets send with less work than HttpCore, and leaves
 * every other line to it. Ignores the reason phrase. Thread-safe.
 */
final class StatusLineParser extends LazyLaxLineParser {
  private static final String PREFIX = "HTTP/1.1 ";
  private static final int STATUS_END = PREFIX.length() + 3;

  @Override
  public StatusLine parseStatusLine(CharArrayBuffer line) throws ParseException {
    int status = status(line);
    return status < 0
        ? super.parseStatusLine(line)
        : new StatusLine(HttpVersion.HTTP_1_1, status, null);
  }

  /** Returns -1 if the line is not of the common form. */
  private static int status(CharArrayBuffer line) {
    if (line.length() < STATUS_END
        || (line.length() > STATUS_END && line.charAt(STATUS_END) != ' ')) {
      return -1;
    }
    for (int i = 0; i < PREFIX.length(); i++) {
      if (line.charAt(i) != PREFIX.charAt(i)) {
        return -1;
      }
    }
    int status = 0;
    for (int i = PREFIX.length(); i < STATUS_END; i++) {
      int digit = line.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      status = 10 * status + digit;
    }
    return status;
  }
}
