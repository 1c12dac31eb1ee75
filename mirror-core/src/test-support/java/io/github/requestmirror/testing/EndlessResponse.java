package io.github.requestmirror.testing;

import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Responses that never end. Each is written until the client closes the connection, or for {@link
 * #SECONDS}, so that a test fails in time if the client keeps reading.
 */
public enum EndlessResponse implements TestTarget.Behaviour {
  STATUS_LINE(Outcome.IO_ERROR, "HTTP/1.1 200 ", "x"),
  BYTES(Outcome.IO_ERROR, "", "x"),
  ZEROS(Outcome.IO_ERROR, "", "\0"),
  LINES(Outcome.IO_ERROR, "", "not HTTP\r\n"),
  EMPTY_LINES(Outcome.IO_ERROR, "", "\r\n"),
  HEADER_LINE(Outcome.IO_ERROR, "HTTP/1.1 200 OK\r\nX-Filler: ", "x"),
  HEADER_LINES(Outcome.IO_ERROR, "HTTP/1.1 200 OK\r\n", "X-Filler: xxxxxxxxxxxxxxxxxxxx\r\n"),
  SHORT_HEADER_LINES(Outcome.IO_ERROR, "HTTP/1.1 200 OK\r\n", "a:\r\n"),
  FOLDED_HEADER_LINES(Outcome.IO_ERROR, "HTTP/1.1 200 OK\r\nX-Filler: x\r\n", " x\r\n"),
  CONTINUE(Outcome.IO_ERROR, "", "HTTP/1.1 100 Continue\r\n\r\n"),
  PROCESSING(Outcome.IO_ERROR, "", "HTTP/1.1 102 Processing\r\n\r\n"),
  EARLY_HINTS(Outcome.IO_ERROR, "", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"),
  CONTINUE_WITH_BODY(
      Outcome.IO_ERROR, "", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello"),
  HINTS_WITH_BODY(
      Outcome.IO_ERROR, "", "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\nhello"),
  CHUNK_SIZE(Outcome.ACCEPTED, EndlessResponse.CHUNKED, "0"),
  CHUNK_EXTENSION(Outcome.ACCEPTED, EndlessResponse.CHUNKED + "5;", "x"),
  CHUNK_EXTENSIONS(Outcome.ACCEPTED, EndlessResponse.CHUNKED, "1;xxxxxxxxxxxxxxxxxxxx\r\ny\r\n"),
  TRAILER(Outcome.ACCEPTED, EndlessResponse.CHUNKED + "0\r\nX-Filler: ", "x"),
  TRAILERS(Outcome.ACCEPTED, EndlessResponse.CHUNKED + "0\r\n", "X-Filler: xxxxxxxxxxxx\r\n"),
  FOLDED_TRAILERS(Outcome.ACCEPTED, EndlessResponse.CHUNKED + "0\r\nX-Filler: x\r\n", " x\r\n"),
  BODY(Outcome.ACCEPTED, "HTTP/1.1 200 OK\r\n\r\n", "x"),
  CONTINUE_AFTER_RESPONSE(
      Outcome.ACCEPTED, "HTTP/1.1 204 OK\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"),
  BYTES_AFTER_RESPONSE(Outcome.ACCEPTED, "HTTP/1.1 204 OK\r\n\r\n", "x");

  public static final int SECONDS = 20;

  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final Outcome outcome;
  private final String start;
  private final String repeated;

  EndlessResponse(Outcome outcome, String start, String repeated) {
    this.outcome = outcome;
    this.start = start;
    this.repeated = repeated;
  }

  /** Returns the outcome: that of the final status, if the response has one. */
  public Outcome outcome() {
    return outcome;
  }

  /**
   * Returns whether it starts with a complete response, after which the connection may be reused.
   */
  public boolean isAfterResponse() {
    return start.endsWith("204 OK\r\n\r\n");
  }

  @Override
  public void handle(HttpMessage request, OutputStream out) throws IOException {
    long begin = System.nanoTime();
    byte[] block =
        repeated.repeat((64 << 10) / repeated.length()).getBytes(StandardCharsets.ISO_8859_1);
    out.write(start.getBytes(StandardCharsets.ISO_8859_1));
    while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(SECONDS)) {
      out.write(block);
    }
    throw new IOException("the client has not closed the connection");
  }
}
