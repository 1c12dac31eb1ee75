package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications that continue in other threads and in dispatches. */
abstract class AsyncContract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);

  AsyncContract(Container container) {
    super(container);
  }

  static boolean isAgain(HttpServletRequest request) {
    return request.getDispatcherType() == DispatcherType.ASYNC;
  }

  @Test
  void bodyReadInAnotherThreadIsCopied() throws Exception {
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          later(
              () -> {
                respond(response, request.getInputStream().readAllBytes());
                async.complete();
              });
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void bodyReadByTheContextsRequestIsCopied() throws Exception {
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          later(
              () -> {
                byte[] body = async.getRequest().getInputStream().readAllBytes();
                respond((HttpServletResponse) async.getResponse(), body);
                async.complete();
              });
        },
        chunked(BODY, 1000));
    assertCopied(BODY);
  }

  @Test
  void bodyReadByTheRequestOfTheRequestsContextIsCopied() throws Exception {
    check(
        (request, response) -> {
          request.startAsync();
          AsyncContext async = request.getAsyncContext();
          async.start(
              () -> {
                try {
                  byte[] body = async.getRequest().getInputStream().readAllBytes();
                  respond((HttpServletResponse) async.getResponse(), body);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
                async.complete();
              });
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void completeBeforeTheServletReturns() throws Exception {
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          respond(response, request.getInputStream().readAllBytes());
          async.complete();
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void completeWithoutAResponse() throws Exception {
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          later(
              () -> {
                request.getInputStream().readAllBytes();
                async.complete();
              });
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void completeWithoutReading() throws Exception {
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync(request, response);
          later(
              () -> {
                respond(response, "no, thanks");
                async.complete();
              });
        },
        post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  private void start(HttpServletRequest request, HttpServletResponse response, boolean given) {
    AsyncContext async = given ? request.startAsync(request, response) : request.startAsync();
    later(async::dispatch);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyReadAfterADispatchIsCopied(boolean given) throws Exception {
    check(
        (request, response) -> {
          if (isAgain(request)) {
            respond(response, request.getInputStream().readAllBytes());
          } else {
            start(request, response, given);
          }
        },
        post(BODY));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyReadOnBothSidesOfADispatchIsCopied(boolean given) throws Exception {
    check(
        (request, response) -> {
          if (isAgain(request)) {
            byte[] first = (byte[]) request.getAttribute("first");
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.writeBytes(first);
            request.getInputStream().transferTo(body);
            respond(response, body.toByteArray());
          } else {
            request.setAttribute("first", request.getInputStream().readNBytes(1234));
            start(request, response, given);
          }
        },
        chunked(BODY, 1000));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readerContinuesAfterADispatch(boolean given) throws Exception {
    byte[] body = "0123456789\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
    check(
        (request, response) -> {
          BufferedReader reader = request.getReader();
          if (isAgain(request)) {
            respond(response, request.getAttribute("first") + " " + reader.lines().count());
          } else {
            request.setAttribute("first", reader.readLine());
            start(request, response, given);
          }
        },
        post(body));
    assertCopied(body);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyReadBeforeADispatchIsCopied(boolean given) throws Exception {
    check(
        (request, response) -> {
          if (isAgain(request)) {
            respond(response, (String) request.getAttribute("seen"));
          } else {
            request.setAttribute("seen", "" + request.getInputStream().readAllBytes().length);
            start(request, response, given);
          }
        },
        post(BODY));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void severalDispatchesAreOneRequest(boolean given) throws Exception {
    check(
        (request, response) -> {
          Integer before = (Integer) request.getAttribute("round");
          int round = before == null ? 0 : before;
          request.setAttribute("round", round + 1);
          if (round < 3) {
            start(request, response, given);
          } else {
            AsyncContext async = request.startAsync();
            later(
                () -> {
                  respond(response, request.getInputStream().readAllBytes());
                  async.complete();
                });
          }
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void dispatchToAnotherPathKeepsTheHeadOfTheCopy() throws Exception {
    check(
        (request, response) -> {
          if (isAgain(request)) {
            respond(
                response, request.getRequestURI() + request.getInputStream().readAllBytes().length);
          } else {
            AsyncContext async = request.startAsync();
            later(() -> async.dispatch("/inner?x=1"));
          }
        },
        post(BODY));
    assertThat(assertCopied(BODY).requestTarget()).isEqualTo("/push");
  }

  @Test
  void formAfterADispatchIsCopied() throws Exception {
    check(
        (request, response) -> {
          if (isAgain(request)) {
            respond(response, "" + request.getParameter("a"));
          } else {
            start(request, response, false);
          }
        },
        post(ascii("a=1"), "Content-Type: application/x-www-form-urlencoded"));
    assertCopied(ascii("a=1"));
    assertThat(stats().reencoded()).isEqualTo(1);
  }

  /**
   * The filter misses the body if it is not mapped to ASYNC and the container unwraps the request.
   */
  @Test
  void withoutTheAsyncMappingNothingIsLostSilently() throws Exception {
    checkWith(
        (request, response) -> {
          if (isAgain(request)) {
            respond(response, request.getInputStream().readAllBytes());
          } else {
            start(request, response, false);
          }
        },
        post(BODY),
        Mapped.of(new MirrorFilter(mirror())).dispatches(EnumSet.of(DispatcherType.REQUEST)));
    assertCopiedOr(Outcome.BODY_INCOMPLETE, BODY);
  }

  @Test
  void asyncStateLooksTheSame() throws Exception {
    check(
        (request, response) -> {
          StringBuilder seen = new StringBuilder();
          seen.append(request.isAsyncSupported()).append(request.isAsyncStarted());
          try {
            request.getAsyncContext();
          } catch (IllegalStateException e) {
            seen.append(" none ");
          }
          AsyncContext async = request.startAsync();
          seen.append(request.isAsyncStarted())
              .append(async.getTimeout())
              .append(async.getRequest() instanceof HttpServletRequest)
              .append(async.getResponse() instanceof HttpServletResponse);
          try {
            request.startAsync();
          } catch (IllegalStateException e) {
            seen.append(" once ");
          }
          try (InputStream in = request.getInputStream()) {
            in.readAllBytes();
          }
          async.setTimeout(12_345);
          seen.append(request.getAsyncContext().getTimeout());
          respond(response, seen.toString());
          async.complete();
        },
        post(BODY));
    assertCopied(BODY);
  }
}
