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
 * Filters in front of the mirror do many things to streams and readers. The application notices no
 * mirror, and the copy is whole or is not made.
 */
abstract class FilteredBodyContract extends KeptBodyContract {
  FilteredBodyContract(Container container) {
    super(container);
  }

  /** Like Spring's ContentCachingRequestWrapper. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamAndReaderOfOneBodyContinueEachOther(boolean readerFirst) throws Exception {
    kind = KeptBody.Kind.ONE;
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

  /** A new object for each call, over the same stream. */
  @ParameterizedTest
  @EnumSource
  void streamsThatContinueEachOtherAreNotCutShort(BodyContract.Reading reading) throws Exception {
    kind = KeptBody.Kind.PASSING;
    View view =
        check((request, response) -> respond(response, reading.read(request)), posted(true));
    assertThat(view.response()).contains("50000 bytes");
    assertCopiedOr(
        reading == BodyContract.Reading.READER ? Outcome.BODY_UNSUPPORTED : Outcome.BODY_INCOMPLETE,
        BODY);
  }

  /** The container's reader does not know of the filter's stream, but Undertow's does. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void replacedStreamDoesNotReplaceTheReader(boolean readerFirst) throws Exception {
    kind = KeptBody.Kind.REPLACED;
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

  /** The filter decodes what declares no charset in its own way. */
  @Test
  void readerDecodesAsTheFiltersDoes() throws Exception {
    byte[] body = "näive ☃".getBytes(StandardCharsets.UTF_8);
    View view =
        check((request, response) -> respond(response, request.getReader().readLine()), post(body));
    assertThat(view.response()).endsWith(new String(body, StandardCharsets.ISO_8859_1));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  /** A filter that changes the text and not the stream. */
  @Test
  void readerThatChangesTheTextStays() throws Exception {
    kind = KeptBody.Kind.SANITIZING;
    View view =
        check(
            (request, response) -> respond(response, request.getReader().readLine()),
            post(ascii("a<b"), BINARY));
    assertThat(view.response()).endsWith("a&lt;b");
    // Undertow's reader reads the stream that the application would get.
    assertCopiedOr(Outcome.BODY_UNSUPPORTED, ascii("a<b"));
  }

  /** Says that it is at its end when the stream it decodes is. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamThatSaysTooEarlyThatItIsFinishedIsNotCutShort(boolean all) throws Exception {
    kind = KeptBody.Kind.EARLY;
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

  /** A filter that decompresses, and forgets that the length is another one then. */
  @ParameterizedTest
  @EnumSource
  void bodyThatIsLongerThanDeclaredIsNotCutShort(BodyContract.Reading reading) throws Exception {
    kind = KeptBody.Kind.DOUBLED;
    View view =
        check((request, response) -> respond(response, reading.read(request)), posted(false));
    assertThat(view.response()).contains("100000 bytes");
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  /** Whatever the application does, it notices nothing, and the copy is whole or is not made. */
  @Test
  void copyIsWholeOrIsNotMade() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    long copied = 0;
    for (int round = 0; round < 150; round++) {
      KeptBody.Kind[] kinds = KeptBody.Kind.values();
      kind = kinds[random.nextInt(kinds.length)];
      boolean chunked = kind != KeptBody.Kind.DOUBLED && random.nextBoolean();
      List<Integer> steps = new ArrayList<>();
      for (int i = 1 + random.nextInt(6); i > 0; i--) {
        steps.add(random.nextInt(8) * 100_000 + random.nextInt(60_000));
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
          default -> seen.append(readAll(request.getInputStream(), null));
        }
      } catch (IOException | IllegalStateException e) {
        seen.append(e.getClass().getSimpleName());
      }
      seen.append(' ');
    }
    return seen.toString();
  }

  private static String readAll(
      @Nullable ServletInputStream stream, @Nullable BufferedReader reader) throws IOException {
    if (reader != null) {
      return "" + Arrays.hashCode(text(reader));
    }
    return stream == null ? "" : "" + Arrays.hashCode(stream.readAllBytes());
  }
}
