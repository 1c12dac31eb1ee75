package io.github.requestmirror.gateways;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What mirrors of other kinds do while a request lives, and this one must not. */
abstract class LifeRegressionContract extends RegressionHarness {
  @RegisterExtension final LogGuard log = new LogGuard();

  private final ExecutorService elsewhere = Executors.newCachedThreadPool();

  LifeRegressionContract(Server server) {
    super(server);
  }

  @AfterAll
  void stopThreads() {
    elsewhere.shutdown();
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      if (!latch.await(10, SECONDS)) {
        throw new IllegalStateException("waited in vain");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Wrong where the whole body is read before the application is called. */
  @Test
  void slowClientDelaysNeitherMirrorDecisionNorPrimary() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    application(
        (request, response) -> {
          assertThat(request.getInputStream().read()).isZero();
          begun.countDown();
          store(request, response);
        });
    try (RawClient client = new RawClient(port())) {
      client.send(new byte[10], "POST /push HTTP/1.1", "Host: a", "Content-Length: 30");
      waitFor(begun);
      assertThat(stats().offered()).isEqualTo(1);
      client.out().write(new byte[20]);
      assertThat(text(client.receive(false))).isEqualTo("stored 29");
    }
    assertThat(copy().body()).hasSize(30);
  }

  /** Wrong where the response is kept, to be compared or logged. */
  @Test
  void responseIsStreamedNotBuffered() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    application(
        (request, response) -> {
          response.setContentLength(11);
          response.getOutputStream().write("first".getBytes(US_ASCII));
          response.flushBuffer();
          waitFor(arrived);
          response.getOutputStream().write("second".getBytes(US_ASCII));
        });
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port())) {
      client.setSoTimeout(10_000);
      client.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
      InputStream in = client.getInputStream();
      ContinuePrimary.readHead(in);
      assertThat(in.readNBytes(5)).asString(US_ASCII).isEqualTo("first");
      arrived.countDown();
      assertThat(in.readNBytes(6)).asString(US_ASCII).isEqualTo("second");
    }
  }

  /** Wrong where the mirror waits for its own response and gives that. */
  @Test
  void primaryResponseIsNotTheMirrorsResponse() throws Exception {
    target().behave(TestTarget.respond(418, "the mirror's"));
    application(
        (request, response) -> {
          response.addHeader("X-From", "primary");
          store(request, response);
        });
    HttpMessage mirrored = post("/push", new byte[10]);
    assertOutcome(Outcome.REJECTED, 1);
    filter(mirror -> (request, response, chain) -> chain.doFilter(request, response));
    HttpMessage plain = post("/push", new byte[10]);
    assertThat(mirrored.startLine()).isEqualTo(plain.startLine());
    assertThat(withoutDate(mirrored)).isEqualTo(withoutDate(plain));
    assertThat(mirrored.body()).isEqualTo(plain.body());
  }

  private static List<String> withoutDate(HttpMessage response) {
    return response.headerLines().stream().filter(line -> !line.startsWith("Date:")).toList();
  }

  /** Wrong where a session is what a client is known by. */
  @Test
  void noSessionIsCreated() throws Exception {
    application(
        (request, response) ->
            respond(response, request.getSession(false) == null ? "no session" : "a session"));
    HttpMessage response = get("/query");
    assertThat(text(response)).isEqualTo("no session");
    assertThat(response.headers("Set-Cookie")).isEmpty();
  }

  /** Wrong where a full queue throws into the request that brings one copy too many. */
  @Test
  void rejectedMirrorNeverTouchesThePrimary() throws Exception {
    mirror(limits -> limits.bufferBytes(64 << 10).maxBodyBytes(32 << 10), policy -> policy);
    target().behave(target().hang());
    application(RegressionHarness::store);
    for (int i = 0; i < 20; i++) {
      assertThat(text(post("/push", new byte[20_000]))).isEqualTo("stored 20000");
    }
    assertThat(stats().count(Outcome.BUFFER_FULL)).isGreaterThan(10);
    mirror().close();
    assertThat(text(post("/push", new byte[20_000]))).isEqualTo("stored 20000");
    assertThat(stats().offered()).isEqualTo(21);
  }

  /** Wrong where each copy holds a thread, or brings a client of its own. */
  @Test
  void hangingTargetHoldsNoThreads() throws Exception {
    mirror(limits -> limits, policy -> policy.order(MirrorOrder.NONE));
    long before = mirrorThreads();
    target().behave(target().hang());
    application(RegressionHarness::store);
    for (int i = 0; i < 100; i++) {
      post("/push", new byte[10]);
    }
    await().until(() -> stats().inFlight() == 64 && stats().queued() == 36);
    // The mirror's own may not all have started at once.
    assertThat(mirrorThreads()).isLessThan(before + 5);
    mirror().close();
  }

  private static long mirrorThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("mirror-"))
        .count();
  }

  /** Wrong where a copy is made from the request object, when its container has taken it back. */
  @Test
  void noReadAfterTheRequestWasRecycled() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    mirror(limits -> limits.maxInFlight(1), policy -> policy);
    target()
        .behave(
            (request, out) -> {
              waitFor(open);
              TestTarget.status(204).handle(request, out);
            });
    application(RegressionHarness::store);
    try (RawClient client = new RawClient(port())) {
      for (int i = 0; i < 30; i++) {
        client.exchange(
            ("body " + i).getBytes(US_ASCII),
            "POST /push/" + i + "?n=" + i + " HTTP/1.1",
            "Host: a",
            "X-Number: " + i,
            "Content-Length: " + ("body " + i).length());
      }
    }
    open.countDown();
    assertOutcome(Outcome.ACCEPTED, 30);
    for (int i = 0; i < 30; i++) {
      HttpMessage copy = target().requests().get(i);
      assertThat(copy.requestTarget()).isEqualTo("/push/" + i + "?n=" + i);
      assertThat(copy.headers("X-Number")).containsExactly("" + i);
      assertThat(text(copy)).isEqualTo("body " + i);
    }
  }

  /**
   * Wrong where exceptions are caught and errors are not: what a request holds is held for good.
   */
  @Test
  void errorThrownByTheApplicationReleasesEverything() throws Exception {
    application(
        (request, response) -> {
          request.getInputStream().readNBytes(5000);
          throw new AssertionError("on purpose");
        });
    for (int i = 0; i < 20; i++) {
      assertThat(post("/push", new byte[10_000]).status()).isEqualTo(500);
    }
    assertOutcome(Outcome.BODY_INCOMPLETE, 20);
    assertThat(stats().bufferedBytes()).isZero();
  }

  /** Wrong where the end of the filter is taken for the end of the request. */
  @Test
  void asyncRequestEndsOnceAndNotWhenDoFilterReturns() throws Exception {
    CountDownLatch returned = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    filter(
        mirror ->
            (request, response, chain) -> {
              mirror.doFilter(request, response, chain);
              returned.countDown();
            });
    application((request, response) -> failLater(request, goOn));
    Future<HttpMessage> response = elsewhere.submit(() -> post("/push", new byte[10]));
    waitFor(returned);
    assertThat(stats().pending()).isEqualTo(1);
    goOn.countDown();
    assertThat(response.get(10, SECONDS).status()).isEqualTo(503);
    // Told too early, the status would have been 200.
    assertOutcome(Outcome.PRIMARY_STATUS, 1);
    assertThat(target().requests()).isEmpty();
  }

  private void failLater(HttpServletRequest request, CountDownLatch goOn) throws IOException {
    request.getInputStream().readAllBytes();
    AsyncContext async = request.startAsync();
    elsewhere.execute(
        () -> {
          waitFor(goOn);
          ((HttpServletResponse) async.getResponse()).setStatus(503);
          async.complete();
        });
  }

  /** Wrong where each copy is worth a line, or each one that fails. */
  @Test
  void nothingIsLoggedOnThePrimarysThread() throws Exception {
    target().refuse();
    int before = log.loud().size();
    Set<String> threads = ConcurrentHashMap.newKeySet();
    application(
        (request, response) -> {
          threads.add(Thread.currentThread().getName());
          store(request, response);
        });
    for (int i = 0; i < 50; i++) {
      post("/push", new byte[10]);
    }
    mirror().close();
    assertThat(threads).isNotEmpty().allSatisfy(t -> assertThat(log.aboveDebugBy(t)).isEmpty());
    assertThat(log.loud()).hasSizeLessThan(before + 5);
  }
}
