package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import jakarta.servlet.DispatcherType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A filter or handler in front of the mirror decompresses bodies and removes the headers about
 * length and encoding. The target receives the bytes that the application reads, with matching
 * headers.
 */
abstract class InflatedBodyContract extends ServletContract {
  /** Much longer than its compressed form. */
  static final byte[] BODY = repeated(bytes(1000), 50);

  static final byte[] COMPRESSED = gzip(BODY);

  private static final String GZIP = "Content-Encoding: gzip";

  InflatedBodyContract(Container container) {
    super(container);
  }

  /** A filter that decompresses. Subclasses use a container that does. */
  @Override
  List<Mapped> front() {
    return List.of(Mapped.named("inflating", new InflatingFilter(elsewhere)));
  }

  private static byte[] repeated(byte[] bytes, int times) {
    byte[] repeated = new byte[bytes.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(bytes, 0, repeated, i * bytes.length, bytes.length);
    }
    return repeated;
  }

  static byte[] gzip(byte[] body) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }

  private static Exchange compressed(boolean chunked) {
    return chunked ? chunked(COMPRESSED, 100, GZIP) : post(COMPRESSED, GZIP);
  }

  /** Tests a form that the container decompresses and parses. */
  final void checkForm() throws Exception {
    byte[] form = ascii("a=1&b=2");
    for (boolean chunked : new boolean[] {false, true}) {
      mirror(limits -> limits, policy -> policy);
      int before = target.requests().size();
      String type = "Content-Type: application/x-www-form-urlencoded";
      View view =
          check(
              (request, response) -> respond(response, request.getParameter("b")),
              chunked ? chunked(gzip(form), 5, GZIP, type) : post(gzip(form), GZIP, type));
      assertThat(view.response()).endsWith("2");
      assertThat(stats().reencoded()).isEqualTo(1);
      assertOutcome(Outcome.ACCEPTED);
      assertThat(target.requests().get(before).body()).isEqualTo(form);
    }
  }

  private void assertInflatedCopy() {
    HttpMessage copy = assertCopied(BODY);
    assertThat(copy.headers("Content-Encoding")).isEmpty();
    assertThat(copy.headers("Content-Length")).isSubsetOf("" + BODY.length);
  }

  static Stream<Arguments> readings() {
    return Arrays.stream(BodyContract.Reading.values())
        .flatMap(reading -> Stream.of(Arguments.of(reading, false), Arguments.of(reading, true)));
  }

  @ParameterizedTest
  @MethodSource("readings")
  void bodyReadToItsEndIsCopied(BodyContract.Reading reading, boolean chunked) throws Exception {
    View view =
        check((request, response) -> respond(response, reading.read(request)), compressed(chunked));
    assertThat(view.response()).contains("200", "50000 bytes");
    assertInflatedCopy();
  }

  @ParameterizedTest
  @CsvSource({"100, false", "100, true", "100000, false", "100000, true"})
  void bodyReadWithoutBlockingIsCopied(int buffer, boolean chunked) throws Exception {
    View view =
        check(NonBlockingContract.Listener.app(buffer, new AtomicLong()), compressed(chunked));
    assertThat(view.response()).contains("200", "50000 bytes");
    assertInflatedCopy();
  }

  /** Without a declared length, the mirror may not see the end. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allBytesWithoutTheEndAreCopiedOrNot(boolean chunked) throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readNBytes(BODY.length)),
        compressed(chunked));
    assertCopiedOr(Outcome.BODY_INCOMPLETE, BODY);
  }

  @ParameterizedTest
  @CsvSource({"1000, false", "1000, true", "0, false", "0, true"})
  void bodyReadInPartIsNotCopied(int length, boolean chunked) throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readNBytes(length)),
        compressed(chunked));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyThatIsNotReadIsNotCopied(boolean chunked) throws Exception {
    check((request, response) -> respond(response, "no, thanks"), compressed(chunked));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  /** Some containers do not decompress the body of a GET. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyOfAGetIsCopiedIfItIsRead(boolean read) throws Exception {
    View view =
        check(
            (request, response) ->
                respond(response, read ? request.getInputStream().readAllBytes() : EMPTY),
            atOnce(
                COMPRESSED,
                lines("GET /query HTTP/1.1", "Content-Length: " + COMPRESSED.length, GZIP)));
    if (!read) {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    } else if (view.response().contains("50000 bytes")) {
      assertInflatedCopy();
    } else {
      assertThat(assertCopied(COMPRESSED).headers("Content-Encoding")).containsExactly("gzip");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compressedEmptyBodyIsCopied(boolean chunked) throws Exception {
    byte[] empty = gzip(EMPTY);
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        chunked ? chunked(empty, 5, GZIP) : post(empty, GZIP));
    assertCopied(EMPTY);
  }

  /** Jetty's handlers end a truncated body as if it were complete. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void truncatedBodyIsCopiedOnlyIfItLooksComplete(boolean chunked) throws Exception {
    byte[] cut = Arrays.copyOf(COMPRESSED, COMPRESSED.length / 2);
    AtomicReference<byte[]> whole = new AtomicReference<>();
    check(
        (request, response) -> {
          whole.set(null);
          try {
            whole.set(request.getInputStream().readAllBytes());
            respond(response, "whole");
          } catch (IOException e) {
            respond(response, "broken");
          }
        },
        chunked ? chunked(cut, 100, GZIP) : post(cut, GZIP));
    byte[] seen = whole.get();
    if (seen == null) {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    } else {
      assertCopied(seen);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyThatIsNotCompressedIsCopied(boolean chunked) throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readAllBytes()),
        chunked ? chunked(BODY, 777) : post(BODY));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @CsvSource({"GET, false", "GET, true", "POST, false", "POST, true"})
  void requestWithoutBodyIsCopied(String method, boolean read) throws Exception {
    check(
        (request, response) ->
            respond(response, read ? request.getInputStream().readAllBytes() : EMPTY),
        atOnce(EMPTY, method + " /push HTTP/1.1", "Host: gateway"));
    assertCopied(EMPTY);
  }

  @Test
  void bodyReadAfterADispatchIsCopied() throws Exception {
    check(
        (request, response) -> {
          if (AsyncContract.isAgain(request)) {
            respond(response, request.getInputStream().readAllBytes());
          } else {
            request.startAsync(request, response).dispatch();
          }
        },
        compressed(false));
    assertInflatedCopy();
  }

  /**
   * The dispatch gets the container's own request, whose body does not match the copy's headers.
   */
  @Test
  void bodyReadPastTheFilterIsNotCopied() throws Exception {
    Mapped onlyAtFirst =
        Mapped.named("inflating", new InflatingFilter(elsewhere))
            .dispatches(EnumSet.of(DispatcherType.REQUEST));
    application(
        (request, response) -> {
          if (AsyncContract.isAgain(request)) {
            respond(response, request.getInputStream().readAllBytes());
          } else {
            request.startAsync().dispatch();
          }
        });
    View without;
    try (Container.Running own = container.start(servlet(), onlyAtFirst)) {
      without = view(own.port(), compressed(false));
    }
    try (Container.Running own =
        container.start(servlet(), onlyAtFirst, Mapped.of(new MirrorFilter(mirror())))) {
      assertThat(view(own.port(), compressed(false))).isEqualTo(without);
    }
    Conservation.awaitSettled(mirror());
    assertCopiedOr(Outcome.BODY_INCOMPLETE, BODY);
  }
}
