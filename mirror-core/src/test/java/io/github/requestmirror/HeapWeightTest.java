package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.requestmirror.testing.TestTarget;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** A full buffer takes about as much of the heap as it is allowed to. */
class HeapWeightTest {
  private static final int MEBIBYTE = 1 << 20;

  private final TestTarget server = new TestTarget();

  /** Requests with much memory beside their bytes, and ordinary ones. */
  enum Shape {
    HUNDRED_HEADERS(100, 1, false),
    TINY(0, 1, false),
    TINY_OF_MANY_TENANTS(0, 1, true),
    BODY_OF_16_KB(10, 16_000, false);

    private final int headers;
    private final int bodyBytes;
    private final boolean manyTenants;

    Shape(int headers, int bodyBytes, boolean manyTenants) {
      this.headers = headers;
      this.bodyBytes = bodyBytes;
      this.manyTenants = manyTenants;
    }

    /** Shares no string with another request. */
    RequestHead head(int number, Random random) {
      List<String> fields = new ArrayList<>();
      add(fields, "Content-Length", Integer.toString(bodyBytes));
      add(fields, "X-Scope-OrgID", "tenant" + (manyTenants ? number : 0));
      for (int i = 0; i < headers; i++) {
        add(fields, "X-" + i, "v".repeat(1 + random.nextInt(20)) + i);
      }
      return RequestHead.of(
          new String("POST".toCharArray()),
          "/" + number,
          null,
          Headers.of(fields.toArray(String[]::new)));
    }

    private static void add(List<String> fields, String name, String value) {
      fields.add(new String(name.toCharArray()));
      fields.add(new String(value.toCharArray()));
    }
  }

  @AfterEach
  void closeServer() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource
  void fullBufferTakesWhatItMay(Shape shape, @TempDir Path folder) throws Exception {
    server.behave(server.hang());
    String printed =
        ChildJvm.run(
            folder,
            List.of("-Xmx400m", "-XX:+UseSerialGC"),
            Program.class,
            server.uri().toString(),
            shape.name());
    long used = Long.parseLong(printed.substring(printed.lastIndexOf(' ') + 1).trim());
    // Less than reserved, because a scope and the request to send are counted for each copy.
    assertThat(used).as(printed).isBetween(36L * MEBIBYTE, 80L * MEBIBYTE);
  }

  /** The program that fills a buffer. */
  static final class Program {
    private final Mirror mirror;
    private final Shape shape;
    private final byte[] body;
    private final Random random = new Random(1);
    private int requests;

    private Program(Mirror mirror, Shape shape) {
      this.mirror = mirror;
      this.shape = shape;
      this.body = new byte[shape.bodyBytes];
    }

    public static void main(String[] arguments) {
      ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
      MirrorTarget target =
          MirrorTarget.builder(URI.create(arguments[0]))
              .name("secondary")
              .bufferBytes(64 * MEBIBYTE)
              .callTimeout(Duration.ofMinutes(5))
              .maxQueueTime(Duration.ofMinutes(5))
              .drainTimeout(Duration.ZERO)
              .build();
      Mirror mirror = Mirror.start(target, MirrorPolicy.builder().build());
      new Program(mirror, Shape.valueOf(arguments[1])).run();
      mirror.close();
    }

    private void run() {
      for (int i = 0; i < 200; i++) {
        post();
      }
      long before = usedHeap();
      long bufferedBefore = stats().bufferedBytes();
      int requestsBefore = requests;
      // BUFFER_FULL; of many tenants most meet others in the table of shares: SCOPE_FULL.
      while (stats().dropped() == 0) {
        post();
      }
      long used = usedHeap() - before;
      System.out.printf(
          "%s: %d requests, %d bytes reserved, of the heap: %d%n",
          shape, requests - requestsBefore, stats().bufferedBytes() - bufferedBefore, used);
    }

    private MirrorStats.Target stats() {
      return mirror.stats().target("secondary");
    }

    private void post() {
      Capture capture = mirror.capture(shape.head(requests++, random));
      capture.write(body, 0, body.length);
      capture.complete();
      capture.primaryResponded(204);
    }

    private static long usedHeap() {
      Runtime runtime = Runtime.getRuntime();
      long used = Long.MAX_VALUE;
      for (int i = 0; i < 5; i++) {
        System.gc();
        used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
      }
      return used;
    }
  }
}
