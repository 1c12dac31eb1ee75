package io.github.requestmirror.gateways;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of every gateway with the filter in front. */
abstract class GatewayContract extends GatewayHarness {
  private static final int MIB = 1 << 20;

  /** The headers that a receiver of remote-write depends on. */
  private static final List<String> KEPT =
      List.of(
          "Content-Type",
          "Content-Encoding",
          "Content-Length",
          "User-Agent",
          "X-Prometheus-Remote-Write-Version");

  private static List<HttpMessage> recorded() {
    List<HttpMessage> recorded = new ArrayList<>(RecordedRequests.small().subList(0, 100));
    recorded.addAll(RecordedRequests.large().subList(0, 30));
    return recorded;
  }

  private static void assertCopy(HttpMessage copy, HttpMessage request) {
    assertThat(copy.startLine()).isEqualTo(request.startLine());
    assertThat(copy.body()).isEqualTo(request.body());
    for (String name : KEPT) {
      assertThat(copy.headers(name)).as(name).isEqualTo(request.headers(name));
    }
  }

  private void assertOutcomes(Outcome outcome, int count) {
    Conservation.awaitSettled(mirror());
    assertThat(outcomes()).isEqualTo(Map.of(outcome, (long) count));
  }

  @Test
  void requestsOfARealPrometheusReachBoth() throws Exception {
    List<HttpMessage> requests = recorded();
    compare(of(requests));
    assertOutcomes(Outcome.ACCEPTED, requests.size());
    assertThat(secondary().requests()).hasSameSizeAs(requests);
    List<HttpMessage> copies = RecordedRequests.inOrderOf(requests, secondary().requests());
    for (int i = 0; i < requests.size(); i++) {
      assertCopy(copies.get(i), requests.get(i));
    }
  }

  @Test
  void concurrentSendersReachBoth() throws Exception {
    List<HttpMessage> requests = RecordedRequests.small();
    int senders = 8;
    int each = requests.size() / senders;
    ExecutorService threads = Executors.newFixedThreadPool(senders);
    try {
      compare(
          port -> {
            List<Callable<List<HttpMessage>>> tasks = new ArrayList<>();
            for (int i = 0; i < senders; i++) {
              List<HttpMessage> own = requests.subList(i * each, (i + 1) * each);
              tasks.add(() -> of(own).hold(port));
            }
            List<HttpMessage> responses = new ArrayList<>();
            for (Future<List<HttpMessage>> sender : threads.invokeAll(tasks)) {
              responses.addAll(sender.get());
            }
            return responses;
          });
    } finally {
      threads.shutdown();
    }
    assertOutcomes(Outcome.ACCEPTED, requests.size());
    assertThat(secondary().requests().stream().map(copy -> Arrays.toString(copy.body())))
        .containsExactlyInAnyOrderElementsOf(
            requests.stream().map(request -> Arrays.toString(request.body())).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/query?query=up%7Bjob%3D%22a+b%22%7D&time=1.5&empty=&flag&path=%2Fa%2fb",
        "/api/v1/label/%E4%BD%A0%20x+y/values",
        "/api/v1/series?match%5B%5D=a&match%5b%5d=b",
        "/api/v1/query?"
      })
  void pathAndQueryOfTheCopyAreAsSent(String target) throws Exception {
    compare(of(client -> client.exchange(EMPTY, "GET " + target + " HTTP/1.1", "Host: a")));
    assertOutcomes(Outcome.ACCEPTED, 1);
    assertThat(secondary().requests().get(0).requestTarget()).isEqualTo(target);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 400, 404, 413, 429, 500, 503})
  void responsesOfThePrimaryPass(int status) throws Exception {
    primary().behave(TestTarget.respond(status, status == 204 ? "" : "because"));
    List<HttpMessage> requests = RecordedRequests.small().subList(0, 3);
    compare(of(requests));
    assertOutcomes(Outcome.ACCEPTED, requests.size());
  }

  /** Faults of a target. */
  enum Fault {
    REFUSES,
    HANGS,
    FAILS,
    RESETS;

    void of(TestTarget target) {
      switch (this) {
        case REFUSES -> target.refuse();
        case HANGS -> target.behave(target.hang());
        case FAILS -> target.behave(TestTarget.status(500));
        case RESETS -> target.behave(TestTarget.reset());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void faultsOfTheTargetDoNotAffectThePrimary(Fault fault) throws Exception {
    fault.of(secondary());
    List<HttpMessage> requests = recorded().subList(40, 130);
    List<Duration> took = new ArrayList<>();
    compare(
        port -> {
          long start = System.nanoTime();
          List<HttpMessage> responses = of(requests).hold(port);
          took.add(Duration.ofNanos(System.nanoTime() - start));
          return responses;
        });
    // Waiting for the target once would take ten seconds.
    assertThat(took.get(1)).isLessThan(took.get(0).plusSeconds(5));
    mirror().close();
    assertThat(stats().offered()).isEqualTo(requests.size());
    assertThat(stats().failed() + stats().dropped() + stats().count(Outcome.UNAVAILABLE))
        .isEqualTo(requests.size());
  }

  @Test
  void requestsThatThePrimaryRejectsAreNotCopied() throws Exception {
    primary().behave(TestTarget.respond(503, "later"));
    waitForThePrimary();
    List<HttpMessage> requests = RecordedRequests.small().subList(0, 10);
    compare(of(requests));
    assertOutcomes(Outcome.PRIMARY_STATUS, requests.size());
    assertThat(secondary().requests()).isEmpty();
  }

  @Test
  void requestsThatThePrimaryDoesNotAcceptAreNotCopied() throws Exception {
    primary().refuse();
    waitForThePrimary();
    HttpMessage request = RecordedRequests.small().get(0);
    Conversation conversation = port -> List.of(onItsOwn(port, request));
    String response =
        respondsConsistently()
            ? compareResponses(conversation).get(0)
            : responses(mirroredPort(), conversation).get(0);
    assertThat(response).startsWith("HTTP/1.1 50");
    Conservation.awaitSettled(mirror());
    assertThat(stats().skipped()).isEqualTo(1);
    assertThat(secondary().requests()).isEmpty();
  }

  /**
   * Tells whether the gateway always sends the same response if the primary refuses connections.
   */
  boolean respondsConsistently() {
    return true;
  }

  private static HttpMessage onItsOwn(int port, HttpMessage request) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client.exchange(request);
    }
  }

  @Test
  void largeBodyWithItsLengthDeclaredReachesBoth() throws Exception {
    byte[] body = Wire.bytes(10 * MIB, 1);
    compare(of(post("/api/v1/push", body, "Content-Type: application/x-protobuf")));
    assertOutcomes(Outcome.ACCEPTED, 1);
    assertThat(secondary().requests().get(0).body()).isEqualTo(body);
  }

  @Test
  void largeBodyInChunksReachesBoth() throws Exception {
    byte[] body = Wire.bytes(10 * MIB, 2);
    compare(of(chunked("/api/v1/push", body, 50_000, "Content-Type: application/x-protobuf")));
    assertOutcomes(Outcome.ACCEPTED, 1);
    assertThat(secondary().requests().get(0).body()).isEqualTo(body);
  }

  @Test
  void connectionIsReusedForRequestsOfEveryKind() throws Exception {
    byte[] body = Wire.bytes(3000, 3);
    List<Exchange> exchanges = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      exchanges.add(post("/api/v1/push", body));
      exchanges.add(client -> client.exchange(EMPTY, "GET /ready HTTP/1.1", "Host: a"));
      exchanges.add(chunked("/api/v1/push", body, 700));
      exchanges.add(client -> client.exchange(EMPTY, "HEAD /ready HTTP/1.1", "Host: a"));
      exchanges.add(post("/api/v1/push", EMPTY));
    }
    compare(onOneConnection(exchanges));
    assertOutcomes(Outcome.ACCEPTED, exchanges.size());
    assertThat(secondary().requests()).hasSameSizeAs(exchanges);
  }

  @Test
  void clientThatExpectsContinueIsServed() throws Exception {
    byte[] body = Wire.bytes(5000, 4);
    try (ContinuePrimary asking = new ContinuePrimary()) {
      primaryIs(asking.uri());
      List<String> responses = compareResponses(port -> List.of(expectContinue(port, body)));
      assertThat(responses.get(0)).contains("got " + body.length);
    }
    assertOutcomes(Outcome.ACCEPTED, 1);
    assertThat(secondary().requests().get(0).body()).isEqualTo(body);
    assertThat(secondary().requests().get(0).headers("Expect")).isEmpty();
  }

  private static HttpMessage expectContinue(int port, byte[] body) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.setSoTimeout(20_000);
      OutputStream out = client.getOutputStream();
      String[] head =
          head("/api/v1/push", "Content-Length: " + body.length, "Expect: 100-continue");
      out.write((String.join("\r\n", head) + "\r\n\r\n").getBytes(US_ASCII));
      assertThat(ContinuePrimary.readHead(client.getInputStream()))
          .asString(US_ASCII)
          .startsWith("HTTP/1.1 100 ");
      out.write(body);
      return HttpMessage.readResponse(client.getInputStream(), false);
    }
  }

  /** Tells whether the gateway lets the container parse forms and sends re-encoded ones. */
  boolean rebuildsForms() {
    return false;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?time=1&dedup=true", "?match=up"})
  void formReachesBoth(String query) throws Exception {
    byte[] form = "query=up%7Ba%3D%22b+c%22%7D&match=up&match=d%26&e=&u=%C3%A4".getBytes(US_ASCII);
    String target = "/api/v1/query" + query;
    compare(of(post(target, form, "Content-Type: application/x-www-form-urlencoded")));
    assertOutcomes(Outcome.ACCEPTED, 1);
    assertThat(stats().reencoded()).isEqualTo(rebuildsForms() ? 1 : 0);
    HttpMessage copy = secondary().requests().get(0);
    assertThat(copy.requestTarget()).isEqualTo(target);
    if (rebuildsForms()) {
      assertThat(Forms.parse(copy.body())).isEqualTo(Forms.parse(form));
    } else {
      assertThat(copy.body()).isEqualTo(form);
    }
  }

  @Test
  void requestOfAClientThatDisconnectsIsNotCopied() throws Exception {
    try (RawClient client = new RawClient(mirroredPort())) {
      client.send(new byte[1000], "POST /push HTTP/1.1", "Host: a", "Content-Length: 5000");
      await().until(() -> stats().bufferedBytes() > 1000);
      client.abort();
    }
    assertOutcomes(Outcome.BODY_INCOMPLETE, 1);
    assertThat(secondary().requests()).isEmpty();
  }
}
