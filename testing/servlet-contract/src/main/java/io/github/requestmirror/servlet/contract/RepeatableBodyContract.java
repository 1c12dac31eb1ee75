package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A filter in front of the mirror has buffered the body, so that the application can read it more
 * than once. The target receives it once.
 */
abstract class RepeatableBodyContract extends BufferedBodyContract {
  RepeatableBodyContract(Container container) {
    super(container);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void secondStreamBeginsAgain(boolean chunked) throws Exception {
    View view =
        check(
            (request, response) ->
                respondWithAll(
                    response,
                    request.getInputStream().readAllBytes(),
                    request.getInputStream().readAllBytes(),
                    request.getInputStream().readNBytes(10)),
            posted(chunked));
    assertThat(view.response()).containsPattern("50000:.* 50000:.* 10:");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readerAfterTheStreamBeginsAgain(boolean chunked) throws Exception {
    View view =
        check(
            (request, response) ->
                respondWithAll(
                    response,
                    request.getInputStream().readAllBytes(),
                    text(request.getReader()),
                    text(request.getReader())),
            posted(chunked));
    assertThat(view.response()).containsPattern("50000:.* 50000:.* 50000:");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void streamAfterTheReaderBeginsAgain(boolean chunked) throws Exception {
    View view =
        check(
            (request, response) ->
                respondWithAll(
                    response,
                    text(request.getReader()),
                    request.getInputStream().readAllBytes(),
                    text(request.getReader()),
                    request.getInputStream().readAllBytes()),
            posted(chunked));
    assertThat(view.response()).containsPattern("50000:.* 50000:.* 50000:.* 50000:");
    assertCopied(BODY);
  }

  @Test
  void streamThatIsReadIsCopiedNotTheFirstOne() throws Exception {
    check(
        (request, response) -> {
          ServletInputStream first = request.getInputStream();
          boolean same = first == request.getInputStream();
          respond(response, same + " " + request.getInputStream().readAllBytes().length);
        },
        posted(true));
    assertCopied(BODY);
  }

  @Test
  void readerThatIsReadIsCopiedNotTheFirstOne() throws Exception {
    check(
        (request, response) -> {
          boolean same = same(request.getReader(), request.getReader());
          respondWithAll(
              response, text(request.getReader()), ascii("" + same), text(request.getReader()));
        },
        posted(true));
    assertCopied(BODY);
  }

  /** The mirror cannot know whether the second stream restarts the body or continues it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyAfterAPartialReadOfAnotherStreamIsNotCopied(boolean chunked) throws Exception {
    View view =
        check(
            (request, response) ->
                respondWithAll(
                    response,
                    request.getInputStream().readNBytes(100),
                    request.getInputStream().readAllBytes()),
            posted(chunked));
    assertThat(view.response()).containsPattern("100:.* 50000:");
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void declaredBytesAreTheBodyBeforeASecondStream() throws Exception {
    check(
        (request, response) ->
            respondWithAll(
                response,
                request.getInputStream().readNBytes(BODY.length),
                request.getInputStream().readAllBytes()),
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void declaredBytesAreTheBodyAtTheEnd() throws Exception {
    check(
        (request, response) ->
            respondWithAll(response, request.getInputStream().readNBytes(BODY.length)),
        post(BODY));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyReadWithoutBlockingIsCopied(boolean chunked) throws Exception {
    View view = check(NonBlockingContract.Listener.app(1000, new AtomicLong()), posted(chunked));
    assertThat(view.response()).contains("50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @EnumSource
  void bodyReadToItsEndIsCopied(BodyContract.Reading reading) throws Exception {
    kind = BufferedBody.Kind.ONE;
    View view =
        check((request, response) -> respond(response, reading.read(request)), posted(true));
    assertThat(view.response()).contains("50000 bytes");
    assertCopied(BODY);
  }

  @Test
  void bodyThatIsNotReadIsNotCopied() throws Exception {
    check((request, response) -> respond(response, "no, thanks"), posted(true));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  // mark and reset

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bytesReadAgainAfterAResetAreCopiedOnce(boolean chunked) throws Exception {
    View view =
        check(
            (request, response) -> {
              ServletInputStream in = request.getInputStream();
              byte[] first = in.readNBytes(100);
              in.mark(BODY.length);
              byte[] again = in.readNBytes(1000);
              in.reset();
              byte[] skipped = {(byte) in.skip(10)};
              respondWithAll(
                  response,
                  first,
                  again,
                  skipped,
                  in.readAllBytes(),
                  ascii("" + in.markSupported()));
            },
            posted(chunked));
    assertThat(view.response()).containsPattern("100:.* 1000:.* 1:.* 49890:");
    assertCopied(BODY);
  }

  @Test
  void resetAfterTheEndDoesNotChangeTheCopy() throws Exception {
    check(
        (request, response) -> {
          ServletInputStream in = request.getInputStream();
          in.mark(BODY.length);
          byte[] all = in.readAllBytes();
          in.reset();
          respondWithAll(response, all, in.readNBytes(10));
        },
        posted(true));
    assertCopied(BODY);
  }

  @Test
  void resetWithoutAMarkBeginsAgain() throws Exception {
    check(
        (request, response) -> {
          ServletInputStream in = request.getInputStream();
          byte[] first = in.readNBytes(1000);
          in.reset();
          respondWithAll(response, first, in.readAllBytes());
        },
        posted(true));
    assertCopied(BODY);
  }

  @Test
  void bodyReadInPartAfterAResetIsNotCopied() throws Exception {
    check(
        (request, response) -> {
          ServletInputStream in = request.getInputStream();
          in.mark(BODY.length);
          byte[] first = in.readNBytes(1000);
          in.reset();
          respondWithAll(response, first, in.readNBytes(2000));
        },
        posted(true));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void streamWithoutMarkSupportIsCopied() throws Exception {
    kind = BufferedBody.Kind.NONE;
    check(
        (request, response) -> {
          ServletInputStream in = request.getInputStream();
          in.mark(100);
          byte[] first = in.readNBytes(10);
          String reset = in.markSupported() + " ";
          try {
            in.reset();
            reset += "reset";
          } catch (IOException e) {
            reset += "refused";
          }
          respondWithAll(response, first, ascii(reset), in.readAllBytes());
        },
        posted(true));
    assertCopied(BODY);
  }
}
