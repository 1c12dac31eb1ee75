package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.RawClient;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Applications that do not read the whole body: the copy is complete, or there is none. */
abstract class PartialBodyContract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);

  PartialBodyContract(Container container) {
    super(container);
  }

  @Test
  void declaredBytesAreTheBody() throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readNBytes(BODY.length)),
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void allBytesOfChunksWithoutTheEndAreCopiedOrNot() throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readNBytes(BODY.length)),
        chunked(BODY, 777));
    // Containers differ in whether they have seen the last chunk.
    assertCopiedOr(Outcome.BODY_INCOMPLETE, BODY);
  }

  @Test
  void bodyReadInPartIsNotCopied() throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readNBytes(1000)),
        post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void chunkedBodyReadInPartIsNotCopied() throws Exception {
    check(
        (request, response) -> respond(response, request.getInputStream().readNBytes(1000)),
        chunked(BODY, 777));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void bodyThatIsNotReadIsNotCopied() throws Exception {
    check((request, response) -> respond(response, "no, thanks"), post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void chunkedBodyThatIsNotReadIsNotCopied() throws Exception {
    check((request, response) -> respond(response, "no, thanks"), chunked(BODY, 777));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void unreadStreamIsNotCopied() throws Exception {
    check(
        (request, response) -> respond(response, "" + request.getInputStream().isFinished()),
        post(BODY));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  /** Fails if the mirror reads the rest of a body: the response would wait for the client. */
  @Test
  void responseDoesNotWaitForABodyThatIsNotRead() throws Exception {
    application((request, response) -> respond(response, "no, thanks"));
    try (RawClient client = new RawClient(mirroredPort())) {
      client.send(bytes(10), lines("POST /push HTTP/1.1", "Content-Length: 100000"));
      assertThat(describe(client.receive(false))).endsWith("\n\nno, thanks");
    }
    Conservation.awaitSettled(mirror());
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void streamMayBeClosedByTheApplication() throws Exception {
    check(
        (request, response) -> {
          try (InputStream in = request.getInputStream()) {
            respond(response, in.readAllBytes());
          }
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void skippedBytesArePartOfTheCopy() throws Exception {
    check(
        (request, response) -> {
          InputStream in = request.getInputStream();
          in.skipNBytes(100);
          respond(response, in.readAllBytes());
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void abortedBodyIsNotCopied() throws Exception {
    AtomicLong read = new AtomicLong();
    AtomicLong failures = new AtomicLong();
    application(
        (request, response) -> {
          try {
            InputStream in = request.getInputStream();
            while (in.read() >= 0) {
              read.incrementAndGet();
            }
          } catch (IOException e) {
            failures.incrementAndGet();
            throw e;
          }
        });
    for (String framing : new String[] {"Content-Length: 50000", "Transfer-Encoding: chunked"}) {
      read.set(0);
      try (RawClient client = new RawClient(mirroredPort())) {
        boolean chunked = framing.endsWith("chunked");
        byte[] part = bytes(1000);
        client.send(
            chunked ? ascii("400\r\n" + "x".repeat(0x400)) : part,
            lines("POST /push HTTP/1.1", framing));
        await().until(() -> read.get() >= 1000);
        client.abort();
      }
      await().until(() -> failures.get() == (framing.endsWith("chunked") ? 2 : 1));
    }
    await().until(() -> outcomes().equals(Map.of(Outcome.BODY_INCOMPLETE, 2L)));
    assertThat(target.requests()).isEmpty();
  }

  /** With a filter that decompresses but does not remove the Content-Length. */
  @Test
  void bodyThatIsLongerThanDeclaredIsNotCopied() throws Exception {
    Mapped decompressing =
        Mapped.named(
            "decompressing",
            (request, response, chain) ->
                chain.doFilter(
                    new HttpServletRequestWrapper((HttpServletRequest) request) {
                      @Override
                      public ServletInputStream getInputStream() {
                        return new FilterStream(
                            new ByteArrayInputStream(bytes(2 * BODY.length)), elsewhere);
                      }
                    },
                    response));
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    try (Container.Running own =
        container.start(servlet(), decompressing, Mapped.of(new MirrorFilter(mirror())))) {
      assertThat(view(own.port(), post(BODY)).response()).contains("100000 bytes");
    }
    Conservation.awaitSettled(mirror());
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }
}
