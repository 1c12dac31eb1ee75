package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is wrong with the target, the client sees nothing of it, and waits for none of it. */
abstract class FaultContract extends ServletContract {
  /** Far more than a response takes, far less than a wait for the target would. */
  private static final Duration PROMPT = Duration.ofSeconds(2);

  FaultContract(Container container) {
    super(container);
  }

  /** What may be wrong with a target. */
  enum Fault {
    REFUSES {
      @Override
      void befall(TestTarget target) {
        target.refuse();
      }
    },
    HANGS {
      @Override
      void befall(TestTarget target) {
        target.behave(target.hang());
      }
    },
    READS_NOTHING {
      @Override
      void befall(TestTarget target) {
        target.readNothing();
      }
    },
    RESPONDS_500 {
      @Override
      void befall(TestTarget target) {
        target.behave(TestTarget.status(500));
      }
    },
    RESETS {
      @Override
      void befall(TestTarget target) {
        target.behave(TestTarget.reset());
      }
    },
    RESPONSES_WITHOUT_END {
      @Override
      void befall(TestTarget target) {
        target.behave(target.endless());
      }
    };

    abstract void befall(TestTarget target);
  }

  @ParameterizedTest
  @EnumSource
  void clientIsServedAsEver(Fault fault) throws Exception {
    fault.befall(target);
    // A target that is waited for costs the whole timeout, so that waiting would show.
    mirror(
        limits ->
            limits
                .callTimeout(PROMPT.multipliedBy(2))
                .maxInFlight(4)
                .bufferBytes(1 << 20)
                .maxBodyBytes(1 << 20)
                .drainTimeout(Duration.ZERO),
        policy -> policy);
    application((request, response) -> respond(response, request.getInputStream().readAllBytes()));
    List<String> without = serve(plainPort());
    assertThat(serve(mirroredPort())).isEqualTo(without);
    mirror().close();
    Conservation.awaitSettled(mirror());
  }

  /** More than fits into flight and buffer. */
  private static List<String> serve(int port) throws IOException {
    List<String> responses = new ArrayList<>();
    byte[] body = bytes(50_000);
    try (RawClient client = new RawClient(port)) {
      for (int i = 0; i < 40; i++) {
        long start = System.nanoTime();
        HttpMessage response =
            client.exchange(body, lines("POST /push HTTP/1.1", "Content-Length: 50000"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPT);
        responses.add(describe(response));
      }
    }
    return responses;
  }
}
