package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.HttpMessage;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms that the container parses. */
abstract class FormContract extends ServletContract {
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final byte[] BODY = bytes(50_000);

  FormContract(Container container) {
    super(container);
  }

  private static String parameters(HttpServletRequest request) {
    Map<String, String> seen = new LinkedHashMap<>();
    for (String name : Collections.list(request.getParameterNames())) {
      seen.put(name, String.join(" ", request.getParameterValues(name)));
    }
    return seen.toString() + request.getParameter("a") + request.getParameterMap().keySet();
  }

  /** Asserts that the copy has the same parameters and is marked as re-encoded. */
  private void assertReencoded(String form) {
    assertOutcome(Outcome.ACCEPTED);
    assertThat(target.requests()).hasSize(1);
    HttpMessage copy = target.requests().get(0);
    assertThat(decoded(new String(copy.body(), StandardCharsets.US_ASCII)))
        .isEqualTo(decoded(form));
    assertThat(copy.header("X-Request-Mirror")).isEqualTo("reencoded");
    assertThat(copy.header("Content-Length")).isEqualTo("" + copy.body().length);
    assertThat(stats().reencoded()).isEqualTo(1);
  }

  /** Decodes to bytes, independent of the charset. */
  private static Map<String, List<String>> decoded(String form) {
    Map<String, List<String>> parameters = new TreeMap<>();
    for (String pair : form.split("&", -1)) {
      String[] parts = (pair + "=").split("=", -1);
      parameters.computeIfAbsent(decode(parts[0]), name -> new ArrayList<>()).add(decode(parts[1]));
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.ISO_8859_1);
  }

  private static String[] form(String target, String type, int length) {
    return lines(
        "POST " + target + " HTTP/1.1", "Content-Length: " + length, "Content-Type: " + type);
  }

  @ParameterizedTest
  @ValueSource(strings = {FORM, FORM + "; charset=UTF-8"})
  void formIsCopiedWithoutTheQuerysParameters(String type) throws Exception {
    String form = "a=1&b=x+y%26%3D%2F&a=2&c=&d=*-._~";
    View view =
        check(
            (request, response) -> respond(response, parameters(request)),
            atOnce(ascii(form), form("/form?q=0&a=2&q=%2B", type, form.length())));
    assertThat(view.response()).contains("a=2 1 2").contains("q=0 +");
    assertReencoded(form);
    assertThat(target.requests().get(0).requestTarget()).isEqualTo("/form?q=0&a=2&q=%2B");
    // Jetty changes the case of known types.
    assertThat(target.requests().get(0).header("Content-Type")).isEqualToIgnoringCase(type);
  }

  /** Undertow parses forms only if the type is in lower case. */
  @Test
  void formInAnotherCaseIsCopiedIfItIsParsed() throws Exception {
    View view =
        check(
            (request, response) -> respond(response, parameters(request)),
            atOnce(ascii("a=1"), form("/form?a=0", "Application/X-WWW-Form-URLEncoded", 3)));
    if (view.response().contains("a=0 1")) {
      assertReencoded("a=1");
    } else {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "ISO-8859-1"})
  void formKeepsItsCharset(String charset) throws Exception {
    String form = "name=" + URLEncoder.encode("Z\u00fcrich", Charset.forName(charset)) + "&x=1";
    View view =
        check(
            (request, response) -> respond(response, parameters(request)),
            atOnce(ascii(form), form("/form", FORM + ";charset=" + charset, form.length())));
    assertThat(view.response()).contains("x=1");
    assertReencoded(form);
  }

  /** If the container's charset is unknown, no copy is better than a wrong one. */
  @Test
  void formOfUndeclaredCharsetIsUnchangedOrNotCopied() throws Exception {
    String form = "name=Z%C3%BCrich&x=1";
    check(
        (request, response) -> respond(response, parameters(request)),
        atOnce(ascii(form), form("/form", FORM, form.length())));
    if (outcomes().containsKey(Outcome.ACCEPTED)) {
      assertReencoded(form);
    } else {
      assertNotCopied(Outcome.BODY_UNSUPPORTED);
    }
  }

  @Test
  void charsetSetByTheApplicationIsUsed() throws Exception {
    String form = "name=Z%C3%BCrich";
    check(
        (request, response) -> {
          request.setCharacterEncoding("UTF-8");
          respond(response, parameters(request));
        },
        atOnce(ascii(form), form("/form", FORM, form.length())));
    assertReencoded(form);
  }

  @Test
  void bytesInvalidInTheCharsetAreNotCopied() throws Exception {
    String form = "name=Z%FCrich";
    check(
        (request, response) -> {
          String seen;
          try {
            seen = parameters(request);
          } catch (RuntimeException e) {
            seen = "failed";
          }
          respond(response, seen);
        },
        atOnce(ascii(form), form("/form", FORM + ";charset=UTF-8", form.length())));
    assertThat(target.requests()).isEmpty();
    assertThat(outcomes().keySet())
        .isSubsetOf(Outcome.BODY_UNSUPPORTED, Outcome.BODY_INCOMPLETE)
        .hasSize(1);
  }

  @Test
  void chunkedFormIsCopied() throws Exception {
    check(
        (request, response) -> {
          String seen = parameters(request);
          respond(response, seen + request.getInputStream().readAllBytes().length);
        },
        chunked(ascii("a=1&a=2"), 2, "Content-Type: " + FORM));
    assertReencoded("a=1&a=2");
  }

  @Test
  void formOfAForwardedRequestIsCopiedOrSkipped() throws Exception {
    String form = "a=1&b=2";
    check(
        (request, response) -> {
          if (request.getDispatcherType() == DispatcherType.FORWARD) {
            respond(response, parameters(request));
          } else {
            request.getRequestDispatcher("/forwarded?a=forward").forward(request, response);
          }
        },
        atOnce(ascii(form), form("/form?a=query", FORM, form.length())));
    if (outcomes().containsKey(Outcome.ACCEPTED)) {
      assertReencoded(form);
    } else {
      assertNotCopied(Outcome.BODY_UNSUPPORTED);
    }
  }

  /** Some containers parse only forms of POST and leave the body of PUT in the stream. */
  @Test
  void formOfPutIsCopied() throws Exception {
    String form = "a=1&b=2";
    check(
        (request, response) -> {
          String seen = parameters(request);
          respond(response, seen + request.getInputStream().readAllBytes().length);
        },
        atOnce(
            ascii(form),
            lines("PUT /form?q=0 HTTP/1.1", "Content-Length: 7", "Content-Type: " + FORM)));
    assertOutcome(Outcome.ACCEPTED);
    assertThat(decoded(new String(target.requests().get(0).body(), StandardCharsets.US_ASCII)))
        .isEqualTo(decoded(form));
  }

  @Test
  void emptyFormIsCopied() throws Exception {
    check(
        (request, response) -> respond(response, parameters(request)),
        atOnce(EMPTY, form("/form?q=0", FORM, 0)));
    assertCopied(EMPTY);
  }

  @Test
  void compressedFormIsNotCopied() throws Exception {
    check(
        (request, response) -> respond(response, parameters(request)),
        atOnce(
            ascii("a=1"),
            lines(
                "POST /form HTTP/1.1",
                "Content-Length: 3",
                "Content-Type: " + FORM,
                "Content-Encoding: gzip")));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  @Test
  void formThatIsReadAsAStreamIsCopied() throws Exception {
    check(
        (request, response) -> {
          byte[] body = request.getInputStream().readAllBytes();
          respond(response, new String(body, StandardCharsets.US_ASCII) + parameters(request));
        },
        atOnce(ascii("a=1&a=2"), form("/form?q=0", FORM, 7)));
    assertCopied(ascii("a=1&a=2"));
  }

  @Test
  void parametersOfTheQueryDoNotMatterToABodyThatIsNoForm() throws Exception {
    check(
        (request, response) -> {
          String seen = parameters(request);
          respond(response, seen + request.getInputStream().readAllBytes().length);
        },
        client ->
            client.exchange(
                BODY,
                "POST /push?a=1 HTTP/1.1",
                "Host: gateway",
                "Content-Type: application/x-protobuf",
                "Content-Length: 50000"));
    assertCopied(BODY);
  }

  @Test
  void formOfGetIsInItsQuery() throws Exception {
    check(
        (request, response) -> respond(response, parameters(request)),
        client ->
            client.exchange(
                EMPTY, "GET /query?a=1&b=2 HTTP/1.1", "Host: gateway", "Content-Type: " + FORM));
    assertThat(assertCopied(EMPTY).requestTarget()).isEqualTo("/query?a=1&b=2");
  }

  /** Fails if the rest of a body is sent as the complete body. */
  @Test
  void formThatTheContainerFailsToParseIsNotCopied() throws Exception {
    check(
        (request, response) -> {
          String seen;
          try {
            seen = parameters(request);
          } catch (Exception e) {
            seen = "failed";
          }
          respond(response, seen + " " + request.getInputStream().readAllBytes().length);
        },
        chunked(ascii("a=%zz&".repeat(100_000)), 10_000, "Content-Type: " + FORM));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }
}
