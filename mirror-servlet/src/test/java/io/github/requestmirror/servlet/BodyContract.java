package io.github.requestmirror.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.RawClient;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However an application reads a body, it gets the body, and so does the target, or nothing. */
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
    View view = check((request, response) -> answer(response, reading.read(request)), post(BODY));
    assertThat(view.answer()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @EnumSource
  void chunkedBodyReadToItsEndIsCopied(Reading reading) throws Exception {
    View view =
        check((request, response) -> answer(response, reading.read(request)), chunked(BODY, 777));
    assertThat(view.answer()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @EnumSource
  void emptyBodyIsCopied(Reading reading) throws Exception {
    check((request, response) -> answer(response, reading.read(request)), post(EMPTY));
    assertThat(assertCopied(EMPTY).headers("Content-Length")).containsExactly("0");
  }

  @ParameterizedTest
  @EnumSource
  void emptyChunkedBodyIsCopied(Reading reading) throws Exception {
    check((request, response) -> answer(response, reading.read(request)), chunked(EMPTY, 1));
    assertCopied(EMPTY);
  }

  // The text that a reader makes of the bytes.

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
    // Not valid in every charset, which must make no difference either.
    byte[] body = "näive – ☃ 😀\r\nzwei\ndrei".getBytes(StandardCharsets.UTF_8);
    check(
        (request, response) -> {
          StringBuilder text = new StringBuilder();
          BufferedReader reader = request.getReader();
          for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            text.append(line).append('|');
          }
          answer(response, request.getCharacterEncoding() + " " + text);
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
              answer(response, request.getReader().readLine());
            },
            post(body));
    assertThat(view.answer()).endsWith(new String(body, StandardCharsets.ISO_8859_1));
    assertCopied(body);
  }

  @Test
  void unknownCharsetFailsAsEver() throws Exception {
    check(
        (request, response) -> {
          try {
            answer(response, request.getReader().readLine());
          } catch (UnsupportedEncodingException e) {
            answer(response, "unsupported");
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
          answer(response, seen.toString());
        },
        client -> {
          client.exchange(
              ascii("abc"), lines("POST /push HTTP/1.1", "Content-Length: 3", "X-First: reader"));
          return client.exchange(ascii("abc"), lines("POST /push HTTP/1.1", "Content-Length: 3"));
        });
    assertThat(outcomes()).isEqualTo(Map.of(Outcome.BODY_INCOMPLETE, 2L));
  }

  // Not to the end.

  @Test
  void exactlyTheDeclaredBytesAreTheBody() throws Exception {
    check(
        (request, response) -> answer(response, request.getInputStream().readNBytes(BODY.length)),
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void exactlyTheBytesOfChunksMayNotBeTheBody() throws Exception {
    check(
        (request, response) -> answer(response, request.getInputStream().readNBytes(BODY.length)),
        chunked(BODY, 777));
    // A container may know of the end, or not; the copy is whole or is not made.
    if (outcomes().containsKey(Outcome.ACCEPTED)) {
      assertCopied(BODY);
    } else {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    }
  }

  @Test
  void bodyReadInPartIsNotCopied() throws Exception {
    check(
        (request, response) -> answer(response, request.getInputStream().readNBytes(1000)),
        post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void chunkedBodyReadInPartIsNotCopied() throws Exception {
    check(
        (request, response) -> answer(response, request.getInputStream().readNBytes(1000)),
        chunked(BODY, 777));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void bodyThatNobodyReadsIsNotCopied() throws Exception {
    check((request, response) -> answer(response, "no, thanks"), post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void chunkedBodyThatNobodyReadsIsNotCopied() throws Exception {
    check((request, response) -> answer(response, "no, thanks"), chunked(BODY, 777));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void streamTakenAndNotReadIsNotCopied() throws Exception {
    check(
        (request, response) -> answer(response, "" + request.getInputStream().isFinished()),
        post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void streamMayBeClosedByTheApplication() throws Exception {
    check(
        (request, response) -> {
          try (InputStream in = request.getInputStream()) {
            answer(response, in.readAllBytes());
          }
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void skippedBytesArePartOfTheCopy() throws Exception {
    check(
        (request, response) -> {
          InputStream in = request.getInputStream();
          in.skipNBytes(100);
          answer(response, in.readAllBytes());
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void abortedBodyIsNotCopied() throws Exception {
    AtomicLong read = new AtomicLong();
    AtomicLong failures = new AtomicLong();
    application(
        (request, response) -> {
          try {
            InputStream in = request.getInputStream();
            while (in.read() >= 0) {
              read.incrementAndGet();
            }
          } catch (IOException e) {
            failures.incrementAndGet();
            throw e;
          }
        });
    for (String framing : new String[] {"Content-Length: 50000", "Transfer-Encoding: chunked"}) {
      read.set(0);
      try (RawClient client = new RawClient(mirroredPort())) {
        boolean chunked = framing.endsWith("chunked");
        byte[] part = bytes(1000);
        client.send(
            chunked ? ascii("400\r\n" + "x".repeat(0x400)) : part,
            lines("POST /push HTTP/1.1", framing));
        await().until(() -> read.get() >= 1000);
        client.abort();
      }
      await().until(() -> failures.get() == (framing.endsWith("chunked") ? 2 : 1));
    }
    await().until(() -> outcomes().equals(Map.of(Outcome.BODY_INCOMPLETE, 2L)));
    assertThat(target.requests()).isEmpty();
  }

  // Without blocking.

  /** Reads with a listener, and answers once all is read. */
  private static final class Listener implements ReadListener {
    private final AsyncContext async;
    private final ServletInputStream in;
    private final HttpServletResponse response;
    private final byte[] buffer;
    private final AtomicLong read;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Listener(HttpServletRequest request, HttpServletResponse response, int buffer, AtomicLong read)
        throws IOException {
      this.async = request.startAsync();
      this.in = request.getInputStream();
      this.response = response;
      this.buffer = new byte[buffer];
      this.read = read;
    }

    static App app(int buffer, AtomicLong read) {
      return (request, response) -> {
        Listener listener = new Listener(request, response, buffer, read);
        listener.in.setReadListener(listener);
      };
    }

    @Override
    public void onDataAvailable() throws IOException {
      while (in.isReady() && !in.isFinished()) {
        int count = buffer.length == 1 ? in.read() : in.read(buffer);
        if (count < 0) {
          return;
        }
        if (buffer.length == 1) {
          body.write(count);
          read.incrementAndGet();
        } else {
          body.write(buffer, 0, count);
          read.addAndGet(count);
        }
      }
    }

    @Override
    public void onAllDataRead() throws IOException {
      answer(response, body.toByteArray());
      async.complete();
    }

    @Override
    public void onError(Throwable cause) {
      async.complete();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 8192, 1_000_000})
  void bodyReadWithoutBlockingIsCopied(int buffer) throws Exception {
    View view = check(Listener.app(buffer, new AtomicLong()), post(BODY));
    assertThat(view.answer()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 8192, 1_000_000})
  void chunkedBodyReadWithoutBlockingIsCopied(int buffer) throws Exception {
    View view = check(Listener.app(buffer, new AtomicLong()), chunked(BODY, 777));
    assertThat(view.answer()).contains("200", "50000 bytes");
    assertCopied(BODY);
  }

  @Test
  void emptyBodyReadWithoutBlockingIsCopied() throws Exception {
    check(Listener.app(100, new AtomicLong()), post(EMPTY));
    assertCopied(EMPTY);
  }

  @Test
  void emptyChunkedBodyReadWithoutBlockingIsCopied() throws Exception {
    check(Listener.app(100, new AtomicLong()), chunked(EMPTY, 1));
    assertCopied(EMPTY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyThatArrivesInPartsIsCopied(boolean chunked) throws Exception {
    AtomicLong read = new AtomicLong();
    byte[] framed = chunked ? chunks(BODY, 10_000) : BODY;
    check(
        Listener.app(1000, read),
        client -> {
          read.set(0);
          client.send(
              EMPTY,
              lines(
                  "POST /push HTTP/1.1",
                  chunked ? "Transfer-Encoding: chunked" : "Content-Length: 50000"));
          for (int i = 0; i < 5; i++) {
            int from = framed.length * i / 5;
            int to = framed.length * (i + 1) / 5;
            client.out().write(framed, from, to - from);
            client.out().flush();
            int expected = to - 100;
            if (i < 4) {
              await().until(() -> read.get() >= expected);
            }
          }
          return client.receive(false);
        });
    assertCopied(BODY);
  }

  @Test
  void bodyAbortedWithoutBlockingIsNotCopied() throws Exception {
    AtomicLong read = new AtomicLong();
    application(Listener.app(1000, read));
    try (RawClient client = new RawClient(mirroredPort())) {
      client.send(bytes(3000), lines("POST /push HTTP/1.1", "Content-Length: 50000"));
      await().until(() -> read.get() == 3000);
      client.abort();
    }
    await().until(() -> outcomes().equals(Map.of(Outcome.BODY_INCOMPLETE, 1L)));
    assertThat(target.requests()).isEmpty();
  }

  /** The declared length is all there is, so some do not wait for the end. */
  @Test
  void bodyLeftAtItsLastByteWithoutBlockingIsCopied() throws Exception {
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          ServletInputStream in = request.getInputStream();
          ByteArrayOutputStream body = new ByteArrayOutputStream();
          in.setReadListener(
              new ReadListener() {
                private boolean answered;

                @Override
                public void onDataAvailable() throws IOException {
                  byte[] buffer = new byte[1000];
                  while (!answered && in.isReady()) {
                    body.write(buffer, 0, Math.max(0, in.read(buffer)));
                    if (body.size() == BODY.length) {
                      answered = true;
                      answer(response, body.toByteArray());
                      async.complete();
                    }
                  }
                }

                @Override
                public void onAllDataRead() {}

                @Override
                public void onError(Throwable cause) {
                  async.complete();
                }
              });
        },
        post(BODY));
    assertCopied(BODY);
  }

  // Parsed by the container.

  private static String parameters(HttpServletRequest request) {
    Map<String, String> seen = new LinkedHashMap<>();
    for (String name : Collections.list(request.getParameterNames())) {
      seen.put(name, String.join("+", request.getParameterValues(name)));
    }
    return seen.toString() + request.getParameter("a") + request.getParameterMap().keySet();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-URLEncoded; charset=UTF-8"
      })
  void formReachesTheApplicationAndIsNotCopied(String type) throws Exception {
    View view =
        check(
            (request, response) -> answer(response, parameters(request)),
            client ->
                client.exchange(
                    ascii("a=1&b=%E2%98%83&a=2"),
                    "POST /form?q=0&a=0 HTTP/1.1",
                    "Host: gateway",
                    "Content-Type: " + type,
                    "Content-Length: 19"));
    assertThat(view.answer()).contains("a=0+1+2").contains("q=0");
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  @Test
  void chunkedFormReachesTheApplicationAndIsNotCopied() throws Exception {
    check(
        (request, response) -> {
          String seen = parameters(request);
          answer(response, seen + request.getInputStream().readAllBytes().length);
        },
        chunked(ascii("a=1&a=2"), 2, "Content-Type: application/x-www-form-urlencoded"));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  @Test
  void formThatIsReadAsAStreamIsCopied() throws Exception {
    check(
        (request, response) -> {
          byte[] body = request.getInputStream().readAllBytes();
          answer(response, new String(body, StandardCharsets.US_ASCII) + parameters(request));
        },
        post(ascii("a=1&a=2"), "Content-Type: application/x-www-form-urlencoded"));
    assertCopied(ascii("a=1&a=2"));
  }

  @Test
  void parametersOfTheQueryDoNotMatterToABodyThatIsNoForm() throws Exception {
    check(
        (request, response) -> {
          String seen = parameters(request);
          answer(response, seen + request.getInputStream().readAllBytes().length);
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
        (request, response) -> answer(response, parameters(request)),
        client ->
            client.exchange(
                EMPTY,
                "GET /query?a=1&b=2 HTTP/1.1",
                "Host: gateway",
                "Content-Type: application/x-www-form-urlencoded"));
    assertThat(assertCopied(EMPTY).requestTarget()).isEqualTo("/query?a=1&b=2");
  }

  @Test
  void partsReachTheApplicationAndAreNotCopied() throws Exception {
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
    check(
        (request, response) -> {
          StringBuilder seen = new StringBuilder();
          for (Part part : request.getParts()) {
            seen.append(part.getName()).append('=').append(text(part)).append(' ');
          }
          seen.append(text(request.getPart("text"))).append(request.getParameter("text"));
          answer(response, seen.toString());
        },
        post(
            body.getBytes(StandardCharsets.ISO_8859_1),
            "Content-Type: multipart/form-data; boundary=cut"));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  @Test
  void parametersOfAMultipartBodyReachTheApplicationAndItIsNotCopied() throws Exception {
    check(
        (request, response) -> {
          String seen = request.getParameter("text");
          answer(response, seen + request.getInputStream().readAllBytes().length);
        },
        chunked(
            ascii(
                "--cut\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--cut--\r\n"),
            10,
            "Content-Type: multipart/form-data; boundary=cut"));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  /** The rest of a body must not be taken for the body. */
  @ParameterizedTest
  @ValueSource(strings = {"application/x-www-form-urlencoded", "multipart/form-data; boundary=cut"})
  void bodyThatTheContainerFailsToParseIsNotCopied(String type) throws Exception {
    check(
        (request, response) -> {
          String seen;
          try {
            seen = type.startsWith("multipart") ? "" + request.getParts() : parameters(request);
          } catch (Exception e) {
            seen = "failed";
          }
          answer(response, seen + " " + request.getInputStream().readAllBytes().length);
        },
        chunked(ascii("a=%zz&".repeat(100_000)), 10_000, "Content-Type: " + type));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  private static String text(@Nullable Part part) throws IOException {
    return part == null
        ? "none"
        : new String(part.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void partsOfWhatIsNotMultipartFailAsEver() throws Exception {
    check(
        (request, response) -> {
          String seen;
          try {
            seen = "" + request.getParts().size();
          } catch (ServletException e) {
            seen = "ServletException";
          }
          answer(response, seen + " " + request.getInputStream().readAllBytes().length);
        },
        post(BODY, "Content-Type: application/x-protobuf"));
    // Whoever asks for parts gets none, and the body is still there.
    assertCopied(BODY);
  }

  // Large ones.

  @Test
  void bodyLargerThanAllowedIsServedAndNotCopied() throws Exception {
    mirror(limits -> limits.maxBodyBytes(BODY.length - 1), policy -> policy);
    check(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        post(BODY));
    assertNotCopied(Outcome.BODY_TOO_LARGE);
  }

  @Test
  void chunkedBodyLargerThanAllowedIsServedAndNotCopied() throws Exception {
    mirror(limits -> limits.maxBodyBytes(BODY.length - 1), policy -> policy);
    check(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        chunked(BODY, 777));
    assertNotCopied(Outcome.BODY_TOO_LARGE);
  }

  @Test
  void bodyAsLargeAsAllowedIsCopied() throws Exception {
    mirror(limits -> limits.maxBodyBytes(BODY.length), policy -> policy);
    check(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        chunked(BODY, 777));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hugeBodyIsServedInLittleMemory(boolean chunked) throws Exception {
    int pieces = 1600;
    byte[] piece = bytes(64 << 10);
    long budget = 4 << 20;
    mirror(limits -> limits.bufferBytes(budget).maxBodyBytes(2 << 20), policy -> policy);
    AtomicLong mostHeld = new AtomicLong();
    View view =
        check(
            (request, response) -> {
              InputStream in = request.getInputStream();
              byte[] buffer = new byte[16 << 10];
              CRC32 crc = new CRC32();
              long total = 0;
              int reads = 0;
              for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                crc.update(buffer, 0, read);
                total += read;
                if (reads++ % 16 == 0) {
                  mostHeld.accumulateAndGet(stats().bufferedBytes(), Math::max);
                }
              }
              answer(response, total + " bytes, CRC " + crc.getValue());
            },
            client -> {
              client.send(
                  EMPTY,
                  lines(
                      "POST /push HTTP/1.1",
                      chunked
                          ? "Transfer-Encoding: chunked"
                          : "Content-Length: " + (long) pieces * piece.length));
              OutputStream out = client.out();
              ByteArrayOutputStream framed = new ByteArrayOutputStream();
              chunk(framed, piece);
              for (int i = 0; i < pieces; i++) {
                out.write(chunked ? framed.toByteArray() : piece);
              }
              if (chunked) {
                out.write(ascii("0\r\n\r\n"));
              }
              out.flush();
              return client.receive(false);
            });
    assertThat(view.answer()).contains("104857600 bytes");
    assertThat(mostHeld.get()).isLessThanOrEqualTo(budget);
    if (chunked) {
      assertThat(mostHeld.get()).as("something was captured").isPositive();
    }
    assertNotCopied(Outcome.BODY_TOO_LARGE);
  }

  @Test
  void largestBodyByDefaultIsCopied() throws Exception {
    byte[] body = bytes(16 << 20);
    check(
        (request, response) -> answer(response, request.getInputStream().readAllBytes()),
        chunked(body, 64 << 10));
    assertCopied(body);
  }
}
