package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A request that passes the filter several times is one request. */
abstract class DispatchContract extends ServletContract {
  private static final byte[] BODY = bytes(5000);
  private static final App READING =
      (request, response) -> respond(response, request.getInputStream().readAllBytes());

  DispatchContract(Container container) {
    super(container);
  }

  private static Mapped everywhere(Filter filter) {
    return Mapped.of(filter).dispatches(EnumSet.allOf(DispatcherType.class));
  }

  @Test
  void filterMappedTwiceCopiesOnce() throws Exception {
    checkWith(READING, post(BODY), Mapped.of(new MirrorFilter(mirror())).times(2));
    assertCopied(BODY);
    assertThat(stats().offered()).as("the request and the probe").isEqualTo(2);
  }

  @Test
  void mirrorInTwoFiltersCopiesOnce() throws Exception {
    checkWith(
        READING,
        post(BODY),
        Mapped.named("one", new MirrorFilter(mirror())),
        Mapped.named("two", new MirrorFilter(mirror())));
    assertCopied(BODY);
    assertThat(stats().offered()).as("the request and the probe").isEqualTo(2);
  }

  @Test
  void mirrorsInTwoFiltersCopyOnceEach() throws Exception {
    try (TestTarget otherTarget = new TestTarget()) {
      Mirror other =
          newMirror(otherTarget.uri(), limits -> limits, policy -> policy.whenPrimaryResponds(2));
      checkWith(
          READING,
          post(BODY),
          Mapped.named("one", new MirrorFilter(mirror())),
          Mapped.named("two", new MirrorFilter(other)));
      Conservation.awaitSettled(other);
      assertCopied(BODY);
      assertThat(otherTarget.requests()).hasSize(1);
      assertThat(otherTarget.requests().get(0).body()).isEqualTo(BODY);
    }
  }

  @Test
  void mirrorsInTwoFiltersSeeAsyncRequestsThrough() throws Exception {
    try (TestTarget otherTarget = new TestTarget()) {
      Mirror other =
          newMirror(otherTarget.uri(), limits -> limits, policy -> policy.whenPrimaryResponds(2));
      checkWith(
          (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
              respond(response, request.getInputStream().readAllBytes());
            } else {
              request.startAsync().dispatch();
            }
          },
          chunked(BODY, 1000),
          Mapped.named("one", new MirrorFilter(mirror())),
          Mapped.named("two", new MirrorFilter(other)));
      Conservation.awaitSettled(other);
      assertCopied(BODY);
      assertThat(otherTarget.requests()).hasSize(1);
    }
  }

  /** The ways to hand a request over to another servlet. */
  enum Handover {
    FORWARD,
    INCLUDE,
    FORWARD_AND_INCLUDE,
    ASYNC_AND_FORWARD,
    ERROR
  }

  private static App handingOver(Handover handover) {
    return (request, response) -> {
      DispatcherType type = request.getDispatcherType();
      boolean last =
          switch (handover) {
            case FORWARD, ASYNC_AND_FORWARD -> type == DispatcherType.FORWARD;
            case INCLUDE, FORWARD_AND_INCLUDE -> type == DispatcherType.INCLUDE;
            case ERROR -> type == DispatcherType.REQUEST;
          };
      if (last) {
        byte[] body = request.getInputStream().readAllBytes();
        if (handover == Handover.ERROR) {
          response.sendError(418, "" + body.length);
        } else {
          respond(response, body);
        }
      } else if (type == DispatcherType.REQUEST && handover == Handover.ASYNC_AND_FORWARD) {
        request.startAsync().dispatch();
      } else if (type == DispatcherType.FORWARD || handover == Handover.INCLUDE) {
        request.getRequestDispatcher("/inner?x=1").include(request, response);
      } else {
        request.getRequestDispatcher("/inner?x=1").forward(request, response);
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void requestHandedOverIsCopiedOnce(Handover handover) throws Exception {
    check(handingOver(handover), post(BODY));
    assertThat(assertCopied(BODY).requestTarget()).isEqualTo("/push");
  }

  @ParameterizedTest
  @EnumSource
  void requestHandedOverThroughTheFilterIsCopiedOnce(Handover handover) throws Exception {
    checkWith(handingOver(handover), post(BODY), everywhere(new MirrorFilter(mirror())));
    assertThat(assertCopied(BODY).requestTarget()).isEqualTo("/push");
    assertThat(stats().offered()).as("the request and the probe").isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void requestThatIsNotMirroredIsCountedOnce(Handover handover) throws Exception {
    mirror(limits -> limits, policy -> policy.methods("GET"));
    checkWith(handingOver(handover), post(BODY), everywhere(new MirrorFilter(mirror())).times(2));
    assertThat(outcomes()).isEmpty();
    assertThat(stats().count(Outcome.NOT_MATCHED)).as("the request and the probe").isEqualTo(2);
  }

  @Test
  void requestThatIsNotMirroredByTwoFiltersIsCountedOnce() throws Exception {
    mirror(limits -> limits, policy -> policy.methods("GET"));
    for (int i = 0; i < 2; i++) {
      checkWith(
          READING,
          post(BODY),
          Mapped.named("one", new MirrorFilter(mirror())),
          Mapped.named("two", new MirrorFilter(mirror())).times(2));
    }
    assertThat(stats().count(Outcome.NOT_MATCHED)).as("requests and probes").isEqualTo(4);
  }

  /** Fails if an exception leaves the mark on the thread. */
  @Test
  void requestsThatAreNotMirroredAreCountedAfterExceptionsToo() throws Exception {
    mirror(limits -> limits, policy -> policy.methods("PUT"));
    application(
        (request, response) -> {
          throw new IllegalStateException("on purpose");
        });
    long expected = 0;
    for (int i = 0; i < 50; i++) {
      expected += view(mirroredPort(), get("/x")).reusable() ? 2 : 1;
    }
    assertThat(stats().count(Outcome.NOT_MATCHED)).as("requests and probes").isEqualTo(expected);
  }

  /** The forward gets the container's response, after the wrapped one was used. */
  @Test
  void forwardAfterCommitFailsTheSameWay() throws Exception {
    check(
        (request, response) -> {
          byte[] body = request.getInputStream().readAllBytes();
          respond(response, body);
          response.flushBuffer();
          try {
            request.getRequestDispatcher("/inner").forward(request, response);
          } catch (IllegalStateException e) {
            response.getOutputStream().close();
          }
        },
        post(BODY));
    assertCopied(BODY);
  }

  @Test
  void missingDispatcherStaysNull() throws Exception {
    check(
        (request, response) ->
            respond(response, "" + (request.getRequestDispatcher("/../..") == null)),
        post(EMPTY));
    assertCopied(EMPTY);
  }
}
