package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The mirror must see a response begin before the client does: if a client sends its second request
 * after the response to the first, the copies must arrive in the same order.
 *
 * <p>To make a race certain, the tests hold the container after it has sent the first response: in
 * the servlet, if the servlet has sent it; in the first {@code AsyncListener}, if the response ends
 * an asynchronous request.
 */
abstract class OrderContract extends ServletContract {
  private static final byte[] BODY = bytes(2000);

  /** Opened after both responses have been received, or when the test gives up. */
  private volatile CountDownLatch held = new CountDownLatch(0);

  OrderContract(Container container) {
    super(container);
  }

  /** Holds the container until both responses have been received, but not forever. */
  final void hold() {
    hold(300);
  }

  private void hold(long millis) {
    try {
      held.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** In front of the mirror, so that its listener is called first. */
  private final Filter holding =
      (request, response, chain) ->
          chain.doFilter(new HoldingRequest((HttpServletRequest) request, response), response);

  private final class HoldingRequest extends HttpServletRequestWrapper implements AsyncListener {
    private final ServletResponse response;

    HoldingRequest(HttpServletRequest request, ServletResponse response) {
      super(request);
      this.response = response;
    }

    @Override
    public AsyncContext startAsync() {
      AsyncContext async = super.startAsync();
      async.addListener(this);
      return async;
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
      AsyncContext async = super.startAsync(request, response);
      async.addListener(this);
      return async;
    }

    /**
     * Tomcat calls its listeners before it sends the response. The client cannot have a response
     * that is not committed, so there is no race to hold for.
     */
    @Override
    public void onComplete(AsyncEvent event) {
      if (getRequestURI().equals("/first") && response.isCommitted()) {
        hold();
      }
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this);
    }
  }

  private static HttpMessage push(int port, String path) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client.exchange(BODY, lines("POST " + path + " HTTP/1.1", "Content-Length: 2000"));
    }
  }

  /**
   * Sends a second request after the response to the first, and returns how many copies the target
   * receives before it responds to the first copy.
   */
  private int copiesBeforeTheFirstEnds(App first) throws Exception {
    mirror(limits -> limits, policy -> policy.order(MirrorOrder.CAUSAL));
    CountDownLatch copyMayFinish = new CountDownLatch(1);
    target.behave(
        (request, out) -> {
          if (request.requestTarget().equals("/first")) {
            copyMayFinish.await();
          }
          TestTarget.status(204).handle(request, out);
        });
    application(
        (request, response) -> {
          if (request.getRequestURI().equals("/second")) {
            respond(response, request.getInputStream().readAllBytes());
          } else {
            first.handle(request, response);
          }
        });
    held = new CountDownLatch(1);
    try (Container.Running own =
        container.start(
            servlet(), Mapped.named("holding", holding), Mapped.of(new MirrorFilter(mirror())))) {
      push(own.port(), "/first");
      push(own.port(), "/second");
      await()
          .until(
              () ->
                  target.requests().size() == 2
                      || (target.requests().size() == 1 && stats().queued() == 1));
      int sent = target.requests().size();
      held.countDown();
      copyMayFinish.countDown();
      Conservation.awaitSettled(mirror());
      assertThat(target.requests())
          .extracting(HttpMessage::requestTarget)
          .containsExactlyInAnyOrder("/first", "/second");
      return sent;
    } finally {
      held.countDown();
      copyMayFinish.countDown();
    }
  }

  @ParameterizedTest
  @EnumSource
  void requestAfterAResponseIsCopiedAfterTheFirst(ResponseTrigger trigger) throws Exception {
    assumeTrue(isServlet61() || !trigger.isSince61(), "Servlet 6.1");
    assertThat(
            copiesBeforeTheFirstEnds((request, response) -> trigger.send(this, request, response)))
        .isEqualTo(1);
    assertThat(target.requests().get(0).requestTarget()).isEqualTo("/first");
  }

  /** Proves that the other tests can fail: bypasses the mirror, and the copies overlap. */
  @Test
  void copiesReorderIfTheMirrorDoesNotSeeTheResponse() throws Exception {
    assertThat(
            copiesBeforeTheFirstEnds(
                (request, response) -> {
                  request.getInputStream().readAllBytes();
                  ServletResponse original = response;
                  while (original instanceof ServletResponseWrapper wrapper) {
                    original = wrapper.getResponse();
                  }
                  original.setContentLength(0);
                  original.flushBuffer();
                  hold(20_000);
                }))
        .isEqualTo(2);
  }

  /** A forward does not begin the response. */
  @Test
  void forwardedRequestsThatOverlapAreNotHeldBack() throws Exception {
    CountDownLatch bothAtTheTarget = new CountDownLatch(2);
    target.behave(
        (request, out) -> {
          bothAtTheTarget.countDown();
          if (!container.forwardBeginsTheResponse()) {
            bothAtTheTarget.await();
          }
          TestTarget.status(204).handle(request, out);
        });
    CountDownLatch bothAtThePrimary = new CountDownLatch(2);
    application(
        (request, response) -> {
          if (request.getDispatcherType() != DispatcherType.FORWARD) {
            request.getRequestDispatcher("/forwarded").forward(request, response);
            return;
          }
          byte[] body = request.getInputStream().readAllBytes();
          bothAtThePrimary.countDown();
          awaitBoth(bothAtThePrimary);
          respond(response, body);
        });
    pushTwoAtOnce();
    assertThat(outcomes()).isEqualTo(Map.of(Outcome.ACCEPTED, 2L));
  }

  private static void awaitBoth(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Copies of requests that overlap at the primary may overlap at the target. */
  @Test
  void requestsThatOverlapAreNotHeldBack() throws Exception {
    CountDownLatch bothAtTheTarget = new CountDownLatch(2);
    target.behave(
        (request, out) -> {
          bothAtTheTarget.countDown();
          bothAtTheTarget.await();
          TestTarget.status(204).handle(request, out);
        });
    CountDownLatch bothAtThePrimary = new CountDownLatch(2);
    application(
        (request, response) -> {
          byte[] body = request.getInputStream().readAllBytes();
          AsyncContext async = request.startAsync();
          bothAtThePrimary.countDown();
          elsewhere.execute(
              () -> {
                try {
                  bothAtThePrimary.await();
                  respond(response, body);
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                async.complete();
              });
        });
    pushTwoAtOnce();
    assertThat(target.maxConcurrency()).isEqualTo(2);
  }

  private void pushTwoAtOnce() throws IOException {
    try (RawClient one = new RawClient(mirroredPort());
        RawClient two = new RawClient(mirroredPort())) {
      one.send(BODY, lines("POST /one HTTP/1.1", "Content-Length: 2000"));
      two.send(BODY, lines("POST /two HTTP/1.1", "Content-Length: 2000"));
      one.receive(false);
      two.receive(false);
    }
    Conservation.awaitSettled(mirror());
  }
}
