package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults of the secondary do not change the responses to clients. */
class SecondaryFaultsIT {
  /** The faults of a secondary. */
  enum SecondaryFault {
    NONE {
      @Override
      void apply(TestTarget secondary) {
        secondary.behave(TestTarget.status(204));
      }
    },
    REFUSES {
      @Override
      void apply(TestTarget secondary) {
        secondary.refuse();
      }
    },
    HANGS {
      @Override
      void apply(TestTarget secondary) {
        secondary.behave(secondary.hang());
      }
    },
    READS_NOTHING {
      @Override
      void apply(TestTarget secondary) {
        secondary.readNothing();
      }
    },
    RESETS {
      @Override
      void apply(TestTarget secondary) {
        secondary.behave(TestTarget.reset());
      }
    },
    RESPONDS_500 {
      @Override
      void apply(TestTarget secondary) {
        secondary.behave(TestTarget.respond(500, "secondary"));
      }
    },
    NEVER_ENDS {
      @Override
      void apply(TestTarget secondary) {
        secondary.behave(secondary.endless());
      }
    };

    abstract void apply(TestTarget secondary);
  }

  @ParameterizedTest
  @EnumSource(SecondaryFault.class)
  void responsesAreUnchanged(SecondaryFault fault) throws Exception {
    try (TestTarget primary = new TestTarget();
        TestTarget secondary = new TestTarget();
        GatewayProcess gateway = GatewayProcess.start(primary.uri(), secondary.uri())) {
      fault.apply(secondary);
      primary.behave(
          (request, out) -> {
            String response =
                request.body().length % 2 == 0
                    ? "HTTP/1.1 204 No Content\r\nX-Written: " + request.body().length + "\r\n\r\n"
                    : "HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\noops";
            out.write(response.getBytes(ISO_8859_1));
          });
      List<String> responses = new ArrayList<>();
      long start = System.nanoTime();
      try (RawClient client = gateway.connect()) {
        for (int i = 0; i < 40; i++) {
          byte[] body = new byte[i * 1000 + i % 2];
          HttpMessage response =
              client.exchange(
                  body, "POST /p HTTP/1.1", "Host: h", "Content-Length: " + body.length);
          responses.add(response.headText() + new String(response.body(), ISO_8859_1));
        }
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
      for (int i = 0; i < 40; i++) {
        assertThat(responses.get(i))
            .isEqualTo(
                i % 2 == 0
                    ? "HTTP/1.1 204 No Content\r\nX-Written: " + i * 1000 + "\r\n\r\n"
                    : "HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\noops");
      }
      assertThat(gateway.stats().at("/offered").asLong()).isEqualTo(40);
    }
  }
}
