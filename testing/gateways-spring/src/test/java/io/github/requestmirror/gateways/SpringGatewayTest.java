package io.github.requestmirror.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.TestTarget;
import jakarta.servlet.Filter;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Spring Cloud Gateway with the JDK's HTTP client, its default, which the mirror does not change.
 */
class SpringGatewayTest extends GatewayContract {
  @Override
  Running start(Supplier<URI> primary, @Nullable Filter filter) {
    return SpringGateway.start(primary, filter, Map.of());
  }

  @Override
  boolean rebuildsForms() {
    return true;
  }

  /**
   * With Apache HttpClient on the class path, Spring Boot would use it for requests to the primary,
   * with at most five connections.
   */
  @Test
  void mirrorDoesNotChangeTheClientToThePrimary() throws Exception {
    int senders = 12;
    CountDownLatch arrived = new CountDownLatch(senders);
    primary()
        .behave(
            (request, out) -> {
              arrived.countDown();
              boolean all = arrived.await(10, TimeUnit.SECONDS);
              TestTarget.status(all ? 200 : 500).handle(request, out);
            });
    HttpMessage request = RecordedRequests.small().get(0);
    Callable<List<HttpMessage>> sender = () -> of(List.of(request)).hold(mirroredPort());
    ExecutorService threads = Executors.newFixedThreadPool(senders);
    try {
      for (Future<List<HttpMessage>> responses :
          threads.invokeAll(Collections.nCopies(senders, sender))) {
        assertThat(responses.get().get(0).status()).isEqualTo(200);
      }
    } finally {
      threads.shutdown();
    }
  }
}
