package io.github.requestmirror.servlet.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A container creates the filter and configures it, as from a {@code web.xml}. */
abstract class ConfigurationContract extends ServletContract {
  private static final byte[] BODY = bytes(1000);

  ConfigurationContract(Container container) {
    super(container);
  }

  private static boolean hasThread(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith(name));
  }

  @Test
  void filterMadeByTheContainerMirrorsUntilItStops() throws Exception {
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    Mapped mapped =
        Mapped.fromWebXml(
            Map.of(
                "target", target.uri() + "/base",
                "name", "configured",
                "match", "writes",
                "maxBodyBytes", "64KiB",
                "callTimeout", "5s",
                "markerHeader", "X-Copy"));
    try (Container.Running own = container.start(servlet(), mapped)) {
      assertThat(hasThread("mirror-configured")).isTrue();
      View with =
          view(
              own.port(),
              client ->
                  client.exchange(
                      BODY, lines("POST /api/v1/push HTTP/1.1", "Content-Length: 1000")));
      View without =
          view(
              plainPort(),
              client ->
                  client.exchange(
                      BODY, lines("POST /api/v1/push HTTP/1.1", "Content-Length: 1000")));
      assertThat(with).isEqualTo(without);
      await().until(() -> target.requests().size() == 1);
    }
    HttpMessage copy = target.requests().get(0);
    assertThat(copy.requestTarget()).isEqualTo("/base/api/v1/push");
    assertThat(copy.body()).isEqualTo(BODY);
    assertThat(copy.header("X-Copy")).isNotNull();
    await().until(() -> !hasThread("mirror-configured"));
  }

  /** Without code, over JMX; with a line of code, from the context. */
  @Test
  void statisticsOfTheFilterAreVisibleUntilTheContainerStops() throws Exception {
    application(
        (request, response) -> {
          request.getInputStream().readAllBytes();
          Mirror mirror =
              (Mirror)
                  request
                      .getServletContext()
                      .getAttribute(MirrorFilter.MIRROR_ATTRIBUTE_PREFIX + "mirror");
          respond(response, bytes((int) mirror.stats().target("secondary").offered()));
        });
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    ObjectName name = new ObjectName("io.github.requestmirror:type=Mirror,name=/app/mirror");
    Mapped mapped =
        Mapped.fromWebXml(Map.of("target", "" + target.uri(), "match", "all", "name", "secondary"));
    try (Container.Running own = container.startAt("/app", servlet(), mapped)) {
      try (RawClient client = new RawClient(own.port())) {
        HttpMessage response =
            client.exchange(
                BODY,
                lines("POST /app/push HTTP/1.1", "Content-Length: 1000", "Connection: close"));
        assertThat(response.body()).asString(US_ASCII).startsWith("1 bytes,");
      }
      await().until(() -> target.requests().size() == 1);
      TabularData targets = (TabularData) beans.getAttribute(name, "Targets");
      assertThat(targets.get(new Object[] {"secondary"}).get("offered")).isEqualTo(1L);
    }
    assertThat(beans.isRegistered(name)).isFalse();
  }

  @Test
  void stoppingTheContainerSendsPendingCopies() throws Exception {
    CountDownLatch mayRespond = new CountDownLatch(1);
    target.behave(
        (request, out) -> {
          mayRespond.await();
          TestTarget.status(204).handle(request, out);
        });
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    Mapped mapped =
        Mapped.fromWebXml(
            Map.of(
                "target", "" + target.uri(), "match", "all", "name", "slow", "maxInFlight", "1"));
    try (Container.Running own = container.start(servlet(), mapped)) {
      for (int i = 0; i < 3; i++) {
        view(own.port(), post(BODY));
      }
      mayRespond.countDown();
    }
    // And the probes.
    assertThat(target.requests()).hasSize(6);
  }

  /** A container that stops does not call the listeners of asynchronous requests. */
  @Test
  void stoppingTheContainerEndsAsyncRequests() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    CountDownLatch started = new CountDownLatch(1);
    application(
        (request, response) -> {
          request.getInputStream().readAllBytes();
          request.startAsync().setTimeout(0);
          started.countDown();
        });
    try (Container.Running own = container.start(servlet(), Mapped.of(new MirrorFilter(mirror())));
        RawClient client = new RawClient(own.port())) {
      client.send(BODY, lines("POST /push HTTP/1.1", "Content-Length: 1000"));
      started.await();
    }
    Conservation.awaitSettled(mirror());
    assertNotCopied(Outcome.PRIMARY_STATUS);
  }

  /** An asynchronous request that starts while the container stops. */
  @Test
  void requestThatStartsAsyncWhileTheContainerStopsEnds() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    MirrorFilter filter = new MirrorFilter(mirror());
    CountDownLatch started = new CountDownLatch(1);
    application(
        (request, response) -> {
          request.getInputStream().readAllBytes();
          request.startAsync().setTimeout(0);
          filter.destroy();
          started.countDown();
        });
    try (Container.Running own = container.start(servlet(), Mapped.of(filter));
        RawClient client = new RawClient(own.port())) {
      client.send(BODY, lines("POST /push HTTP/1.1", "Content-Length: 1000"));
      started.await();
      Conservation.awaitSettled(mirror());
    }
    assertNotCopied(Outcome.PRIMARY_STATUS);
  }

  @ParameterizedTest
  @CsvSource({"target, ftp://secondary", "callTimeout, soon", "tiemout, 1s"})
  void wrongConfigurationFailsTheStart(String name, String value) throws Exception {
    Map<String, String> params =
        name.equals("target")
            ? Map.of(name, value)
            : Map.of("target", "" + target.uri(), name, value);
    assertThatThrownBy(() -> container.start(servlet(), Mapped.fromWebXml(params)).close())
        .isInstanceOf(Exception.class);
    mirror().close();
    Conservation.awaitNoThreads();
  }

  @Test
  void missingTargetFailsTheStart() {
    assertThatThrownBy(() -> container.start(servlet(), Mapped.fromWebXml(Map.of())).close())
        .isInstanceOf(Exception.class);
  }
}
