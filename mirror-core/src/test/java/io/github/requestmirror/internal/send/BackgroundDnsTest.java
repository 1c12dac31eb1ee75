package io.github.requestmirror.internal.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.ThrowingLogger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackgroundDnsTest {
  private static final Duration OFTEN = Duration.ofMillis(5);
  private final List<BackgroundDns> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(BackgroundDns::close);
    Conservation.awaitNoThreads();
  }

  private BackgroundDns start(String host, BackgroundDns.Lookup lookup) {
    BackgroundDns dns = new BackgroundDns(host, OFTEN, "mirror-test-dns", lookup);
    opened.add(dns);
    return dns;
  }

  private static InetAddress[] addresses(int... lastBytes) throws UnknownHostException {
    InetAddress[] addresses = new InetAddress[lastBytes.length];
    for (int i = 0; i < lastBytes.length; i++) {
      addresses[i] = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) lastBytes[i]});
    }
    return addresses;
  }

  @Test
  void rotatesTheAddresses() throws Exception {
    BackgroundDns dns = start("host", name -> addresses(1, 2, 3));
    dns.awaitFirstLookup(Duration.ofSeconds(10));
    List<String> firsts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      InetAddress[] resolved = dns.resolve();
      assertThat(resolved).containsExactlyInAnyOrder(addresses(1, 2, 3));
      firsts.add(resolved[0].getHostAddress());
    }
    assertThat(firsts.subList(0, 3))
        .containsExactlyInAnyOrder("127.0.0.1", "127.0.0.2", "127.0.0.3")
        .isEqualTo(firsts.subList(3, 6));
  }

  @Test
  void usesNewAddresses() throws Exception {
    AtomicInteger last = new AtomicInteger(1);
    BackgroundDns dns = start("host", name -> addresses(last.get()));
    dns.awaitFirstLookup(Duration.ofSeconds(10));
    last.set(2);
    await().untilAsserted(() -> assertThat(dns.resolve()).containsExactly(addresses(2)));
  }

  @Test
  void looksUpAgainWhenTheLoggerThrows() throws Exception {
    try (ThrowingLogger logger = new ThrowingLogger()) {
      BackgroundDns dns =
          start(
              "host",
              name -> {
                if (logger.thrown() < 3) {
                  throw new UnknownHostException(name);
                }
                return addresses(1);
              });
      await()
          .ignoreException(UnknownHostException.class)
          .untilAsserted(() -> assertThat(dns.resolve()).containsExactly(addresses(1)));
    }
  }

  @Test
  void keepsAddressesWhenLookupsFail() throws Exception {
    AtomicInteger lookups = new AtomicInteger();
    BackgroundDns dns =
        start(
            "host",
            name -> {
              int turn = lookups.incrementAndGet() % 4;
              if (turn == 2) {
                throw new UnknownHostException(name);
              }
              if (turn == 3) {
                throw new AssertionError("hostile resolver");
              }
              return turn == 1 ? addresses(1) : new InetAddress[0];
            });
    dns.awaitFirstLookup(Duration.ofSeconds(10));
    await().until(() -> lookups.get() > 12);
    assertThat(dns.resolve()).containsExactly(addresses(1));
  }

  @Test
  void hostIsUnknownUntilTheFirstSuccessfulLookup() throws Exception {
    AtomicInteger lookups = new AtomicInteger();
    CountDownLatch recover = new CountDownLatch(1);
    BackgroundDns dns =
        start(
            "host",
            name -> {
              if (lookups.incrementAndGet() > 1) {
                awaitOrFail(recover, name);
                return addresses(1);
              }
              throw new UnknownHostException(name);
            });
    dns.awaitFirstLookup(Duration.ofSeconds(10));
    assertThatThrownBy(() -> dns.resolve()).isInstanceOf(UnknownHostException.class);
    recover.countDown();
    await()
        .ignoreException(UnknownHostException.class)
        .untilAsserted(() -> assertThat(dns.resolve()).hasSize(1));
  }

  @Test
  void blockingLookupDelaysStartUpToALimitAndResolveNotAtAll() {
    CountDownLatch never = new CountDownLatch(1);
    BackgroundDns dns =
        start(
            "host",
            name -> {
              awaitOrFail(never, name);
              return addresses(1);
            });
    long start = System.nanoTime();
    dns.awaitFirstLookup(Duration.ofMillis(100));
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(100), Duration.ofSeconds(5));
    assertThatThrownBy(() -> dns.resolve()).isInstanceOf(UnknownHostException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void literalAddressNeedsNoThread(String address) throws Exception {
    AtomicInteger lookups = new AtomicInteger();
    BackgroundDns dns =
        start(
            address,
            name -> {
              lookups.incrementAndGet();
              return InetAddress.getAllByName(name);
            });
    dns.awaitFirstLookup(Duration.ZERO);
    Conservation.awaitNoThreads();
    assertThat(dns.resolve()).containsExactly(InetAddress.getAllByName(address));
    assertThat(lookups).hasValue(1);
  }

  private static void awaitOrFail(CountDownLatch latch, String host) throws UnknownHostException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException(host);
    }
  }
}
