package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.client.contract.TestClient.RunningCall;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests recorded from a Prometheus server. */
abstract class TrafficContract extends ContractFixture {
  /** Headers of a connection or its host. */
  private static final Set<String> NOT_COPIED =
      Set.of("host", "content-length", "connection", "accept-encoding", "x-request-mirror");

  TrafficContract(TestClient.Factory factory) {
    super(factory);
  }

  @BeforeEach
  void startMirrorOfWrites() {
    primary.behave(TestTarget.respond(200, "stored"));
    start(MirrorTarget.of(target.uri()), Cortex.writes().build());
  }

  private static List<String> copied(HttpMessage message) {
    return message.headerLines().stream()
        .filter(line -> !NOT_COPIED.contains(line.split(":", 2)[0].toLowerCase(Locale.ROOT)))
        .toList();
  }

  private static String[] headers(HttpMessage recorded) {
    List<String> headers = new ArrayList<>();
    for (String line : copied(recorded)) {
      headers.addAll(List.of(line.split(": ", 2)));
    }
    return headers.toArray(String[]::new);
  }

  @Test
  void recordedRequestsArriveByteForByte() throws Exception {
    List<HttpMessage> recorded = new ArrayList<>(RecordedRequests.small());
    recorded.addAll(RecordedRequests.large());
    TestClient client = mirrored();
    for (HttpMessage request : recorded) {
      CallResult result =
          client.post(uri(request.requestTarget()), request.body(), headers(request));
      assertThat(result.status()).isEqualTo(200);
      client.awaitIdle();
    }
    Conservation.awaitSettled(mirror());
    assertThat(primary.connectionsAccepted()).isEqualTo(1);
    assertThat(target.requests()).hasSameSizeAs(recorded);
    List<HttpMessage> copies = RecordedRequests.inOrderOf(recorded, target.requests());
    for (int i = 0; i < recorded.size(); i++) {
      HttpMessage copy = copies.get(i);
      assertThat(copy.startLine()).isEqualTo(recorded.get(i).startLine());
      assertThat(copy.body()).isEqualTo(recorded.get(i).body());
      assertThat(copied(copy)).containsExactlyInAnyOrderElementsOf(copied(recorded.get(i)));
      assertThat(copied(primary.requests().get(i)))
          .containsExactlyInAnyOrderElementsOf(copied(recorded.get(i)));
    }
  }

  @Test
  void concurrentRecordedRequestsArriveByteForByte() throws Exception {
    List<HttpMessage> recorded = RecordedRequests.large();
    TestClient client = mirrored();
    List<RunningCall> calls = new ArrayList<>();
    for (HttpMessage request : recorded) {
      calls.add(
          client.start(
              TestRequest.post(
                  uri(request.requestTarget()), TestBody.of(request.body()), headers(request))));
    }
    for (RunningCall call : calls) {
      assertThat(call.result().details()).contains(CallResult.body("stored"));
    }
    Conservation.awaitSettled(mirror());
    assertThat(target.requests())
        .extracting(HttpMessage::body)
        .containsExactlyInAnyOrderElementsOf(recorded.stream().map(HttpMessage::body).toList());
  }
}
