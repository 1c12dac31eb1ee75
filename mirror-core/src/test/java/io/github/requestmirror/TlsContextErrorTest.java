package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.TestTls;
import io.github.requestmirror.testing.Wire;
import java.nio.file.Path;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An Error on the pipeline's thread, such as an OutOfMemoryError caused elsewhere. */
class TlsContextErrorTest {
  private static TestTls tls;

  @RegisterExtension final Conservation conservation = new Conservation();

  /** The number of following connects that fail with an Error. */
  private final AtomicInteger faults = new AtomicInteger();

  private final AtomicInteger faultsSoFar = new AtomicInteger();
  private TestTarget server;

  @BeforeAll
  static void createCertificate(@TempDir Path folder) throws Exception {
    tls = TestTls.create(folder);
  }

  @BeforeEach
  void startServer() {
    server = new TestTarget(tls.server());
  }

  @AfterEach
  void closeServer() {
    server.close();
  }

  private Mirror start() {
    return conservation.watch(
        Mirror.start(
            MirrorTarget.builder(server.uri())
                .name("secondary")
                // Twenty handshakes at once may take long on a busy machine.
                .connectTimeout(Duration.ofSeconds(20))
                .callTimeout(Duration.ofSeconds(5))
                .drainTimeout(Duration.ZERO)
                .sslContext(new FaultyContext(tls.client()))
                .build(),
            MirrorPolicy.builder().order(MirrorOrder.NONE).build()));
  }

  private static long accepted(Mirror mirror) {
    return mirror.stats().target("secondary").count(Outcome.ACCEPTED);
  }

  private static void post(Mirror mirror) {
    Wire.post(mirror, "/", new byte[100]);
  }

  /** Sends requests, ten a second, until one of them is accepted. */
  private static void awaitAccepted(Mirror mirror) {
    long before = accepted(mirror);
    await()
        .atMost(Duration.ofSeconds(15))
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> {
              post(mirror);
              assertThat(accepted(mirror)).as("%s", mirror.stats()).isGreaterThan(before);
            });
    Conservation.awaitSettled(mirror);
  }

  private static void assertAccepts(Mirror mirror) {
    long before = accepted(mirror);
    for (int i = 0; i < 20; i++) {
      post(mirror);
    }
    Conservation.awaitSettled(mirror);
    assertThat(accepted(mirror)).as("%s", mirror.stats()).isEqualTo(before + 20);
  }

  @Test
  void sendsAgainAfterAnError() {
    Mirror mirror = start();
    for (int round = 1; round <= 2; round++) {
      assertAccepts(mirror);
      faults.set(1);
      server.closeConnections();
      awaitAccepted(mirror);
      assertThat(faultsSoFar).hasValue(round);
    }
    assertAccepts(mirror);
  }

  @Test
  void endsEachCopyInFlightOnce() {
    Mirror mirror = start();
    assertAccepts(mirror);
    server.behave(server.hang());
    for (int i = 0; i < 30; i++) {
      post(mirror);
    }
    // At least one copy needs a new connection.
    faults.set(1);
    await()
        .untilAsserted(
            () -> {
              server.closeConnections();
              assertThat(mirror.stats().target("secondary").pending()).isZero();
            });
    assertThat(mirror.stats().target("secondary").failed()).isEqualTo(30);
    server.behave(TestTarget.status(204));
    faults.set(0);
    awaitAccepted(mirror);
    assertAccepts(mirror);
  }

  @Test
  void lastingErrorDoesNotCauseABusyLoop() {
    Mirror mirror = start();
    faults.set(Integer.MAX_VALUE);
    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> post(mirror));
    // Ten failures open the circuit breaker, which then permits few connects.
    assertThat(faultsSoFar.get()).isBetween(10, 20);
    faults.set(0);
    awaitAccepted(mirror);
    assertAccepts(mirror);
  }

  private final class FaultyContext extends SSLContext {
    FaultyContext(SSLContext real) {
      super(new FaultySpi(real), real.getProvider(), real.getProtocol());
    }
  }

  private final class FaultySpi extends SSLContextSpi {
    private final SSLContext real;

    FaultySpi(SSLContext real) {
      this.real = real;
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      if (faults.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        faultsSoFar.incrementAndGet();
        throw new OutOfMemoryError("on purpose");
      }
      return real.createSSLEngine(host, port);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return real.createSSLEngine();
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
        throws KeyManagementException {
      real.init(keys, trust, random);
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return real.getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return real.getServerSocketFactory();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return real.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return real.getClientSessionContext();
    }
  }
}
