package io.github.requestmirror.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.examples.remotewrite.RemoteWrite;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ReceiverTest {
  private final ShardSeries series = new ShardSeries(0, 3);
  private final HttpClient client = HttpClient.newHttpClient();
  private Receiver receiver;

  @BeforeEach
  void start() throws Exception {
    receiver = Receiver.start("test", new Jitter(0, 0, 0, 0));
  }

  @AfterEach
  void stop() {
    receiver.close();
  }

  private int post(WriteRequest request) throws IOException, InterruptedException {
    return post(RemoteWrite.encode(request), Duration.ofSeconds(20));
  }

  private int post(byte[] body, Duration timeout) throws IOException, InterruptedException {
    HttpRequest post =
        HttpRequest.newBuilder(receiver.uri())
            .timeout(timeout)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return client.send(post, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private void assertHangs() {
    byte[] body = RemoteWrite.encode(series.next());
    assertThatThrownBy(() -> post(body, Duration.ofMillis(300)))
        .isInstanceOf(HttpTimeoutException.class);
  }

  @Test
  void stores() throws Exception {
    assertThat(post(series.next())).isEqualTo(204);
    assertThat(receiver.store().samples()).isEqualTo(3);
  }

  @Test
  void rejectsDisorderAndNonsense() throws Exception {
    WriteRequest first = series.next();
    post(series.next());

    assertThat(post(first)).isEqualTo(400);
    assertThat(post(new byte[] {1, 2, 3}, Duration.ofSeconds(20))).isEqualTo(400);
    assertThat(receiver.store().samples()).isEqualTo(3);
  }

  @Test
  void hangsRefusesAndComesBackOnTheSamePort() throws Exception {
    URI uri = receiver.uri();
    post(series.next());

    receiver.hang();
    assertHangs();
    receiver.refuse();
    assertThatThrownBy(() -> post(series.next())).isInstanceOf(ConnectException.class);
    receiver.comeBack();
    assertThat(post(series.next())).isEqualTo(204);

    assertThat(receiver.uri()).isEqualTo(uri);
    assertThat(receiver.store().samples())
        .as("samples, except those of the hanging request")
        .isEqualTo(6);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void noOtherSocketGetsThePort() throws Exception {
    InetSocketAddress address =
        new InetSocketAddress(receiver.uri().getHost(), receiver.uri().getPort());
    AtomicBoolean done = new AtomicBoolean();
    AtomicBoolean bound = new AtomicBoolean();
    Thread other =
        new Thread(
            () -> {
              while (!done.get()) {
                try (Socket socket = new Socket()) {
                  socket.setReuseAddress(false);
                  socket.bind(address);
                  bound.set(true);
                } catch (IOException e) {
                  // The port is reserved.
                }
              }
            },
            "other-socket");
    other.start();
    try {
      for (int i = 0; i < 20; i++) {
        receiver.refuse();
        receiver.comeBack();
      }
    } finally {
      done.set(true);
      other.join();
    }
    assertThat(bound).as("another socket was bound to the port").isFalse();
    assertThat(post(series.next())).isEqualTo(204);
  }

  @Test
  void comesBackFromHanging() throws Exception {
    receiver.hang();
    assertHangs();
    receiver.comeBack();
    assertThat(post(series.next())).isEqualTo(204);
  }
}
