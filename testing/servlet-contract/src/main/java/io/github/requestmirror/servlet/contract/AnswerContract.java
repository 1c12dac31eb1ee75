package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an application answers, and whatever it is asked, the client sees the same. */
abstract class AnswerContract extends ServletContract {
  private static final byte[] BODY = bytes(3000);

  AnswerContract(Container container) {
    super(container);
  }

  /** The ways to answer a request whose body has been read, and the status that counts. */
  enum Answer {
    OK(200) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        answer(response, "ok");
      }
    },
    NOTHING(200) {
      @Override
      void give(HttpServletResponse response) {}
    },
    STATUS_ONLY(204) {
      @Override
      void give(HttpServletResponse response) {
        response.setStatus(204);
      }
    },
    WRITER(200) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        response.setContentType("text/plain;charset=UTF-8");
        response.getWriter().print("näive");
      }
    },
    CHUNKED(200) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        for (int i = 0; i < 100; i++) {
          response.getOutputStream().write(bytes(1000));
          response.flushBuffer();
        }
      }
    },
    NOT_AVAILABLE(503) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        response.setStatus(503);
        answer(response, "later");
      }
    },
    ERROR(503) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        response.sendError(503);
      }
    },
    ERROR_WITH_MESSAGE(429) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        response.setHeader("Retry-After", "1");
        response.sendError(429, "too many");
      }
    },
    REDIRECT(302) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        response.sendRedirect("/elsewhere");
      }
    },
    IO_EXCEPTION(500) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        throw new IOException("on purpose");
      }
    },
    SERVLET_EXCEPTION(500) {
      @Override
      void give(HttpServletResponse response) throws ServletException {
        throw new ServletException("on purpose");
      }
    },
    UNAVAILABLE_EXCEPTION(500) {
      @Override
      void give(HttpServletResponse response) {
        throw new IllegalStateException("on purpose");
      }
    },
    VIRTUAL_MACHINE_ERROR(500) {
      @Override
      void give(HttpServletResponse response) {
        throw new AssertionError("on purpose");
      }
    },
    EXCEPTION_AFTER_OK(500) {
      @Override
      void give(HttpServletResponse response) {
        response.setStatus(200);
        throw new IllegalStateException("on purpose");
      }
    },
    EXCEPTION_AFTER_COMMIT(500) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        response.setContentLength(100);
        response.getOutputStream().print("half of it");
        response.flushBuffer();
        throw new IllegalStateException("on purpose");
      }
    };

    final int status;

    Answer(int status) {
      this.status = status;
    }

    abstract void give(HttpServletResponse response) throws IOException, ServletException;
  }

  private static App reading(Answer answer) {
    return (request, response) -> {
      assertThat(request.getInputStream().readAllBytes()).isEqualTo(BODY);
      answer.give(response);
    };
  }

  @ParameterizedTest
  @EnumSource
  void everyAnswerIsTheSameAndTheRequestIsCopied(Answer answer) throws Exception {
    check(reading(answer), post(BODY));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @EnumSource
  void primaryStatusDecides(Answer answer) throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryAnswers(2));
    check(reading(answer), post(BODY));
    if (answer.status / 100 == 2) {
      assertCopied(BODY);
    } else {
      assertNotCopied(Outcome.PRIMARY_STATUS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void answerWithoutReadingIsTheSame(Answer answer) throws Exception {
    check((request, response) -> answer.give(response), post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH"})
  void requestWithoutBodyIsCopied(String method) throws Exception {
    check(
        (request, response) -> answer(response, request.getMethod()),
        client -> client.exchange(EMPTY, method + " /x HTTP/1.1", "Host: gateway"));
    assertThat(assertCopied(EMPTY).method()).isEqualTo(method);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "POST"})
  void requestWithoutBodyThatIsReadIsCopied(String method) throws Exception {
    check(
        (request, response) ->
            answer(response, "" + request.getInputStream().readAllBytes().length),
        client -> client.exchange(EMPTY, method + " /x HTTP/1.1", "Host: gateway"));
    assertCopied(EMPTY);
  }

  @Test
  void getMayHaveABody() throws Exception {
    check(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        client ->
            client.exchange(BODY, "GET /x HTTP/1.1", "Host: gateway", "Content-Length: 3000"));
    assertCopied(BODY);
  }

  @Test
  void oldClientsAreServedAlike() throws Exception {
    check(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        client -> client.exchange(BODY, "POST /x HTTP/1.0", "Content-Length: 3000"));
    assertCopied(BODY);
  }

  @Test
  void oldClientsWithoutABodyAreServedAlike() throws Exception {
    check(
        (request, response) -> answer(response, "ok"),
        client -> client.exchange(EMPTY, "GET /x HTTP/1.0", "Connection: keep-alive"));
    assertCopied(EMPTY);
  }

  @Test
  void requestsOnOneConnectionAreCopiedOneByOne() throws Exception {
    check(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        client -> {
          for (int i = 0; i < 3; i++) {
            client.send(BODY, lines("POST /push HTTP/1.1", "Content-Length: 3000"));
          }
          client.receive(false);
          client.receive(false);
          return client.receive(false);
        });
    assertThat(outcomes()).isEqualTo(Map.of(Outcome.ACCEPTED, 3L));
    assertThat(target.requests()).allSatisfy(copy -> assertThat(copy.body()).isEqualTo(BODY));
  }

  // Expect: 100-continue.

  /** Returns all start lines until the final answer; sends the body when told to continue. */
  private static List<String> expectContinue(int port, String framing, byte[] body)
      throws IOException {
    List<String> seen = new ArrayList<>();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      String head =
          String.join(
              "\r\n",
              "POST /push HTTP/1.1",
              "Host: gateway",
              "Expect: 100-continue",
              framing,
              "",
              "");
      socket.getOutputStream().write(ascii(head));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      HttpMessage message;
      do {
        message = Objects.requireNonNull(HttpMessage.read(in));
        seen.add(message.startLine());
        if (message.status() == 100) {
          socket.getOutputStream().write(body);
        }
      } while (message.status() == 100);
      seen.add(describe(message));
    }
    return seen;
  }

  private void checkExpectContinue(App app, String framing, byte[] body) throws IOException {
    application(app);
    List<String> without = expectContinue(plainPort(), framing, body);
    List<String> with = expectContinue(mirroredPort(), framing, body);
    assertThat(with).isEqualTo(without);
    Conservation.awaitSettled(mirror());
  }

  @Test
  void clientThatWaitsForContinueIsServed() throws Exception {
    checkExpectContinue(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        "Content-Length: 3000",
        BODY);
    assertThat(assertCopied(BODY).headers("Expect")).isEmpty();
  }

  @Test
  void clientThatWaitsForContinueBeforeChunksIsServed() throws Exception {
    checkExpectContinue(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        "Transfer-Encoding: chunked",
        chunks(BODY, 100));
    assertCopied(BODY);
  }

  @Test
  void readerInvitesTheClientToContinueToo() throws Exception {
    checkExpectContinue(
        (request, response) -> answer(response, "" + request.getReader().read()),
        "Content-Length: 3000",
        BODY);
    assertCopied(BODY);
  }

  @Test
  void nobodyIsInvitedToContinueButByTheApplication() throws Exception {
    checkExpectContinue(
        (request, response) -> {
          response.setHeader("Connection", "close");
          response.setStatus(413);
          answer(response, "no, thanks");
        },
        "Content-Length: 3000",
        BODY);
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  // What the application may notice.

  @Test
  void noSessionIsCreated() throws Exception {
    View view =
        check(
            (request, response) -> {
              request.getInputStream().readAllBytes();
              answer(response, "session " + request.getSession(false));
            },
            post(BODY));
    assertThat(view.answer()).endsWith("session null").doesNotContain("Set-Cookie");
  }

  @Test
  void sessionOfTheApplicationWorks() throws Exception {
    check(
        (request, response) -> {
          boolean isNew = request.getSession(true).isNew();
          response.setHeader("Set-Cookie", "hidden=1");
          answer(response, request.getInputStream().readAllBytes().length + " " + isNew);
        },
        post(BODY));
    assertThat(assertCopied(BODY).headers("Cookie")).isEmpty();
  }

  @Test
  void primaryRequestIsNotMarked() throws Exception {
    View view =
        check(
            (request, response) -> {
              StringBuilder seen = new StringBuilder();
              for (String name : Collections.list(request.getHeaderNames())) {
                seen.append(name)
                    .append('=')
                    .append(Collections.list(request.getHeaders(name)))
                    .append(' ');
              }
              seen.append(request.getHeader("X-Request-Mirror"));
              request.getInputStream().readAllBytes();
              answer(response, seen.toString());
            },
            post(BODY, "X-Trace: 1", "X-Trace: 2", "Authorization: Bearer secret"));
    assertThat(view.answer()).contains("[1, 2]", "Bearer secret").endsWith("null");
    HttpMessage copy = assertCopied(BODY);
    assertThat(copy.headers("X-Request-Mirror")).isNotEmpty();
    assertThat(copy.headers("Authorization")).isEmpty();
  }

  @Test
  void copyOfAnotherMirrorIsServedAndNotCopied() throws Exception {
    check(
        (request, response) ->
            answer(
                response,
                request.getHeader("X-Request-Mirror")
                    + request.getInputStream().readAllBytes().length),
        post(BODY, "X-Request-Mirror: 1"));
    assertNotCopied(Outcome.LOOP);
  }

  @Test
  void clientThatGoesAwayBeforeTheAnswerIsCopied() throws Exception {
    application(
        (request, response) -> {
          request.getInputStream().readAllBytes();
          for (int i = 0; i < 1000; i++) {
            response.getOutputStream().write(bytes(10_000));
          }
        });
    try (RawClient client = new RawClient(mirroredPort())) {
      client.send(BODY, lines("POST /push HTTP/1.1", "Content-Length: 3000"));
      client.out().flush();
      await().until(() -> stats().offered() == 1);
      client.abort();
    }
    Conservation.awaitSettled(mirror());
    // The primary had the whole request, or had not when the connection broke.
    assertThat(stats().offered()).isEqualTo(1);
    assertThat(target.requests()).allSatisfy(copy -> assertThat(copy.body()).isEqualTo(BODY));
  }
}
