package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** A call made by the callback of another call is copied after it. */
class OrderTest extends InterceptorFixture {
  private static final byte[] BODY = bytes(2000);

  private static Callback then(Runnable next) {
    return new Callback() {
      @Override
      public void onFailure(Call call, IOException e) {
        next.run();
      }

      @Override
      public void onResponse(Call call, Response response) {
        response.close();
        next.run();
      }
    };
  }

  @Test
  void callMadeByOnResponseIsCopiedAfterThePreviousCall() {
    assertOrdered(WELL.get());
  }

  @Test
  void callMadeByOnFailureIsCopiedAfterThePreviousCall() {
    assertOrdered(primary(TestTarget::reset).get());
  }

  private void assertOrdered(TestTarget started) {
    CountDownLatch targetMayRespond = new CountDownLatch(1);
    target.behave(
        (request, out) -> {
          targetMayRespond.await();
          TestTarget.status(204).handle(request, out);
        });
    try (TestTarget primary = started) {
      OkHttpClient client = mirrored(builder -> builder.retryOnConnectionFailure(false));
      Request first = post(url(primary).resolve("/first"), BODY);
      Request second = post(url(primary).resolve("/second"), BODY);
      CompletableFuture<Void> ended = new CompletableFuture<>();
      client
          .newCall(first)
          .enqueue(then(() -> client.newCall(second).enqueue(then(() -> ended.complete(null)))));
      ended.orTimeout(20, TimeUnit.SECONDS).join();
      await()
          .until(
              () ->
                  target.requests().size() == 2
                      || (target.requests().size() == 1 && stats().queued() == 1));
      assertThat(target.requests()).as("copies sent before the first response").hasSize(1);
    } finally {
      targetMayRespond.countDown();
    }
    Conservation.awaitSettled(mirror());
    assertThat(target.requests())
        .extracting(HttpMessage::requestTarget)
        .containsExactly("/first", "/second");
  }
}
