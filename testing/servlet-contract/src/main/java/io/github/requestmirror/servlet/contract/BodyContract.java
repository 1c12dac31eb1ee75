package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All ways to read a body: the application and the target receive the same bytes. */
abstract class BodyContract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);

  BodyContract(Container container) {
    super(container);
  }

  /** The ways to read a body to its end. */
  enum Reading {
    BYTE_BY_BYTE {
      @Override
      byte[] read(HttpServletRequest request) throws IOException {
        InputStream in = request.getInputStream();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
          body.write(b);
        }
        return body.toByteArray();
      }
    },
    ARRAY {
      @Override
      byte[] read(HttpServletRequest request) throws IOException {
        InputStream in = request.getInputStream();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[1000];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          body.write(buffer, 0, read);
        }
        return body.toByteArray();
      }
    },
    ALL_BYTES {
      @Override
      byte[] read(HttpServletRequest request) throws IOException {
        return request.getInputStream().readAllBytes();
      }
    },
    TRANSFER {
      @Override
      byte[] read(HttpServletRequest request) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        request.getInputStream().transferTo(body);
        return body.toByteArray();
      }
    },
    LINES {
      @Override
      byte[] read(HttpServletRequest request) throws IOException {
        ServletInputStream in = request.getInputStream();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[300];
        for (int read = in.readLine(buffer, 0, 300);
            read >= 0;
            read = in.readLine(buffer, 0, 300)) {
          body.write(buffer, 0, read);
        }
        return body.toByteArray();
      }
    },
    STREAM_TAKEN_EVERY_TIME {
      @Override
      byte[] read(HttpServletRequest request) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[1000];
        for (int read = request.getInputStream().read(buffer);
            read >= 0;
            read = request.getInputStream().read(buffer)) {
          body.write(buffer, 0, read);
        }
        return body.toByteArray();
      }
    },
    READER {
      @Override
      byte[] read(HttpServletRequest request) throws IOException {
        BufferedReader reader = request.getReader();
        StringBuilder body = new StringBuilder();
        char[] buffer = new char[1000];
        for (int read = reader.read(buffer); read >= 0; read = reader.read(buffer)) {
          body.append(buffer, 0, read);
        }
        return body.toString().getBytes(StandardCharsets.ISO_8859_1);
      }
    };

    abstract byte[] read(HttpServletRequest request) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void bodyReadToItsEndIsCopied(Reading reading) throws Exception {
    View view = check((request, response) -> respond(response, reading.read(request)), post(BODY));
    assertThat(view.response()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @EnumSource
  void chunkedBodyReadToItsEndIsCopied(Reading reading) throws Exception {
    View view =
        check(
            (request, response) -> {
              assertThat(request.getContentLengthLong()).isEqualTo(-1);
              respond(response, reading.read(request));
            },
            chunked(BODY, 777));
    assertThat(view.response()).contains("200", "50000 bytes");
    HttpMessage copy = assertCopied(BODY);
    assertThat(copy.headers("Content-Length")).containsExactly("50000");
    assertThat(copy.headers("Transfer-Encoding")).isEmpty();
  }

  /** Fails if a body is converted to text. */
  @Test
  void binaryBodyWithATextTypeIsCopied() throws Exception {
    byte[] body = new byte[512];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (255 - i);
    }
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        post(body, "Content-Type: text/plain; charset=utf-8"));
    assertCopied(body);
  }

  /** Fails if the wrapper of a stream delegates reads only. */
  @Test
  void availableIsThatOfTheContainer() throws Exception {
    View view =
        check(
            (request, response) -> {
              ServletInputStream in = request.getInputStream();
              await().pollInSameThread().until(() -> in.available() > 0);
              respond(response, in.readAllBytes());
            },
            post(bytes(1000)));
    assertThat(view.response()).contains("1000 bytes");
    assertCopied(bytes(1000));
  }

  /** Fails if the mirror reads the body before it calls the application. */
  @Test
  void slowClientDelaysNeitherApplicationNorCapture() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    application(
        (request, response) -> {
          ByteArrayOutputStream body = new ByteArrayOutputStream();
          body.write(request.getInputStream().read());
          begun.countDown();
          request.getInputStream().transferTo(body);
          respond(response, body.toByteArray());
        });
    byte[] body = bytes(30);
    try (RawClient client = new RawClient(mirroredPort())) {
      client.send(
          Arrays.copyOf(body, 10), lines("POST /push HTTP/1.1", "Content-Length: " + body.length));
      assertThat(begun.await(10, TimeUnit.SECONDS)).as("the application reads").isTrue();
      assertThat(stats().offered()).isEqualTo(1);
      client.out().write(body, 10, 20);
      client.out().flush();
      assertThat(describe(client.receive(false))).contains("200", "30 bytes");
    }
    Conservation.awaitSettled(mirror());
    assertCopied(body);
  }

  @ParameterizedTest
  @EnumSource
  void emptyBodyIsCopied(Reading reading) throws Exception {
    check((request, response) -> respond(response, reading.read(request)), post(EMPTY));
    assertThat(assertCopied(EMPTY).headers("Content-Length")).containsExactly("0");
  }

  @ParameterizedTest
  @EnumSource
  void emptyChunkedBodyIsCopied(Reading reading) throws Exception {
    check((request, response) -> respond(response, reading.read(request)), chunked(EMPTY, 1));
    assertCopied(EMPTY);
  }

  /** What an application does with a request that has no body. */
  enum BodyAccess {
    NOT_AT_ALL {
      @Override
      String look(HttpServletRequest request) {
        return "";
      }
    },
    STREAM_TAKEN {
      @Override
      String look(HttpServletRequest request) throws IOException {
        return "" + request.getInputStream().isFinished();
      }
    },
    STREAM_READ {
      @Override
      String look(HttpServletRequest request) throws IOException {
        return "" + request.getInputStream().read();
      }
    },
    READER_READ {
      @Override
      String look(HttpServletRequest request) throws IOException {
        return "" + request.getReader().read();
      }
    },
    PARAMETER {
      @Override
      String look(HttpServletRequest request) {
        return "" + request.getParameter("a");
      }
    };

    abstract String look(HttpServletRequest request) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void requestWithoutBodyIsCopied(BodyAccess access) throws Exception {
    for (String method : new String[] {"GET", "POST", "PUT"}) {
      mirror(limits -> limits, policy -> policy);
      int before = target.requests().size();
      check(
          (request, response) -> respond(response, access.look(request)),
          atOnce(
              EMPTY,
              method + " /push?a=1 HTTP/1.1",
              "Host: gateway",
              "Content-Type: application/x-www-form-urlencoded"));
      assertOutcome(Outcome.ACCEPTED);
      assertThat(target.requests()).hasSize(before + 1);
      assertThat(target.requests().get(before).body()).isEmpty();
    }
  }
}
