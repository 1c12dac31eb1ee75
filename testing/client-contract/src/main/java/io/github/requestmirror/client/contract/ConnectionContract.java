package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.TestTls;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A call that got no connection to the primary is not copied, because the primary got nothing. */
abstract class ConnectionContract extends ContractFixture {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final byte[] BODY = Wire.bytes(2_000, 1);

  @SuppressWarnings("NullAway.Init")
  private static TestTls tls;

  ConnectionContract(TestClient.Factory factory) {
    super(factory);
  }

  @BeforeAll
  static void createCertificate(@TempDir Path folder) throws Exception {
    tls = TestTls.create(folder);
  }

  /** What prevents the connection. */
  enum Obstacle {
    REFUSED,
    CONNECT_TIMES_OUT,
    UNKNOWN_HOST,
    UNTRUSTED_CERTIFICATE,
    CERTIFICATE_OF_ANOTHER_HOST,
    HANDSHAKE_BREAKS,
    HANDSHAKE_TIMES_OUT
  }

  private static TestRequest request(String uri, boolean body) {
    return new TestRequest(
        body ? "POST" : "DELETE", uri, List.of(), body ? TestBody.of(BODY) : null);
  }

  private TestClient.Options options() {
    return TestClient.Options.of(mirror()).tls(tls);
  }

  private TestTarget secure() {
    return closedAtTheEnd(new TestTarget(tls.server()));
  }

  private ServerSocket listen(int backlog) throws IOException {
    return closedAtTheEnd(new ServerSocket(0, backlog, InetAddress.getLoopbackAddress()));
  }

  /** Returns a server that closes connections as soon as it gets a byte. */
  private ServerSocket closing() throws IOException {
    ServerSocket server = listen(8);
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  socket.getInputStream().read();
                } catch (IOException e) {
                  // The server is closed, or the client is gone.
                }
              }
            },
            "closing");
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  /** Returns a server whose queue of connections is full, so that it accepts no other. */
  private ServerSocket full() throws IOException {
    ServerSocket server = listen(1);
    for (int i = 0; i < 100; i++) {
      Socket socket = closedAtTheEnd(new Socket());
      try {
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()), 200);
      } catch (SocketTimeoutException e) {
        return server;
      }
    }
    throw new AssertionError("the server still accepts connections");
  }

  private CallResult call(Obstacle obstacle, boolean body) throws Exception {
    TestClient.Options options = options();
    String uri =
        switch (obstacle) {
          case REFUSED -> "http://127.0.0.1:1";
          case CONNECT_TIMES_OUT -> {
            options = options.connectTimeout(SHORT);
            yield "http://127.0.0.1:" + full().getLocalPort();
          }
          case UNKNOWN_HOST -> "http://unknown.invalid";
          case UNTRUSTED_CERTIFICATE -> {
            options = TestClient.Options.of(mirror());
            yield secure().uri().toString();
          }
          case CERTIFICATE_OF_ANOTHER_HOST -> "https://localhost:" + secure().port();
          case HANDSHAKE_BREAKS -> "https://127.0.0.1:" + closing().getLocalPort();
          case HANDSHAKE_TIMES_OUT -> {
            options = options.connectTimeout(SHORT).responseTimeout(SHORT);
            yield "https://127.0.0.1:" + listen(8).getLocalPort();
          }
        };
    return client(options).start(request(uri + PUSH, body)).result();
  }

  private static List<Arguments> obstacles() {
    return Arrays.stream(Obstacle.values())
        .flatMap(one -> Stream.of(Arguments.of(one, false), Arguments.of(one, true)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("obstacles")
  void callWithoutAConnectionIsNotCopied(Obstacle obstacle, boolean body) throws Exception {
    CallResult result = call(obstacle, body);
    assertThat(result.isFailure()).as("%s", result).isTrue();
    assertOutcomes(Outcome.BODY_INCOMPLETE);
    assertThat(target.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void callWithATlsConnectionIsCopied(boolean body) throws Exception {
    CallResult result = client(options()).start(request(secure().uri() + PUSH, body)).result();
    assertThat(result.status()).isEqualTo(204);
    assertOutcomes(Outcome.ACCEPTED);
    assertThat(target.requests()).hasSize(1);
  }

  /** The primary may have processed it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void callThatTimesOutOnATlsConnectionIsCopied(boolean body) throws Exception {
    TestTarget hanging = secure();
    hanging.behave(hanging.hang());
    // The handshake has the same timeout with some clients.
    TestClient client = client(options().responseTimeout(Duration.ofSeconds(2)));
    CallResult result = client.start(request(hanging.uri() + PUSH, body)).result();
    assertThat(result.outcome()).isEqualTo("SocketTimeoutException");
    assertOutcomes(Outcome.ACCEPTED);
    assertThat(target.requests()).hasSize(1);
  }
}
