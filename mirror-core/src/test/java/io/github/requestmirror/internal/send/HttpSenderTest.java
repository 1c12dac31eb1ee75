package io.github.requestmirror.internal.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Headers;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The sender on the test's own thread. */
class HttpSenderTest {
  private final TestTarget server = new TestTarget();
  private final List<Sender.Result> results = new ArrayList<>();
  private int failuresToOpen;
  private final HttpSender sender =
      HttpSender.start(
          MirrorTarget.builder(server.uri()).name("test").build(),
          TargetAddress.of(server.uri()),
          Runnable::run,
          InetAddress::getAllByName,
          this::openSelector);

  @AfterEach
  void close() {
    sender.close();
    server.close();
    Conservation.awaitNoThreads();
  }

  private Selector openSelector() throws IOException {
    if (failuresToOpen > 0) {
      failuresToOpen--;
      throw new OutOfMemoryError("on purpose");
    }
    return Selector.open();
  }

  private Sender.Exchange send() {
    OutboundRequest request =
        new OutboundRequest("GET", "/", Headers.of("Host", "secondary"), new Body());
    return sender.send(
        request,
        new Sender.Callback() {
          @Override
          public void ended(Sender.Result result) {
            results.add(result);
          }

          @Override
          public boolean wantsText(Sender.Result result) {
            return true;
          }

          @Override
          public String shown(String text, boolean cut) {
            return text;
          }
        });
  }

  private Outcome awaitResult(int number) {
    long start = System.nanoTime();
    while (results.size() < number
        && System.nanoTime() - start < Duration.ofSeconds(20).toNanos()) {
      sender.await(Duration.ofMillis(100).toNanos());
    }
    assertThat(results).hasSize(number);
    return results.get(number - 1).outcome();
  }

  @Test
  void sendsAgainAfterItsSelectorFailed() throws Exception {
    send();
    assertThat(awaitResult(1)).isEqualTo(Outcome.ACCEPTED);
    server.behave(server.hang());
    send();
    sender.await(0);

    closeSelector();
    assertThat(awaitResult(2)).isEqualTo(Outcome.IO_ERROR);
    server.behave(TestTarget.status(204));
    send();
    assertThat(awaitResult(3)).isEqualTo(Outcome.ACCEPTED);
  }

  private void closeSelector() throws Exception {
    Field field = HttpSender.class.getDeclaredField("selector");
    field.setAccessible(true);
    ((Selector) field.get(sender)).close();
  }

  @Test
  void failsAllConnectionsOfAFailedSelector_withoutMemoryForANewOne() throws Exception {
    server.behave(server.hang());
    for (int i = 0; i < 3; i++) {
      send();
    }
    sender.await(0);
    await().until(() -> server.connectionsAccepted() == 3);
    sender.await(0);

    failuresToOpen = 2;
    closeSelector();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> sender.await(0)).isInstanceOf(OutOfMemoryError.class);
      assertThat(results)
          .hasSize(3)
          .allSatisfy(result -> assertThat(result.outcome()).isEqualTo(Outcome.IO_ERROR));
    }
    server.behave(TestTarget.status(204));
    sender.await(0);
    send();
    assertThat(awaitResult(4)).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void doesNotCallBackAfterCancel() {
    server.behave(server.hang());
    Sender.Exchange exchange = send();
    sender.await(0);
    exchange.cancel();
    server.behave(TestTarget.status(204));
    send();
    assertThat(awaitResult(1)).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void wakeUpEndsTheNextWait() {
    sender.wakeUp();
    long start = System.nanoTime();
    sender.await(Duration.ofMinutes(1).toNanos());
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }
}
