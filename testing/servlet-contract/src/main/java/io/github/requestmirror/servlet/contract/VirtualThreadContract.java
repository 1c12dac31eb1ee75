package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import jakarta.servlet.AsyncContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A container that handles each request in a virtual thread. Skipped on a JDK without them. */
abstract class VirtualThreadContract extends ServletContract {
  private static final int SINCE = 21;
  private static final byte[] BODY = bytes(20_000);

  VirtualThreadContract(Container container) {
    super(onVirtualThreads(container));
  }

  private static Container onVirtualThreads(Container container) {
    int jdk = Runtime.version().feature();
    Assumptions.assumeTrue(
        jdk >= SINCE, () -> "virtual threads need JDK " + SINCE + ", and this is JDK " + jdk);
    Container virtual = container.onVirtualThreads();
    Assumptions.assumeTrue(
        virtual != null, () -> container.documentedName() + " has no setting for virtual threads");
    return virtual == null ? container : virtual;
  }

  /** Fails in a platform thread. */
  private static void requireVirtual() {
    // Its name is not set, unlike that of all others; isVirtual() is not in JDK 17.
    assertThat(Thread.currentThread().getClass().getName()).contains("VirtualThread");
  }

  @ParameterizedTest
  @EnumSource
  void bodyIsCopied(BodyContract.Reading reading) throws Exception {
    View view =
        check(
            (request, response) -> {
              requireVirtual();
              respond(response, reading.read(request));
            },
            chunked(BODY, 777));
    assertThat(view.response()).contains("200", "20000 bytes");
    assertCopied(BODY);
  }

  @Test
  void bodyReadInAnotherThreadIsCopied() throws Exception {
    check(
        (request, response) -> {
          requireVirtual();
          AsyncContext async = request.startAsync();
          later(
              () -> {
                respond(response, request.getInputStream().readAllBytes());
                async.complete();
              });
        },
        post(BODY));
    assertCopied(BODY);
  }

  /** The mark of the thread ends with the request, also where threads are not pooled. */
  @Test
  void requestThatIsNotMirroredIsCountedOnce() throws Exception {
    mirror(limits -> limits, policy -> policy.methods("PUT"));
    checkWith(
        (request, response) -> {
          requireVirtual();
          respond(response, request.getInputStream().readAllBytes());
        },
        post(BODY),
        Mapped.of(new MirrorFilter(mirror())).times(2));
    // One of them is the probe.
    assertThat(stats().count(Outcome.NOT_MATCHED)).isEqualTo(2);
  }

  @Test
  void concurrentRequestsAreAllCopied() throws Exception {
    application(
        (request, response) -> {
          requireVirtual();
          respond(response, request.getInputStream().readAllBytes());
        });
    List<Future<View>> views = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      views.add(elsewhere.submit(() -> view(mirroredPort(), chunked(BODY, 5000))));
    }
    for (Future<View> view : views) {
      assertThat(view.get().response()).contains("200", "20000 bytes");
    }
    Conservation.awaitSettled(mirror());
    assertThat(stats().count(Outcome.ACCEPTED)).isEqualTo(30);
    assertThat(target.requests()).allSatisfy(copy -> assertThat(copy.body()).isEqualTo(BODY));
  }
}
