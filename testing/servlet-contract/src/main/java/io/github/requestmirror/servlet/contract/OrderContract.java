package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Order;
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
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The mirror must know of an answer before the client does: a client that sends its second request
 * because of the answer to its first must not have the copies arrive the other way round.
 *
 * <p>To make a race certain, the container is held back between the answer to the first request and
 * whatever comes after it: in the servlet, where that has sent the answer itself; in the first
 * listener to the end, where an async answer ends.
 */
abstract class OrderContract extends ServletContract {
  private static final byte[] BODY = bytes(2000);

  /** Set once both answers have been seen, or given up. */
  private volatile CountDownLatch held = new CountDownLatch(0);

  OrderContract(Container container) {
    super(container);
  }

  /**
   * Waits for the answers. In vain where a container tells its listeners of the end before it sends
   * the answer, as Tomcat does: there is nothing to be late for then.
   */
  private void hold() {
    try {
      held.await(500, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Before the mirror, so that its listener is the first. */
  private final Filter holding =
      (request, response, chain) ->
          chain.doFilter(new HoldingRequest((HttpServletRequest) request), response);

  private final class HoldingRequest extends HttpServletRequestWrapper implements AsyncListener {
    HoldingRequest(HttpServletRequest request) {
      super(request);
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

    @Override
    public void onComplete(AsyncEvent event) {
      if (getRequestURI().equals("/first")) {
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

  /** The ways to let an answer go. */
  enum Answer {
    FLUSHED {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        response.setContentLength(0);
        response.flushBuffer();
        test.hold();
      }
    },
    WRITTEN_TO_THE_LAST_BYTE {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        response.setContentLength(100_000);
        response.getOutputStream().write(bytes(100_000));
        response.getOutputStream().close();
        test.hold();
      }
    },
    PRINTED {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        response.getWriter().print("done");
        response.getWriter().close();
        test.hold();
      }
    },
    WRITTEN_WITHOUT_BLOCKING {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        AsyncContext async = request.startAsync();
        readAll(
            request.getInputStream(),
            () -> {
              answer(response, "done");
              async.complete();
            });
      }
    },
    STATUS_WITHOUT_BLOCKING {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        AsyncContext async = request.startAsync();
        readAll(
            request.getInputStream(),
            () -> {
              response.setStatus(204);
              async.complete();
            });
      }
    },
    STATUS_FROM_ELSEWHERE {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(
            () -> {
              response.setStatus(204);
              async.complete();
            });
      }
    },
    STATUS_OF_THE_CONTEXTS_RESPONSE {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(
            () -> {
              ((HttpServletResponse) async.getResponse()).setStatus(204);
              async.complete();
            });
      }
    },
    FLUSHED_BY_THE_CONTEXTS_RESPONSE {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(
            () -> {
              async.getResponse().setContentLength(0);
              try {
                async.getResponse().flushBuffer();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
              test.hold();
              async.complete();
            });
      }
    },
    COMPLETED_UNTOUCHED {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(async::complete);
      }
    },
    COMPLETED_UNTOUCHED_WITH_OWN_WRAPPERS {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        request.startAsync(request, response);
        test.elsewhere.execute(() -> request.getAsyncContext().complete());
      }
    },
    COMPLETED_IN_THE_SERVLET {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        request.startAsync().complete();
      }
    },
    REDIRECTED {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        response.sendRedirect("/elsewhere");
        test.hold();
      }
    },
    ERROR {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        response.sendError(503);
      }
    },
    ERROR_FROM_ELSEWHERE {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(
            () -> {
              try {
                response.sendError(503);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
              async.complete();
            });
      }
    },
    EXCEPTION {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        throw new IOException("on purpose");
      }
    },
    AFTER_A_DISPATCH {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        if (request.getDispatcherType() == DispatcherType.ASYNC) {
          request.getInputStream().readAllBytes();
          response.setContentLength(0);
          response.flushBuffer();
          test.hold();
        } else {
          request.startAsync().dispatch();
        }
      }
    },
    TIMEOUT {
      @Override
      void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
          throws IOException {
        request.getInputStream().readAllBytes();
        request.startAsync().setTimeout(50);
      }
    };

    abstract void give(OrderContract test, HttpServletRequest request, HttpServletResponse response)
        throws IOException;
  }

  private interface Last {
    void run() throws IOException;
  }

  private static void readAll(ServletInputStream in, Last last) {
    in.setReadListener(
        new ReadListener() {
          @Override
          public void onDataAvailable() throws IOException {
            byte[] buffer = new byte[500];
            while (in.isReady() && in.read(buffer) >= 0) {
              // All of it.
            }
          }

          @Override
          public void onAllDataRead() throws IOException {
            last.run();
          }

          @Override
          public void onError(Throwable cause) {
            throw new IllegalStateException(cause);
          }
        });
  }

  private static HttpMessage push(int port, String path) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client.exchange(BODY, lines("POST " + path + " HTTP/1.1", "Content-Length: 2000"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void requestAfterAnAnswerIsCopiedAfterTheFirst(Answer answer) throws Exception {
    mirror(limits -> limits, policy -> policy.order(Order.CAUSAL));
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
          if (request.getRequestURI().equals("/first")) {
            answer.give(this, request, response);
          } else {
            answer(response, request.getInputStream().readAllBytes());
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
      assertThat(target.requests()).as("copies sent while the first is unfinished").hasSize(1);
      held.countDown();
      copyMayFinish.countDown();
      Conservation.awaitSettled(mirror());
      assertThat(target.requests())
          .extracting(HttpMessage::requestTarget)
          .containsExactly("/first", "/second");
    } finally {
      held.countDown();
      copyMayFinish.countDown();
    }
  }

  /** Requests that overlap at the primary may overlap at the target: no order for its own sake. */
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
                  answer(response, body);
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                async.complete();
              });
        });
    try (RawClient one = new RawClient(mirroredPort());
        RawClient two = new RawClient(mirroredPort())) {
      one.send(BODY, lines("POST /one HTTP/1.1", "Content-Length: 2000"));
      two.send(BODY, lines("POST /two HTTP/1.1", "Content-Length: 2000"));
      one.receive(false);
      two.receive(false);
    }
    Conservation.awaitSettled(mirror());
    assertThat(target.mostAtOnce()).isEqualTo(2);
  }
}
