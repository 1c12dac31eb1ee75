package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import java.io.BufferedReader;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader decodes like the container's, and the target receives the undecoded bytes. */
abstract class ReaderContract extends ServletContract {
  ReaderContract(Container container) {
    super(container);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "text/plain;charset=utf-8",
        "text/plain; charset=\"ISO-8859-1\"",
        "text/plain;charset=utf-16",
        "application/json",
        "text/json",
        "text/html",
        "text/xml",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/octet-stream"
      })
  void readerDecodesLikeTheContainers(String contentType) throws Exception {
    // Not valid in every charset.
    byte[] body = "näive – ☃ 😀\r\nzwei\ndrei".getBytes(StandardCharsets.UTF_8);
    check(
        (request, response) -> {
          StringBuilder text = new StringBuilder();
          BufferedReader reader = request.getReader();
          for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            text.append(line).append('|');
          }
          respond(response, request.getCharacterEncoding() + " " + text);
        },
        post(body, "Content-Type: " + contentType));
    assertCopied(body);
  }

  @Test
  void readerDecodesAsTheApplicationSays() throws Exception {
    byte[] body = "näive ☃".getBytes(StandardCharsets.UTF_8);
    View view =
        check(
            (request, response) -> {
              request.setCharacterEncoding("UTF-8");
              respond(response, request.getReader().readLine());
            },
            post(body));
    assertThat(view.response()).endsWith(new String(body, StandardCharsets.ISO_8859_1));
    assertCopied(body);
  }

  @Test
  void unknownCharsetFailsTheSameWay() throws Exception {
    check(
        (request, response) -> {
          try {
            respond(response, request.getReader().readLine());
          } catch (UnsupportedEncodingException e) {
            respond(response, "unsupported");
          }
        },
        post(ascii("abc"), "Content-Type: text/plain;charset=nonsense"));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void streamAndReaderExcludeEachOther() throws Exception {
    check(
        (request, response) -> {
          StringBuilder seen = new StringBuilder();
          boolean readerFirst = "reader".equals(request.getHeader("X-First"));
          for (int i = 0; i < 4; i++) {
            try {
              Object taken =
                  i % 2 == 0 == readerFirst ? request.getReader() : request.getInputStream();
              seen.append(taken instanceof BufferedReader ? "reader " : "stream ");
            } catch (IllegalStateException e) {
              seen.append("refused ");
            }
          }
          respond(response, seen.toString());
        },
        client -> {
          client.exchange(
              ascii("abc"), lines("POST /push HTTP/1.1", "Content-Length: 3", "X-First: reader"));
          return client.exchange(ascii("abc"), lines("POST /push HTTP/1.1", "Content-Length: 3"));
        });
    assertThat(outcomes()).isEqualTo(Map.of(Outcome.BODY_INCOMPLETE, 2L));
  }
}
