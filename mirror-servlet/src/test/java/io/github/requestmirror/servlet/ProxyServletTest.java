package io.github.requestmirror.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.ee10.proxy.AsyncMiddleManServlet;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.eclipse.jetty.ee10.proxy.ProxyServlet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The filter before Jetty's proxies, which is what a gateway is. */
class ProxyServletTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget().behave(TestTarget.answer(200, "stored"));
  private final TestTarget secondary = new TestTarget();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri())
                  .name("secondary")
                  .drainTimeout(Duration.ofSeconds(1))
                  .build(),
              Cortex.everything().build()));

  @AfterEach
  void closeTargets() {
    primary.close();
    secondary.close();
  }

  /** Jetty's proxies. */
  enum Proxy {
    BLOCKING,
    ASYNC,
    ASYNC_MIDDLE_MAN;

    Servlet servlet(TestTarget primary) {
      return switch (this) {
        case BLOCKING -> new BlockingProxy(primary);
        case ASYNC -> new AsyncProxy(primary);
        case ASYNC_MIDDLE_MAN -> new MiddleManProxy(primary);
      };
    }
  }

  private static String to(TestTarget primary, HttpServletRequest request) {
    return primary.uri() + request.getRequestURI();
  }

  private static final class BlockingProxy extends ProxyServlet {
    private static final long serialVersionUID = 1L;
    private final transient TestTarget primary;

    BlockingProxy(TestTarget primary) {
      this.primary = primary;
    }

    @Override
    protected String rewriteTarget(HttpServletRequest request) {
      return to(primary, request);
    }
  }

  private static final class AsyncProxy extends AsyncProxyServlet {
    private static final long serialVersionUID = 1L;
    private final transient TestTarget primary;

    AsyncProxy(TestTarget primary) {
      this.primary = primary;
    }

    @Override
    protected String rewriteTarget(HttpServletRequest request) {
      return to(primary, request);
    }
  }

  private static final class MiddleManProxy extends AsyncMiddleManServlet {
    private static final long serialVersionUID = 1L;
    private final transient TestTarget primary;

    MiddleManProxy(TestTarget primary) {
      this.primary = primary;
    }

    @Override
    protected String rewriteTarget(HttpServletRequest request) {
      return to(primary, request);
    }
  }

  private static List<HttpMessage> recorded() {
    List<HttpMessage> recorded = new ArrayList<>(RecordedRequests.small().subList(0, 100));
    recorded.addAll(RecordedRequests.large().subList(0, 40));
    return recorded;
  }

  private static List<String> send(Servlet proxy, List<HttpMessage> requests, Mapped... filters)
      throws Exception {
    List<String> answers = new ArrayList<>();
    try (Container.Running gateway = new JettyContainer().start(proxy, filters);
        RawClient client = new RawClient(gateway.port())) {
      for (HttpMessage request : requests) {
        answers.add(ServletContract.describe(client.exchange(request)));
      }
    }
    return answers;
  }

  private void checkRecorded(Proxy proxy, Outcome outcome, int copies) throws Exception {
    List<HttpMessage> recorded = recorded();
    List<String> without = send(proxy.servlet(primary), recorded);
    List<HttpMessage> atThePrimary = List.copyOf(primary.requests());
    List<String> with = send(proxy.servlet(primary), recorded, Mapped.of(new MirrorFilter(mirror)));
    assertThat(with).isEqualTo(without);
    Conservation.awaitSettled(mirror);
    MirrorStats.Target stats = mirror.stats().target("secondary");
    assertThat(stats.count(outcome)).isEqualTo(recorded.size());
    assertThat(secondary.requests()).hasSize(copies);
    for (int i = 0; i < copies; i++) {
      assertThat(secondary.requests().get(i).startLine()).isEqualTo(recorded.get(i).startLine());
      assertThat(secondary.requests().get(i).body()).isEqualTo(recorded.get(i).body());
    }
    for (int i = 0; i < atThePrimary.size(); i++) {
      HttpMessage request = primary.requests().get(atThePrimary.size() + i);
      assertThat(request.headerLines()).isEqualTo(atThePrimary.get(i).headerLines());
      assertThat(request.body()).isEqualTo(atThePrimary.get(i).body());
    }
  }

  @ParameterizedTest
  @EnumSource
  void requestsOfARealPrometheusReachBoth(Proxy proxy) throws Exception {
    checkRecorded(proxy, Outcome.ACCEPTED, recorded().size());
  }

  @ParameterizedTest
  @EnumSource
  void answersWithoutABodyPass(Proxy proxy) throws Exception {
    primary.behave(TestTarget.status(204));
    checkRecorded(proxy, Outcome.ACCEPTED, recorded().size());
  }

  @ParameterizedTest
  @EnumSource
  void primaryThatIsNotAvailableDecides(Proxy proxy) throws Exception {
    primary.behave(TestTarget.answer(503, "later"));
    mirror.policy("secondary", Cortex.everything().whenPrimaryAnswers(2).build());
    checkRecorded(proxy, Outcome.PRIMARY_STATUS, 0);
  }

  @ParameterizedTest
  @EnumSource
  void primaryThatRefusesDecides(Proxy proxy) throws Exception {
    primary.refuse();
    mirror.policy("secondary", Cortex.everything().whenPrimaryAnswers(2).build());
    HttpMessage request = RecordedRequests.small().get(0);
    List<String> without = send(proxy.servlet(primary), List.of(request));
    List<String> with =
        send(proxy.servlet(primary), List.of(request), Mapped.of(new MirrorFilter(mirror)));
    if (proxy == Proxy.ASYNC_MIDDLE_MAN) {
      // By itself it answers 500 or 502, as its threads happen to run.
      assertThat(with.get(0)).matches("(?s)HTTP/1.1 50[02] .*");
    } else {
      assertThat(with).isEqualTo(without);
      assertThat(with.get(0)).startsWith("HTTP/1.1 502 ");
    }
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").skipped()).isEqualTo(1);
    assertThat(secondary.requests()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void slowSecondaryDoesNotSlowTheProxy(Proxy proxy) throws Exception {
    secondary.behave(secondary.hang());
    List<HttpMessage> recorded = recorded();
    List<String> without = send(proxy.servlet(primary), recorded);
    List<String> with = send(proxy.servlet(primary), recorded, Mapped.of(new MirrorFilter(mirror)));
    assertThat(with).isEqualTo(without);
    mirror.close();
  }

  @ParameterizedTest
  @EnumSource
  void clientThatGoesAwayIsNotCopied(Proxy proxy) throws Exception {
    try (Container.Running gateway =
        new JettyContainer().start(proxy.servlet(primary), Mapped.of(new MirrorFilter(mirror)))) {
      abort(gateway.port());
      await().until(() -> mirror.stats().target("secondary").count(Outcome.BODY_INCOMPLETE) == 1);
    }
    assertThat(secondary.requests()).isEmpty();
  }

  private void abort(int port) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.send(
          new byte[1000], "POST /api/v1/push HTTP/1.1", "Host: gateway", "Content-Length: 5000");
      await().until(() -> mirror.stats().target("secondary").bufferedBytes() > 1000);
      client.abort();
    }
  }
}
