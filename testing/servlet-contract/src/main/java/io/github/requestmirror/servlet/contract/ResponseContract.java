package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All kinds of responses and requests: the client sees the same with the filter. */
abstract class ResponseContract extends ServletContract {
  private static final byte[] BODY = bytes(3000);

  ResponseContract(Container container) {
    super(container);
  }

  /** The ways to respond, each with its status. */
  enum ResponseKind {
    OK(200) {
      @Override
      void give(HttpServletResponse response) throws IOException {
        respond(response, "ok");
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
        respond(response, "later");
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
    ILLEGAL_STATE_EXCEPTION(500) {
      @Override
      void give(HttpServletResponse response) {
        throw new IllegalStateException("on purpose");
      }
    },
    ASSERTION_ERROR(500) {
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

    ResponseKind(int status) {
      this.status = status;
    }

    abstract void give(HttpServletResponse response) throws IOException, ServletException;
  }

  private static App reading(ResponseKind kind) {
    return (request, response) -> {
      assertThat(request.getInputStream().readAllBytes()).isEqualTo(BODY);
      kind.give(response);
    };
  }

  @ParameterizedTest
  @EnumSource
  void everyResponseIsTheSameAndTheRequestIsCopied(ResponseKind kind) throws Exception {
    check(reading(kind), post(BODY));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @EnumSource
  void primaryStatusDecides(ResponseKind kind) throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    check(reading(kind), post(BODY));
    if (kind.status / 100 == 2) {
      assertCopied(BODY);
    } else {
      assertNotCopied(Outcome.PRIMARY_STATUS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void responseWithoutReadingIsTheSame(ResponseKind kind) throws Exception {
    check((request, response) -> kind.give(response), post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  /** Fails if the response is buffered, for example to compare or log it. */
  @Test
  void responseIsStreamed() throws Exception {
    CountDownLatch received = new CountDownLatch(1);
    application(
        (request, response) -> {
          response.setContentLength(11);
          response.getOutputStream().print("first");
          response.flushBuffer();
          try {
            assertThat(received.await(10, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          response.getOutputStream().print("second");
        });
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), mirroredPort())) {
      client.setSoTimeout(10_000);
      client.getOutputStream().write(ascii("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"));
      InputStream in = client.getInputStream();
      int last = 0;
      while (last != 0x0d0a0d0a) {
        last = last << 8 | in.read();
      }
      assertThat(in.readNBytes(5)).isEqualTo(ascii("first"));
      received.countDown();
      assertThat(in.readNBytes(6)).isEqualTo(ascii("second"));
    }
  }

  /** Fails if exceptions are caught but errors are not: the captured bytes would stay allocated. */
  @Test
  void errorAfterAPartOfTheBodyReleasesEverything() throws Exception {
    application(
        (request, response) -> {
          request.getInputStream().readNBytes(2000);
          throw new AssertionError("on purpose");
        });
    for (int i = 0; i < 20; i++) {
      try (RawClient client = new RawClient(mirroredPort())) {
        HttpMessage response =
            client.exchange(BODY, lines("POST /push HTTP/1.1", "Content-Length: 3000"));
        assertThat(response.status()).isEqualTo(500);
      }
    }
    Conservation.awaitSettled(mirror());
    assertThat(outcomes()).isEqualTo(Map.of(Outcome.BODY_INCOMPLETE, 20L));
    assertThat(stats().bufferedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH"})
  void requestWithoutBodyIsCopied(String method) throws Exception {
    check(
        (request, response) -> respond(response, request.getMethod()),
        client -> client.exchange(EMPTY, method + " /x HTTP/1.1", "Host: gateway"));
    assertThat(assertCopied(EMPTY).method()).isEqualTo(method);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "POST"})
  void requestWithoutBodyThatIsReadIsCopied(String method) throws Exception {
    check(
        (request, response) ->
            respond(response, "" + request.getInputStream().readAllBytes().length),
        client -> client.exchange(EMPTY, method + " /x HTTP/1.1", "Host: gateway"));
    assertCopied(EMPTY);
  }

  @Test
  void getMayHaveABody() throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        client ->
            client.exchange(BODY, "GET /x HTTP/1.1", "Host: gateway", "Content-Length: 3000"));
    assertCopied(BODY);
  }

  @Test
  void http10RequestIsCopied() throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        client -> client.exchange(BODY, "POST /x HTTP/1.0", "Content-Length: 3000"));
    assertCopied(BODY);
  }

  @Test
  void http10RequestWithoutBodyIsCopied() throws Exception {
    check(
        (request, response) -> respond(response, "ok"),
        client -> client.exchange(EMPTY, "GET /x HTTP/1.0", "Connection: keep-alive"));
    assertCopied(EMPTY);
  }

  @Test
  void requestsOnOneConnectionAreCopiedOneByOne() throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
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

  @Test
  void clientThatDisconnectsBeforeTheResponseIsServed() throws Exception {
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
    // Whether the application had read the whole body is open.
    assertThat(stats().offered()).isEqualTo(1);
    assertThat(target.requests()).allSatisfy(copy -> assertThat(copy.body()).isEqualTo(BODY));
  }
}
