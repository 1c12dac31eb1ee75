package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.requestmirror.testing.TestTarget;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** An application that fills the heap for seconds, in a process of its own. */
class OutOfMemoryTest {
  private final TestTarget server = new TestTarget();

  @AfterEach
  void closeServer() {
    server.close();
  }

  @Test
  void mirrorsAgainWithExactBooks_afterTheApplicationFilledTheHeap(@TempDir Path folder)
      throws Exception {
    String printed =
        ChildJvm.run(folder, List.of("-Xmx64m"), FullHeap.class, server.uri().toString());
    assertThat(printed)
        .contains("the heap was full, 0 calls threw")
        .contains("all accepted after it");
    assertThat(printed).contains("exact books");
  }

  /** The program that fills its heap. */
  static final class FullHeap {
    private static final long FULL_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final RequestHead HEAD =
        RequestHead.of("POST", "/api/v1/push", null, Headers.of("X-Scope-OrgID", "a"));
    private static final byte[] BODY = new byte[10_000];

    private final Mirror mirror;
    private long requests;
    private int thrown;

    private FullHeap(Mirror mirror) {
      this.mirror = mirror;
    }

    public static void main(String[] arguments) throws InterruptedException {
      ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
      MirrorTarget target =
          MirrorTarget.builder(URI.create(arguments[0]))
              .name("secondary")
              .bufferBytes(4 << 20)
              .maxBodyBytes(1 << 20)
              .callTimeout(Duration.ofSeconds(2))
              .build();
      Mirror mirror =
          Mirror.builder()
              .target(target, MirrorPolicy.builder().build())
              .listener(event -> {})
              .start();
      new FullHeap(mirror).run();
    }

    private void run() throws InterruptedException {
      post(100);
      awaitSettled();
      fillTheHeap();
      System.out.println("the heap was full, " + thrown + " calls threw");
      awaitSettled();
      long before = accepted();
      for (int i = 0; i < 200 && accepted() < before + 20; i++) {
        // The circuit breaker may be open for some back-offs.
        post(1);
        TimeUnit.MILLISECONDS.sleep(50);
      }
      awaitSettled();
      before = accepted();
      post(100);
      awaitSettled();
      System.out.println(
          accepted() - before == 100 ? "all accepted after it" : "not all: " + mirror.stats());
      mirror.close();
      MirrorStats.Target stats = mirror.stats().target("secondary");
      boolean exact =
          stats.offered() == requests && stats.pending() == 0 && stats.bufferedBytes() == 0;
      System.out.println((exact ? "exact books: " : "wrong books: ") + requests + " " + stats);
    }

    /** Holds all memory, so that every allocation of any thread fails, and lets go of it. */
    private void fillTheHeap() {
      long start = System.nanoTime();
      while (System.nanoTime() - start < FULL_NANOS) {
        Object[] hog = null;
        try {
          for (int size = 1 << 20; size > 8; ) {
            try {
              hog = new Object[] {hog, new byte[size]};
            } catch (OutOfMemoryError e) {
              size /= 2;
            }
          }
          for (int i = 0; i < 200; i++) {
            post(1);
          }
        } catch (OutOfMemoryError e) {
          thrown++;
        }
      }
    }

    private void post(int times) {
      for (int i = 0; i < times; i++) {
        requests++;
        Capture capture = mirror.capture(HEAD);
        capture.write(BODY, 0, BODY.length);
        capture.complete();
        capture.primaryResponded(204);
      }
    }

    private long accepted() {
      return mirror.stats().target("secondary").count(Outcome.ACCEPTED);
    }

    private void awaitSettled() throws InterruptedException {
      for (int i = 0; i < 600; i++) {
        if (mirror.stats().target("secondary").pending() == 0) {
          return;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
      System.out.println("never settled: " + mirror.stats());
    }
  }
}
