package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Multipart bodies that the container parses. Undertow parses them from the application's stream,
 * so that the mirror can copy them; other containers read their own stream.
 */
abstract class MultipartContract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);

  MultipartContract(Container container) {
    super(container);
  }

  @Test
  void partsReachTheApplication() throws Exception {
    String body =
        String.join(
            "\r\n",
            "--cut",
            "Content-Disposition: form-data; name=\"text\"",
            "",
            "hello",
            "--cut",
            "Content-Disposition: form-data; name=\"file\"; filename=\"f.bin\"",
            "Content-Type: application/octet-stream",
            "",
            "\u0000\u0001\u00ff",
            "--cut--",
            "");
    byte[] sent = body.getBytes(StandardCharsets.ISO_8859_1);
    View view =
        check(
            (request, response) -> {
              StringBuilder seen = new StringBuilder();
              for (Part part : request.getParts()) {
                seen.append(part.getName()).append('=').append(text(part)).append(' ');
              }
              seen.append(text(request.getPart("text"))).append(request.getParameter("text"));
              respond(response, seen.toString());
            },
            post(sent, "Content-Type: multipart/form-data; boundary=cut"));
    assertThat(view.response()).contains("text=hello file=");
    assertCopiedOr(Outcome.BODY_UNSUPPORTED, sent);
  }

  @Test
  void multipartBodyReadAsAStreamIsCopied() throws Exception {
    byte[] sent =
        ascii("--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n\n\r\n\r\n--b--\r\n");
    String type = "multipart/form-data; boundary=b";
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        post(sent, "Content-Type: " + type));
    assertThat(assertCopied(sent).headers("Content-Type")).containsExactly(type);
  }

  @Test
  void parametersOfAMultipartBodyReachTheApplication() throws Exception {
    byte[] sent =
        ascii("--cut\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--cut--\r\n");
    View view =
        check(
            (request, response) -> {
              String seen = request.getParameter("text");
              respond(response, seen + request.getInputStream().readAllBytes().length);
            },
            chunked(sent, 10, "Content-Type: multipart/form-data; boundary=cut"));
    assertThat(view.response()).endsWith("hi0");
    assertCopiedOr(Outcome.BODY_UNSUPPORTED, sent);
  }

  /** Fails if the rest of a body is sent as the complete body. */
  @Test
  void multipartBodyThatTheContainerFailsToParseIsCompleteOrNotCopied() throws Exception {
    byte[] sent = ascii("a=%zz&".repeat(100_000));
    check(
        (request, response) -> {
          String seen;
          try {
            seen = "" + request.getParts();
          } catch (Exception e) {
            seen = "failed";
          }
          respond(response, seen + " " + request.getInputStream().readAllBytes().length);
        },
        chunked(sent, 10_000, "Content-Type: multipart/form-data; boundary=cut"));
    assertCopiedOr(Outcome.BODY_UNSUPPORTED, sent);
  }

  private static String text(@Nullable Part part) throws IOException {
    return part == null
        ? "none"
        : new String(part.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void partsOfAnotherTypeFailTheSameWay() throws Exception {
    check(
        (request, response) -> {
          String seen;
          try {
            seen = "" + request.getParts().size();
          } catch (ServletException e) {
            seen = "ServletException";
          }
          respond(response, seen + " " + request.getInputStream().readAllBytes().length);
        },
        post(BODY, "Content-Type: application/x-protobuf"));
    // The failed call has not read the body.
    assertCopied(BODY);
  }
}
