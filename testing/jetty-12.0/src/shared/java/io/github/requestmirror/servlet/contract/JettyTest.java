package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.handler.gzip.GzipHandler;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** All contracts in Jetty, and tests of behaviour that only Jetty has. */
class JettyTest extends ContainerContract {
  JettyTest() {
    super(new JettyContainer());
  }

  @Nested
  class OnlyHere extends ServletContract {
    OnlyHere() {
      super(container());
    }

    /** Jetty's proxies do this if the primary's response is truncated. */
    @Test
    void connectionClosedInsteadOfAResponseEndsTheRequest() throws Exception {
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

    /** Jetty accepts these bytes although they are not a URI; other containers respond with 400. */
    @Test
    void nonAsciiBytesOfThePathAreCopied() throws Exception {
      // The bytes of UTF-8, one per character.
      String target = "/caf\u00c3\u00a9?q=\u00e2\u0082\u00ac";
      check((request, response) -> respond(response, "taken"), get(target));
      assertThat(assertCopied(EMPTY).requestTarget()).isEqualTo(target);
    }

    /** Jetty replaces a byte that is not UTF-8, so the copy cannot have it. */
    @Test
    void replacedBytesAreNotCopied() throws Exception {
      check((request, response) -> respond(response, "taken"), get("/caf\u00e9"));
      assertNotCopied(Outcome.POLICY_ERROR);
    }
  }

  /** Decompresses below the servlet API, as Dropwizard does by default. */
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
