package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.client.contract.ScriptedPrimary;
import java.io.IOException;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Test;

/** Responses that arrive before the complete body has been written. */
class EarlyResponseTest extends InterceptorFixture {
  /** Much more than sockets buffer. */
  private static final int LARGE = 8 << 20;

  @Test
  void errorResponseWithinTheBodyReachesTheCaller() throws IOException {
    byte[] body = bytes(LARGE);
    assertEarlyResponse(body(-1, sink -> sink.write(body)));
  }

  @Test
  void bodyThatSwallowsTheFailureIsNotCopied() throws IOException {
    byte[] body = bytes(LARGE);
    assertEarlyResponse(
        body(
            -1,
            sink -> {
              try {
                sink.write(body);
              } catch (IOException e) {
                // Ignored, so the body appears to be complete.
              }
            }));
  }

  private void assertEarlyResponse(RequestBody body) throws IOException {
    try (ScriptedPrimary primary =
        new ScriptedPrimary(
            ScriptedPrimary.respondsThenResetsAfter(
                100_000, "HTTP/1.1 413 Too Large", "Content-Length: 0"))) {
      Request request = new Request.Builder().url(primary.uri("/")).post(body).build();
      Observed without = Observed.of(client(builder -> builder), request);
      Observed with = Observed.of(mirrored(), request);
      assertThat(with.response()).isEqualTo(without.response()).contains("code=413");
      assertThat(with.writes()).isEqualTo(without.writes());
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).isEmpty();
  }
}
