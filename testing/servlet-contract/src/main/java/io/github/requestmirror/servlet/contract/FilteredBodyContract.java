package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Filters in front of the mirror that replace streams and readers. The application sees the same as
 * without the mirror, and the copy is complete or is not made.
 */
abstract class FilteredBodyContract extends BufferedBodyContract {
  FilteredBodyContract(Container container) {
    super(container);
  }

  /** Like Spring's ContentCachingRequestWrapper. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamAndReaderOfOneBodyContinueEachOther(boolean readerFirst) throws Exception {
    kind = BufferedBody.Kind.ONE;
    check(
        (request, response) -> {
          if (readerFirst) {
            BufferedReader reader = request.getReader();
            byte[] first = ascii("" + reader.read());
            boolean same =
                reader == request.getReader()
                    && same(request.getInputStream(), request.getInputStream());
            byte[] rest = request.getInputStream().readAllBytes();
            respondWithAll(response, first, ascii("" + same), text(reader), rest);
          } else {
            byte[] first = request.getInputStream().readNBytes(10);
            respondWithAll(
                response,
                first,
                text(request.getReader()),
                request.getInputStream().readAllBytes());
          }
        },
        posted(true));
    assertCopied(BODY);
  }

  /** With a filter that returns a new object for each call, over the same stream. */
  @ParameterizedTest
  @EnumSource
  void streamsThatContinueEachOtherAreNotTruncated(BodyContract.Reading reading) throws Exception {
    kind = BufferedBody.Kind.PASSING;
    View view =
        check((request, response) -> respond(response, reading.read(request)), posted(true));
    assertThat(view.response()).contains("50000 bytes");
    assertCopiedOr(
        reading == BodyContract.Reading.READER ? Outcome.BODY_UNSUPPORTED : Outcome.BODY_INCOMPLETE,
        BODY);
  }

  /** Undertow's reader uses the filter's stream, those of other containers do not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void replacedStreamDoesNotReplaceTheReader(boolean readerFirst) throws Exception {
    kind = BufferedBody.Kind.REPLACED;
    check(
        (request, response) -> {
          byte[] first =
              readerFirst ? text(request.getReader()) : request.getInputStream().readAllBytes();
          byte[] second =
              readerFirst ? request.getInputStream().readAllBytes() : text(request.getReader());
          respondWithAll(response, first, second);
        },
        posted(false));
    assertThat(target.requests()).isEmpty();
  }

  /** The filter has its own default charset. */
  @Test
  void readerDecodesAsTheFiltersDoes() throws Exception {
    byte[] body = "näive ☃".getBytes(StandardCharsets.UTF_8);
    View view =
        check((request, response) -> respond(response, request.getReader().readLine()), post(body));
    assertThat(view.response()).endsWith(new String(body, StandardCharsets.ISO_8859_1));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  /** With a filter that changes the text but not the stream. */
  @Test
  void readerThatChangesTheTextIsNotReplaced() throws Exception {
    kind = BufferedBody.Kind.SANITIZING;
    View view =
        check(
            (request, response) -> respond(response, request.getReader().readLine()),
            post(ascii("a<b"), BINARY));
    assertThat(view.response()).endsWith("a&lt;b");
    // Undertow's reader uses the application's stream.
    assertCopiedOr(Outcome.BODY_UNSUPPORTED, ascii("a<b"));
  }

  /** With a stream that reports its end when the stream that it decodes has ended. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamThatReportsItsEndTooEarlyIsNotTruncated(boolean all) throws Exception {
    kind = BufferedBody.Kind.EARLY;
    check(
        (request, response) ->
            respond(response, request.getInputStream().readNBytes(all ? 60_000 : 1000)),
        posted(true));
    if (all) {
      assertCopied(BODY);
    } else {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    }
  }

  /** With a filter that decompresses but does not remove the Content-Length. */
  @ParameterizedTest
  @EnumSource
  void bodyThatIsLongerThanDeclaredIsNotTruncated(BodyContract.Reading reading) throws Exception {
    kind = BufferedBody.Kind.DOUBLED;
    View view =
        check((request, response) -> respond(response, reading.read(request)), posted(false));
    assertThat(view.response()).contains("100000 bytes");
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  /** Random sequences of calls on random filters. */
  @Test
  void copyIsCompleteOrNotMade() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    long copied = 0;
    for (int round = 0; round < 150; round++) {
      BufferedBody.Kind[] kinds = BufferedBody.Kind.values();
      kind = kinds[random.nextInt(kinds.length)];
      boolean chunked = kind != BufferedBody.Kind.DOUBLED && random.nextBoolean();
      List<Integer> steps = new ArrayList<>();
      for (int i = 1 + random.nextInt(6); i > 0; i--) {
        steps.add(random.nextInt(9) * 100_000 + random.nextInt(60_000));
      }
      String what = "seed " + seed + ", round " + round + ", " + kind + ", steps " + steps;
      application((request, response) -> respond(response, run(request, steps)));
      Exchange exchange = posted(chunked);
      assertThat(view(mirroredPort(), exchange)).as(what).isEqualTo(view(plainPort(), exchange));
      Conservation.awaitSettled(mirror());
      List<HttpMessage> copies = target.requests();
      assertThat(copies.size()).as(what).isBetween((int) copied, (int) copied + 1);
      if (copies.size() > copied) {
        assertThat(copies.get(copies.size() - 1).body()).as(what).isEqualTo(kind.body(BODY));
      }
      copied = copies.size();
    }
    assertThat(copied).as("seed %s", seed).isBetween(10L, 140L);
  }

  private static String run(HttpServletRequest request, List<Integer> steps) throws IOException {
    StringBuilder seen = new StringBuilder();
    ServletInputStream stream = null;
    BufferedReader reader = null;
    for (int step : steps) {
      int length = step % 100_000;
      try {
        switch (step / 100_000) {
          case 0 -> stream = request.getInputStream();
          case 1 -> reader = request.getReader();
          case 2 -> seen.append(readAll(stream, reader));
          case 3 -> seen.append(stream == null ? "" : stream.readNBytes(length).length);
          case 4 -> seen.append(stream == null ? "" : stream.skip(length));
          case 5 -> {
            if (stream != null) {
              stream.mark(100_000);
            }
          }
          case 6 -> {
            if (stream != null) {
              stream.reset();
            }
          }
          case 7 -> seen.append(stream == null ? "" : readSingles(stream, length % 300));
          default -> seen.append(readAll(request.getInputStream(), null));
        }
      } catch (IOException | IllegalStateException e) {
        seen.append(e.getClass().getSimpleName());
      }
      seen.append(' ');
    }
    return seen.toString();
  }

  private static long readSingles(ServletInputStream stream, int count) throws IOException {
    long hash = 0;
    for (int i = 0; i < count; i++) {
      hash = 31 * hash + stream.read();
    }
    return hash;
  }

  private static String readAll(
      @Nullable ServletInputStream stream, @Nullable BufferedReader reader) throws IOException {
    if (reader != null) {
      return "" + Arrays.hashCode(text(reader));
    }
    return stream == null ? "" : "" + Arrays.hashCode(stream.readAllBytes());
  }
}
