package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.RawClient;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways an asynchronous request can end: the client sees the same, and the outcome is right. */
abstract class AsyncEndContract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);

  AsyncEndContract(Container container) {
    super(container);
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 503})
  void primaryStatusDecides(int status) throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          later(
              () -> {
                request.getInputStream().readAllBytes();
                response.setStatus(status);
                async.complete();
              });
        },
        post(BODY));
    if (status == 204) {
      assertCopied(BODY);
    } else {
      assertNotCopied(Outcome.PRIMARY_STATUS);
    }
  }

  /** Fails if the request ends when the filter returns: the status is still 200 at that time. */
  @Test
  void requestDoesNotEndWhenTheFilterReturns() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    CountDownLatch returned = new CountDownLatch(1);
    CountDownLatch mayRespond = new CountDownLatch(1);
    MirrorFilter filter = new MirrorFilter(mirror());
    Mapped observed =
        Mapped.of(
            (request, response, chain) -> {
              filter.doFilter(request, response, chain);
              returned.countDown();
            });
    application(
        (request, response) -> {
          request.getInputStream().readAllBytes();
          AsyncContext async = request.startAsync();
          elsewhere.execute(
              () -> {
                awaitOpen(mayRespond);
                ((HttpServletResponse) async.getResponse()).setStatus(503);
                async.complete();
              });
        });
    try (Container.Running own = container.start(servlet(), observed);
        RawClient client = new RawClient(own.port())) {
      client.send(BODY, lines("POST /push HTTP/1.1", "Content-Length: " + BODY.length));
      awaitOpen(returned);
      assertThat(stats().pending()).isEqualTo(1);
      mayRespond.countDown();
      assertThat(client.receive(false).status()).isEqualTo(503);
      Conservation.awaitSettled(mirror());
    } finally {
      mayRespond.countDown();
    }
    assertNotCopied(Outcome.PRIMARY_STATUS);
  }

  private static void awaitOpen(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void sendErrorDecides() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          later(
              () -> {
                request.getInputStream().readAllBytes();
                response.sendError(503);
                async.complete();
              });
        },
        post(BODY));
    assertNotCopied(Outcome.PRIMARY_STATUS);
  }

  @Test
  void exceptionAfterStartIsTheSame() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    check(
        (request, response) -> {
          request.startAsync().setTimeout(100);
          request.getInputStream().readAllBytes();
          throw new IllegalStateException("on purpose");
        },
        post(BODY));
    assertNotCopied(Outcome.PRIMARY_STATUS);
  }

  @Test
  void exceptionAfterADispatchIsTheSame() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    check(
        (request, response) -> {
          if (AsyncContract.isAgain(request)) {
            request.getInputStream().readAllBytes();
            throw new IllegalStateException("on purpose");
          }
          request.startAsync().dispatch();
        },
        post(BODY));
    assertNotCopied(Outcome.PRIMARY_STATUS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void timeoutIsTheSame(boolean given) throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    check(
        (request, response) -> {
          AsyncContext async = given ? request.startAsync(request, response) : request.startAsync();
          async.setTimeout(50);
          request.getInputStream().readAllBytes();
        },
        post(BODY));
    assertNotCopied(Outcome.PRIMARY_STATUS);
  }

  @Test
  void responseToATimeoutIsTheSame() throws Exception {
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          async.setTimeout(50);
          async.addListener(
              new AsyncListener() {
                @Override
                public void onTimeout(AsyncEvent event) throws IOException {
                  HttpServletResponse late =
                      (HttpServletResponse) event.getAsyncContext().getResponse();
                  late.setStatus(202);
                  respond(late, "late");
                  event.getAsyncContext().complete();
                }

                @Override
                public void onComplete(AsyncEvent event) {}

                @Override
                public void onError(AsyncEvent event) {}

                @Override
                public void onStartAsync(AsyncEvent event) {}
              });
          request.getInputStream().readAllBytes();
        },
        post(BODY));
    assertCopied(BODY);
  }
}
