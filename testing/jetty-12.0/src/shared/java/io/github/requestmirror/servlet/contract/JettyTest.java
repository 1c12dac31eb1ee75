package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.handler.gzip.GzipHandler;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** All contracts, and what only Jetty does. */
class JettyTest extends ContainerContract {
  JettyTest() {
    super(new JettyContainer());
  }

  @Nested
  class OnlyHere extends ServletContract {
    OnlyHere() {
      super(container());
    }

    /** Jetty's proxies do this when the primary's response breaks off. */
    @Test
    void connectionClosedInsteadOfAnResponseIsTheEnd() throws Exception {
      check(
          (request, response) -> {
            request.startAsync();
            later(
                () -> {
                  assertThat(request.getInputStream().read()).isNotNegative();
                  response.sendError(-1);
                });
          },
          client -> {
            client.send(bytes(10), "POST /push HTTP/1.1", "Host: gateway", "Content-Length: 1000");
            return client.receive(false);
          });
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    }

    /** Not a URI, but Jetty takes it; others response 400. */
    @Test
    void bytesBeyondAsciiArriveAsTheyWere() throws Exception {
      // What the bytes of UTF-8 look like, one to a character.
      String target = "/caf\u00c3\u00a9?q=\u00e2\u0082\u00ac";
      check((request, response) -> respond(response, "taken"), get(target));
      assertThat(assertCopied(EMPTY).requestTarget()).isEqualTo(target);
    }

    /** Jetty has replaced the byte before anyone can see it. */
    @Test
    void bytesThatAreLostAreNotMadeUp() throws Exception {
      check((request, response) -> respond(response, "taken"), get("/caf\u00e9"));
      assertNotCopied(Outcome.POLICY_ERROR);
    }
  }

  /** Decompresses below the servlet API. Dropwizard does it in this way by default. */
  @Nested
  class InflatedByGzipHandler extends InflatedBodyContract {
    InflatedByGzipHandler() {
      super(new JettyContainer(JettyTest::inflating));
    }

    @Override
    List<Mapped> front() {
      return List.of();
    }

    @Test
    void formIsCopied() throws Exception {
      checkForm();
    }
  }

  // Deprecated in 12.1, where it still works.
  @SuppressWarnings("removal")
  private static Handler inflating(Handler context) {
    GzipHandler gzip = new GzipHandler(context);
    gzip.setInflateBufferSize(512);
    return gzip;
  }
}
