package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.requestmirror.testing.TestTarget;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A class whose static initializer runs out of memory can never be used again. So those of the
 * pipeline's thread are initialized at the start, not by the first copy.
 */
class ClassInitializationTest {
  private static final List<String> CLASSES =
      List.of(
          "policy/Credentials",
          "policy/EchoMask",
          "policy/TraceHeaders",
          "send/ResponseReader",
          "send/RetryAfter",
          "send/Sender$Result");

  private final TestTarget server = new TestTarget();

  @AfterEach
  void closeServer() {
    server.close();
  }

  @Test
  void classesAreInitializedBeforeTheFirstCopy(@TempDir Path folder) throws Exception {
    server.behave(TestTarget.respond(400, "no"));
    String printed =
        ChildJvm.run(
            folder, List.of("-Xlog:class+init=info"), OneCopy.class, server.uri().toString());
    String atStart = printed.substring(0, printed.indexOf("started"));
    String afterwards = printed.substring(atStart.length());
    assertThat(afterwards).contains("rejected 1");
    for (String name : CLASSES) {
      String line = "Initializing 'io/github/requestmirror/internal/" + name + "'";
      assertThat(atStart).contains(line);
      assertThat(afterwards).doesNotContain(line);
    }
  }

  /** The program that sends one copy. */
  static final class OneCopy {
    private OneCopy() {}

    public static void main(String[] arguments) throws InterruptedException {
      ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
      MirrorTarget target =
          MirrorTarget.builder(URI.create(arguments[0])).name("secondary").build();
      Mirror mirror = Mirror.start(target, MirrorPolicy.builder().build());
      System.out.println("started");
      mirror
          .capture(RequestHead.of("GET", "/", null, Headers.of("Authorization", "Bearer a")))
          .complete();
      for (int i = 0; i < 1000 && rejected(mirror) == 0; i++) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      System.out.println("rejected " + rejected(mirror));
      mirror.close();
    }

    private static long rejected(Mirror mirror) {
      return mirror.stats().target("secondary").count(Outcome.REJECTED);
    }
  }
}
