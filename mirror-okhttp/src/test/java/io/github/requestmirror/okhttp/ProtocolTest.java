package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;

/** HTTP/2, duplex bodies and web sockets. */
class ProtocolTest extends InterceptorFixture {
  private static final List<Protocol> H2 = List.of(Protocol.H2_PRIOR_KNOWLEDGE);

  private static Request request(MockWebServer server, RequestBody body) {
    return new Request.Builder().url(server.url("/api/v1/push?a=b")).post(body).build();
  }

  /** Makes the call without and with the interceptor and asserts that the caller sees the same. */
  private Observed same(RequestBody body, byte[] expected) throws Exception {
    List<Observed> seen = new ArrayList<>();
    for (OkHttpClient client :
        List.of(
            client(builder -> builder.protocols(H2)), mirrored(builder -> builder.protocols(H2)))) {
      try (MockWebServer server = new MockWebServer()) {
        server.setProtocols(H2);
        server.enqueue(new MockResponse().setBody("stored"));
        seen.add(Observed.of(client, request(server, body)));
        RecordedRequest recorded = server.takeRequest(10, TimeUnit.SECONDS);
        assertThat(recorded).isNotNull();
        assertThat(recorded.getBody().readByteArray()).isEqualTo(expected);
      }
    }
    assertThat(seen.get(1)).isEqualTo(seen.get(0));
    assertThat(seen.get(1).response()).contains("h2_prior_knowledge", "code=200");
    return seen.get(1);
  }

  @Test
  void bodyOverHttp2IsCopied() throws Exception {
    byte[] body = bytes(1_000_000);
    assertThat(same(RequestBody.create(body, PROTOBUF), body).writes()).isEqualTo(1);
    assertThat(same(body(-1, sink -> sink.write(body)), body).writes()).isEqualTo(1);
    assertCopies(body, body);
    assertThat(target.requests().get(0).startLine()).isEqualTo("POST /api/v1/push?a=b HTTP/1.1");
  }

  @Test
  void concurrentCallsOnOneHttp2ConnectionAreCopied() throws Exception {
    int calls = 50;
    try (MockWebServer server = new MockWebServer()) {
      server.setProtocols(H2);
      OkHttpClient client = mirrored(builder -> builder.protocols(H2));
      client.dispatcher().setMaxRequestsPerHost(calls);
      List<byte[]> bodies = new ArrayList<>();
      BlockingQueue<String> responses = new LinkedBlockingQueue<>();
      for (int i = 0; i < calls; i++) {
        server.enqueue(new MockResponse().setBody("stored"));
        byte[] body = Wire.bytes(50_000 + i, i);
        bodies.add(body);
        client
            .newCall(request(server, RequestBody.create(body, PROTOBUF)))
            .enqueue(
                new okhttp3.Callback() {
                  @Override
                  public void onFailure(okhttp3.Call call, IOException e) {
                    responses.add(e.toString());
                  }

                  @Override
                  public void onResponse(okhttp3.Call call, Response response) throws IOException {
                    responses.add(response.body().string());
                  }
                });
      }
      for (int i = 0; i < calls; i++) {
        assertThat(responses.poll(20, TimeUnit.SECONDS)).isEqualTo("stored");
      }
      Conservation.awaitSettled(mirror());
      assertThat(target.requests())
          .extracting(HttpMessage::body)
          .containsExactlyInAnyOrderElementsOf(bodies);
    }
  }

  /** Writes the complete body before the response, so that the test is deterministic. */
  private static final class Duplex extends RequestBody {
    private final byte[] body;

    Duplex(byte[] body) {
      this.body = body;
    }

    @Override
    public MediaType contentType() {
      return PROTOBUF;
    }

    @Override
    public boolean isDuplex() {
      return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.write(body);
      sink.close();
    }
  }

  @Test
  void duplexBodyIsPassedOnUnchanged() throws Exception {
    byte[] body = bytes(100_000);
    assertThat(same(new Duplex(body), body).ownRequest()).isTrue();
    assertOutcomes(Outcome.BODY_UNSUPPORTED);
  }

  @Test
  void duplexBodyOverHttp1FailsAsWithoutTheMirror() {
    Observed seen = same(WELL, () -> new Duplex(bytes(10)));
    assertThat(seen.response()).contains("ProtocolException");
    assertOutcomes(Outcome.BODY_UNSUPPORTED);
  }

  @Test
  void webSocketIsNotCopied() throws Exception {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (MockWebServer server = new MockWebServer()) {
      server.enqueue(
          new MockResponse()
              .withWebSocketUpgrade(
                  new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket socket, String text) {
                      socket.send("echo " + text);
                      socket.close(1000, null);
                    }
                  }));
      Request request = new Request.Builder().url(server.url("/live")).build();
      WebSocket socket =
          mirrored()
              .newWebSocket(
                  request,
                  new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket socket, String text) {
                      received.add(text);
                    }

                    @Override
                    public void onClosing(WebSocket socket, int code, String reason) {
                      socket.close(code, null);
                      received.add("closed " + code);
                    }
                  });
      socket.send("hello");
      assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("echo hello");
      assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1000");
    }
    assertOutcomes(Outcome.UPGRADE);
    assertThat(target.requests()).isEmpty();
  }
}
