package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A call that is cancelled before its response is not copied. */
class CancelTest extends InterceptorFixture {
  private static final byte[] BODY = bytes(50_000);

  enum Cancelled {
    BEFORE_THE_CALL,
    WITHIN_THE_BODY,
    AT_THE_END_OF_THE_BODY
  }

  @ParameterizedTest
  @EnumSource
  void cancelledCallIsNotCopied(Cancelled cancelled) throws IOException {
    for (OkHttpClient client : new OkHttpClient[] {client(builder -> builder), mirrored()}) {
      AtomicReference<@Nullable Call> call = new AtomicReference<>();
      try (TestTarget primary = WELL.get()) {
        RequestBody body =
            body(
                -1,
                sink -> {
                  sink.write(BODY, 0, 20_000);
                  cancel(cancelled == Cancelled.WITHIN_THE_BODY, call.get());
                  sink.write(BODY, 20_000, 30_000);
                  cancel(cancelled == Cancelled.AT_THE_END_OF_THE_BODY, call.get());
                });
        Call own = client.newCall(new Request.Builder().url(url(primary)).post(body).build());
        call.set(own);
        cancel(cancelled == Cancelled.BEFORE_THE_CALL, own);
        assertThat(failure(own)).isInstanceOf(IOException.class);
      }
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).isEmpty();
  }

  private static void cancel(boolean now, @Nullable Call call) {
    if (now && call != null) {
      call.cancel();
    }
  }

  private static Throwable failure(Call call) {
    try (Response response = call.execute()) {
      return new AssertionError("responded with " + response.code());
    } catch (Throwable t) {
      return t;
    }
  }

  @Test
  void requestWithoutBodyCancelledBeforeTheCallIsNotCopied() {
    Call call = mirrored().newCall(new Request.Builder().url(url(target)).build());
    call.cancel();
    assertThat(failure(call)).isInstanceOf(IOException.class).hasMessage("Canceled");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).isEmpty();
  }

  /** OkHttp cancels a call at its call timeout. */
  @Test
  void callThatReachesItsCallTimeoutIsNotCopied() {
    Observed seen =
        same(
            () -> {
              TestTarget primary = new TestTarget();
              return primary.behave(primary.hang());
            },
            builder -> builder.callTimeout(Duration.ofMillis(500)),
            url -> post(url, BODY));
    assertThat(seen.response()).contains("java.io.InterruptedIOException: timeout");
    assertOutcomes(Outcome.BODY_INCOMPLETE);
  }
}
