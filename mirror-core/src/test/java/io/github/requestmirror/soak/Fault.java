package io.github.requestmirror.soak;

import io.github.requestmirror.testing.EndlessResponse;
import io.github.requestmirror.testing.HttpMessage;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** What a {@link FaultyTarget} does with a request. */
enum Fault {
  NONE,
  UNAVAILABLE,
  /** 429, and nothing for a second. */
  THROTTLES,
  REJECTS,
  /** Never responds. */
  HANGS,
  SLOW,
  /** Ends the connection without a response, as servers do with idle ones. */
  CLOSES,
  RESETS,
  /** Responds, and then ends the connection without saying so. */
  CLOSES_AFTERWARDS,
  MALFORMED,
  ENDLESS,
  /** Writes the response byte by byte. */
  TRICKLES,

  // Before the request has been read.
  NEVER_READS,
  RESPONDS_EARLY,
  CLOSES_EARLY;

  /** How long a connection is not read, and how long a slow response takes. */
  private static final int LONG_MILLIS = 2000;

  private static final int TRICKLE_MILLIS = 20;
  private static final int FOR_EVER = 0;

  private static final List<String> MALFORMED_RESPONSES =
      List.of(
          "SSH-2.0-OpenSSH_9.2\r\n",
          "\r\n\r\n\r\n\r\n",
          "HTTP/1.1 2OO OK\r\n\r\n",
          "HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 999 Unknown\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n",
          "HTTP/1.1 204 No Content\r\n\r\nmore than was announced",
          "HTTP/1.1 503 Busy\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n");

  boolean isBeforeReading() {
    return compareTo(NEVER_READS) >= 0;
  }

  /**
   * Handles a request.
   *
   * @return whether the connection can be used again
   */
  boolean handle(HttpMessage request, FaultyTarget.Exchange exchange, Random random)
      throws IOException {
    OutputStream out = exchange.output();
    switch (this) {
      case NONE -> ok(out, random);
      case UNAVAILABLE -> write(out, response(random.nextBoolean() ? 500 : 503, "", "down"));
      case THROTTLES -> write(out, response(429, "Retry-After: 1\r\n", "too many"));
      case REJECTS -> write(out, response(400, "", "out of order"));
      case HANGS -> exchange.pause(FOR_EVER);
      case SLOW -> {
        exchange.pause(LONG_MILLIS);
        ok(out, random);
      }
      case CLOSES -> {
        return false;
      }
      case RESETS -> throw new IOException("reset on purpose");
      case CLOSES_AFTERWARDS -> {
        ok(out, random);
        return false;
      }
      case MALFORMED -> {
        write(out, MALFORMED_RESPONSES.get(random.nextInt(MALFORMED_RESPONSES.size())));
        return false;
      }
      case ENDLESS -> {
        EndlessResponse[] all = EndlessResponse.values();
        all[random.nextInt(all.length)].handle(request, out);
      }
      case TRICKLES -> {
        for (char c : response(200, "", "slowly").toCharArray()) {
          write(out, String.valueOf(c));
          exchange.pause(TRICKLE_MILLIS);
        }
      }
      case NEVER_READS, RESPONDS_EARLY, CLOSES_EARLY ->
          throw new IllegalStateException(this + " is before reading");
    }
    return true;
  }

  /** Handles a request of which nothing has been read, and the rest of its connection. */
  void handleUnread(FaultyTarget.Exchange exchange, Random random) throws IOException {
    switch (this) {
      case NEVER_READS -> exchange.ignore(LONG_MILLIS);
      case CLOSES_EARLY -> exchange.skip(random.nextInt(2000));
      case RESPONDS_EARLY -> {
        exchange.skip(1 + random.nextInt(100));
        write(exchange.output(), response(413, "Connection: close\r\n", "too large"));
        exchange.skip(Integer.MAX_VALUE);
      }
      default -> throw new IllegalStateException(this + " is after reading");
    }
  }

  private static void ok(OutputStream out, Random random) throws IOException {
    write(out, random.nextBoolean() ? "HTTP/1.1 204 OK\r\n\r\n" : response(200, "", "accepted"));
  }

  private static String response(int status, String headers, String body) {
    return "HTTP/1.1 %d Status\r\n%sContent-Length: %d\r\n\r\n%s"
        .formatted(status, headers, body.length(), body);
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** The client has closed the connection. */
  static EOFException closedByClient() {
    return new EOFException("closed by the client");
  }
}
