package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import java.io.IOException;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Test;

/** Primaries that response before they have the body, or before they want it. */
class EarlyResponseTest extends InterceptorFixture {
  private static final byte[] BODY = bytes(50_000);

  /** Much more than fits into the buffers of two sockets. */
  private static final int LARGE = 8 << 20;

  @Test
  void primaryRespondsBeforeTheEndOfTheBody() throws IOException {
    byte[] body = bytes(LARGE);
    assertEarlyResponse(body(-1, sink -> sink.write(body)));
  }

  /** The primary did not get it, whatever the body says. */
  @Test
  void bodyMakesLightOfAFailure() throws IOException {
    byte[] body = bytes(LARGE);
    assertEarlyResponse(
        body(
            -1,
            sink -> {
              try {
                sink.write(body);
              } catch (IOException e) {
                // So what.
              }
            }));
  }

  private void assertEarlyResponse(RequestBody body) throws IOException {
    try (RawPrimary early =
        RawPrimary.responding("HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n")) {
      Request request = new Request.Builder().url(early.url()).post(body).build();
      Observed without = Observed.of(client(builder -> builder), request);
      Observed with = Observed.of(mirrored(), request);
      assertThat(with.response()).isEqualTo(without.response());
      assertThat(with.writes()).isEqualTo(without.writes());
      assertThat(with.response()).contains("code=413");
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).isEmpty();
  }

  @Test
  void expectationFails() throws IOException {
    try (RawPrimary early =
        RawPrimary.responding(
            "HTTP/1.1 417 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) {
      Request request =
          post(early.url(), BODY).newBuilder().header("Expect", "100-continue").build();
      Observed without = Observed.of(client(builder -> builder), request);
      Observed with = Observed.of(mirrored(), request);
      assertThat(with).isEqualTo(without);
      assertThat(with.writes()).isZero();
      assertThat(with.response()).contains("code=417");
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void expectationHolds() throws IOException {
    try (RawPrimary primary = RawPrimary.continuing(BODY.length)) {
      Request request =
          post(primary.url(), BODY).newBuilder().header("Expect", "100-continue").build();
      Observed without = Observed.of(client(builder -> builder), request);
      Observed with = Observed.of(mirrored(), request);
      assertThat(with).isEqualTo(without);
      assertThat(with.writes()).isEqualTo(1);
      assertThat(with.response()).contains("code=200");
    }
    assertCopies(BODY);
    assertThat(target.requests().get(0).headers("Expect")).isEmpty();
  }
}
