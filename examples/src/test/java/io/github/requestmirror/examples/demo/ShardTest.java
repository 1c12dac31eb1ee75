package io.github.requestmirror.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.examples.remotewrite.RemoteWrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ShardTest {
  private final List<HttpFields> heads = Collections.synchronizedList(new ArrayList<>());
  private final List<byte[]> bodies = Collections.synchronizedList(new ArrayList<>());
  private final List<Integer> statuses = Collections.synchronizedList(new ArrayList<>());
  private final SenderStats stats = new SenderStats();
  private final Server server = new Server(0);

  @BeforeEach
  void start() throws Exception {
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            heads.add(request.getHeaders());
            bodies.add(BufferUtil.toArray(Content.Source.asByteBuffer(request)));
            response.setStatus(statuses.isEmpty() ? 204 : statuses.remove(0));
            callback.succeeded();
            return true;
          }
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  /** Sends {@code requests} requests. */
  private void send(int requests) throws Exception {
    int port = ((NetworkConnector) server.getConnectors()[0]).getLocalPort();
    long interval = Duration.ofMillis(5).toNanos();
    try (CloseableHttpClient client = HttpClients.createMinimal()) {
      long now = System.nanoTime();
      new Shard("http://127.0.0.1:" + port + "/push", client, new ShardSeries(0, 2), stats)
          .send(now, now + (requests - 1) * interval + 1, interval);
    }
  }

  @Test
  void send_headersAndBodyOfRemoteWrite() throws Exception {
    send(1);

    HttpFields head = heads.get(0);
    assertThat(head.get("Content-Type")).isEqualTo("application/x-protobuf");
    assertThat(head.get("Content-Encoding")).isEqualTo("snappy");
    assertThat(head.get("X-Prometheus-Remote-Write-Version")).isEqualTo("0.1.0");
    assertThat(head.get("X-Scope-OrgID")).isEqualTo("team-a");
    assertThat(head.get("Retry-Attempt")).isNull();
    assertThat(RemoteWrite.samples(RemoteWrite.decode(bodies.get(0)))).isEqualTo(2);
    assertThat(stats.sent()).isEqualTo(2);
    assertThat(stats.acknowledged()).isEqualTo(2);
    assertThat(stats.latencies().getTotalCount()).isEqualTo(1);
  }

  @Test
  void send_5xx_isRetriedBeforeTheNextRequest() throws Exception {
    statuses.addAll(List.of(503, 500));
    send(1);

    assertThat(bodies).hasSize(3).allMatch(body -> Arrays.equals(body, bodies.get(0)));
    assertThat(heads).extracting(head -> head.get("Retry-Attempt")).containsExactly(null, "1", "2");
    assertThat(stats.requests()).isEqualTo(1);
    assertThat(stats.acknowledged()).isEqualTo(2);
  }

  @Test
  void send_4xx_isNotRetried() throws Exception {
    statuses.add(400);
    send(1);

    assertThat(bodies).hasSize(1);
    assertThat(stats.sent()).isEqualTo(2);
    assertThat(stats.acknowledged()).isZero();
  }

  @Test
  void send_timestampsIncrease() throws Exception {
    send(3);

    SampleStore store = new SampleStore();
    for (byte[] body : bodies) {
      assertThat(store.append(RemoteWrite.decode(body))).isTrue();
    }
    assertThat(store.contents()).hasSize(2);
  }
}
