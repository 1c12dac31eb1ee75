package io.github.requestmirror.servlet.contract;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Function;

/** The calls and events that make a container send a response. */
enum ResponseTrigger {
  FLUSHED(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        response.setContentLength(0);
        response.flushBuffer();
        test.hold();
      }),
  WRITTEN_TO_THE_LAST_BYTE(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        response.setContentLength(100_000);
        response.getOutputStream().write(ServletContract.bytes(100_000));
        response.getOutputStream().close();
        test.hold();
      }),
  PRINTED(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        response.getWriter().print("done");
        response.getWriter().close();
        test.hold();
      }),
  WRITTEN_WITHOUT_BLOCKING(
      (test, request, response) -> {
        AsyncContext async = request.startAsync();
        readAll(
            request.getInputStream(),
            () -> {
              ServletContract.respond(response, "done");
              async.complete();
            });
      }),
  STATUS_WITHOUT_BLOCKING(
      (test, request, response) -> {
        AsyncContext async = request.startAsync();
        readAll(
            request.getInputStream(),
            () -> {
              response.setStatus(204);
              async.complete();
            });
      }),
  STATUS_FROM_ELSEWHERE(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(
            () -> {
              response.setStatus(204);
              async.complete();
            });
      }),
  STATUS_OF_THE_CONTEXTS_RESPONSE(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(
            () -> {
              ((HttpServletResponse) async.getResponse()).setStatus(204);
              async.complete();
            });
      }),
  FLUSHED_BY_THE_CONTEXTS_RESPONSE(
      (test, request, response) -> {
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
      }),
  COMPLETED_WITHOUT_RESPONSE(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(async::complete);
      }),
  COMPLETED_WITHOUT_RESPONSE_WITH_GIVEN_WRAPPERS(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        request.startAsync(request, response);
        test.elsewhere.execute(() -> request.getAsyncContext().complete());
      }),
  COMPLETED_IN_THE_SERVLET(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        request.startAsync().complete();
      }),
  REDIRECTED(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        response.sendRedirect("/elsewhere");
        test.hold();
      }),
  ERROR(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        response.sendError(503);
        test.hold();
      }),
  ERROR_FROM_ELSEWHERE(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        test.elsewhere.execute(
            () -> {
              try {
                response.sendError(503);
                test.hold();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
              async.complete();
            });
      }),
  EXCEPTION(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        throw new IOException("on purpose");
      }),
  AFTER_A_DISPATCH(
      afterADispatch(
          false,
          (test, request, response) -> {
            response.setContentLength(0);
            response.flushBuffer();
            test.hold();
          })),
  NOTHING_AFTER_A_DISPATCH(afterADispatch(false, (test, request, response) -> {})),
  NOTHING_AFTER_A_DISPATCH_OF_THE_SAME(afterADispatch(true, (test, request, response) -> {})),
  ERROR_AFTER_A_DISPATCH(
      afterADispatch(false, (test, request, response) -> response.sendError(503))),
  EXCEPTION_AFTER_A_DISPATCH(afterADispatch(false, (test, request, response) -> fail())),
  EXCEPTION_AFTER_A_DISPATCH_OF_THE_SAME(afterADispatch(true, (test, request, response) -> fail())),
  FORWARDED(
      (test, request, response) -> {
        if (request.getDispatcherType() == DispatcherType.FORWARD) {
          request.getInputStream().readAllBytes();
          response.setContentLength(0);
          response.flushBuffer();
          test.hold();
        } else {
          request.getRequestDispatcher("/first").forward(request, response);
        }
      }),
  INCLUDED(
      (test, request, response) -> {
        if (request.getDispatcherType() == DispatcherType.INCLUDE) {
          request.getInputStream().readAllBytes();
          response.flushBuffer();
          test.hold();
        } else {
          response.setContentLength(0);
          request.getRequestDispatcher("/inner").include(request, response);
        }
      }),
  REDIRECTED_WITH_A_STATUS(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        response.sendRedirect("/elsewhere", 303);
        test.hold();
      }),
  REDIRECTED_KEEPING_THE_BUFFER(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        response.sendRedirect("/elsewhere", false);
        test.hold();
      }),
  REDIRECTED_WITH_BOTH(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        response.sendRedirect("/elsewhere", 307, false);
        test.hold();
      }),
  TIMEOUT_LISTENER_USES_CONTEXT(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        async.setTimeout(50);
        async.addListener(new Flushing(test, event -> event.getAsyncContext().getResponse()));
      }),
  TIMEOUT_LISTENER_USES_EVENT(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        async.setTimeout(50);
        async.addListener(new Flushing(test, ResponseTrigger::supplied));
      }),
  TIMEOUT_LISTENER_USES_GIVEN_RESPONSE(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        AsyncContext async = request.startAsync();
        async.setTimeout(50);
        async.addListener(new Flushing(test, AsyncEvent::getSuppliedResponse), request, response);
      }),
  ERROR_LISTENER_USES_CONTEXT(
      (test, request, response) ->
          failAgain(request, new Flushing(test, event -> event.getAsyncContext().getResponse()))),
  ERROR_LISTENER_USES_EVENT(
      (test, request, response) ->
          failAgain(request, new Flushing(test, ResponseTrigger::supplied))),
  TIMEOUT(
      (test, request, response) -> {
        request.getInputStream().readAllBytes();
        request.startAsync().setTimeout(50);
      });

  private interface Action {
    void send(OrderContract test, HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException;
  }

  // Functions without state.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Action action;

  ResponseTrigger(Action action) {
    this.action = action;
  }

  boolean isSince61() {
    return switch (this) {
      case REDIRECTED_WITH_A_STATUS, REDIRECTED_KEEPING_THE_BUFFER, REDIRECTED_WITH_BOTH -> true;
      default -> false;
    };
  }

  void send(OrderContract test, HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    action.send(test, request, response);
  }

  private static Action afterADispatch(boolean given, Action then) {
    return (test, request, response) -> {
      if (request.getDispatcherType() == DispatcherType.ASYNC) {
        request.getInputStream().readAllBytes();
        then.send(test, request, response);
      } else if (given) {
        request.startAsync(request, response).dispatch();
      } else {
        request.startAsync().dispatch();
      }
    };
  }

  private static void fail() throws IOException {
    throw new IOException("on purpose");
  }

  /** Some containers supply a response only if the application has given one. */
  private static ServletResponse supplied(AsyncEvent event) {
    ServletResponse supplied = event.getSuppliedResponse();
    return supplied == null ? event.getAsyncContext().getResponse() : supplied;
  }

  /** Throws after a dispatch. */
  private static void failAgain(HttpServletRequest request, AsyncListener listener)
      throws IOException {
    if (request.getDispatcherType() == DispatcherType.ASYNC) {
      throw new IOException("on purpose");
    }
    request.getInputStream().readAllBytes();
    AsyncContext async = request.startAsync();
    async.addListener(listener);
    async.dispatch();
  }

  /** Sends a response with the objects of an event, and delays {@code complete()}. */
  private static final class Flushing implements AsyncListener {
    private final OrderContract test;
    private final Function<AsyncEvent, ServletResponse> response;

    Flushing(OrderContract test, Function<AsyncEvent, ServletResponse> response) {
      this.test = test;
      this.response = response;
    }

    private void flush(AsyncEvent event) throws IOException {
      ServletResponse late = response.apply(event);
      late.setContentLength(0);
      late.flushBuffer();
      test.hold();
      event.getAsyncContext().complete();
    }

    @Override
    public void onTimeout(AsyncEvent event) throws IOException {
      flush(event);
    }

    @Override
    public void onError(AsyncEvent event) throws IOException {
      flush(event);
    }

    @Override
    public void onComplete(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void readAll(ServletInputStream in, Step last) {
    in.setReadListener(
        new ReadListener() {
          @Override
          public void onDataAvailable() throws IOException {
            byte[] buffer = new byte[500];
            while (in.isReady() && in.read(buffer) >= 0) {
              // Read on.
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
}
