package io.github.requestmirror.servlet.contract;

import io.github.requestmirror.Outcome;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However an asynchronous request ends, it ends as ever, and is counted as it ended. */
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
