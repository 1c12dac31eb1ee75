package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What a shutdown does to the connections of clients. */
class DrainingConnectorTest {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  private Server server;
  private DrainingConnector connector;
  private int port;

  @BeforeEach
  void start() throws Exception {
    server = Ports.open("--listen", "127.0.0.1", 0, "draining", 8, new HttpConfiguration());
    server.setStopTimeout(STOP_TIMEOUT.toMillis());
    connector = Ports.connector(server);
    server.setHandler(connector.watch(new Echo()));
    server.start();
    port = connector.getLocalPort();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @Test
  void requestThatPausedBeforeTheShutdownEnds() throws Exception {
    try (RawClient client = new RawClient(port);
        RawClient idle = new RawClient(port)) {
      client.send(new byte[] {'a'}, "POST /x HTTP/1.1", "Host: h", "Content-Length: 2");
      await().until(() -> connector.getConnectedEndPoints().size() == 2);
      await()
          .until(() -> connector.getConnectedEndPoints().stream().allMatch(this::pausedForASecond));

      CompletableFuture<Void> done = connector.shutdown();
      assertThatThrownBy(() -> idle.receive(false)).isInstanceOf(IOException.class);
      client.out().write('b');

      assertThat(client.receive(false).body()).asString().isEqualTo("ab");
      done.get(10, TimeUnit.SECONDS);
    }
  }

  @RepeatedTest(5)
  void connectionsAcceptedDuringTheShutdownDoNotDelayIt() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    CompletableFuture<Void> connecting =
        CompletableFuture.runAsync(
            () -> {
              try {
                while (clients.size() < 1000) {
                  clients.add(new RawClient(port));
                }
              } catch (IOException e) {
                // The port is closed.
              }
            },
            command -> new Thread(command).start());
    try {
      await().until(() -> connector.getConnectedEndPoints().size() > 20);
      connector.shutdown().get(10, TimeUnit.SECONDS);
    } finally {
      connecting.get();
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  private boolean pausedForASecond(EndPoint endPoint) {
    return ((AbstractEndPoint) endPoint).getIdleFor() > 1000;
  }

  /** Responds with the body of the request. */
  private static final class Echo extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback)
        throws IOException, ExecutionException, InterruptedException {
      String body = Content.Source.asString(request);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length());
      Content.Sink.write(response, true, body, callback);
      return true;
    }
  }
}
