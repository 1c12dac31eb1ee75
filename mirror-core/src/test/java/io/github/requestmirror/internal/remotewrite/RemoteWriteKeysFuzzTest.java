package io.github.requestmirror.internal.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.DynamicMessage;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Recorded and generated bodies, whole and damaged, before and after compression, compared with
 * snappy-java and protobuf-java. The system properties {@code fuzz.seed}, {@code fuzz.runs} and
 * {@code fuzz.seconds} choose the damages.
 */
class RemoteWriteKeysFuzzTest {
  private static final long DEFAULT_RUNS = 2_500;
  private static final long HASH_SEED = 1;

  /** Far more than any of these bodies takes, also on a busy machine. */
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final RemoteWriteKeys KEYS = new RemoteWriteKeys(HASH_SEED);
  private static final Oracle ORACLE = new Oracle(HASH_SEED);

  private static final Map<Schema, List<byte[]>> RECORDED = recorded();

  private enum Result {
    KNOWN,
    UNKNOWN_MESSAGE,
    NO_SNAPPY
  }

  private static Map<Schema, List<byte[]>> recorded() {
    List<HttpMessage> version1 = new ArrayList<>(RecordedRequests.version1());
    version1.addAll(RecordedRequests.small().subList(0, 20));
    Map<Schema, List<byte[]>> recorded = new EnumMap<>(Schema.class);
    recorded.put(Schema.V1, version1.stream().map(HttpMessage::body).toList());
    recorded.put(Schema.V2, RecordedRequests.version2().stream().map(HttpMessage::body).toList());
    return recorded;
  }

  /** May be asked to run for longer than other tests. */
  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void agreesWithLibrariesAboutDamagedBodies() {
    long first = Long.getLong("fuzz.seed", new Random().nextLong());
    long seconds = Long.getLong("fuzz.seconds", 0);
    long runs = Long.getLong("fuzz.runs", seconds > 0 ? Long.MAX_VALUE : DEFAULT_RUNS);
    long start = System.nanoTime();
    Map<Result, Integer> results = new EnumMap<>(Result.class);
    long run = 0;
    while (run < runs
        && (seconds == 0 || System.nanoTime() - start < TimeUnit.SECONDS.toNanos(seconds))) {
      long seed = first + run++;
      try {
        // The first numbers of Random are nearly the same for seeds that follow each other.
        Random random = new Random(new SplittableRandom(seed).nextLong());
        results.merge(new Run(random).run(), 1, Integer::sum);
      } catch (Throwable t) {
        fail(
            "seed "
                + seed
                + " fails; repeat it with"
                + " -Dtest=RemoteWriteKeysFuzzTest -Dfuzz.runs=1 -Dfuzz.seed="
                + seed,
            t);
      }
    }
    if (run >= 1_000) {
      // Otherwise the damages test nothing.
      long total = run;
      assertThat(results.values())
          .as("results of %s runs from seed %s: %s", run, first, results)
          .hasSize(Result.values().length)
          .allSatisfy(count -> assertThat(count * 20L).isGreaterThan(total));
    }
  }

  /** One body. */
  private static final class Run {
    private final Random random;
    private final Schema schema;
    private final BodyDamage damage;

    private Run(Random random) {
      this.random = random;
      schema = random.nextBoolean() ? Schema.V1 : Schema.V2;
      damage = new BodyDamage(random, recorded(schema));
    }

    private static List<byte[]> recorded(Schema schema) {
      return Objects.requireNonNull(RECORDED.get(schema));
    }

    private Result run() throws IOException {
      byte[] body = body();
      Schema announced =
          random.nextInt(20) > 0 ? schema : schema == Schema.V1 ? Schema.V2 : Schema.V1;
      try {
        return check(announced, body);
      } catch (AssertionError e) {
        throw new AssertionError(announced + " " + Base64.getEncoder().encodeToString(body), e);
      }
    }

    private byte[] body() {
      List<byte[]> recorded = recorded(schema);
      byte[] body =
          switch (random.nextInt(4)) {
            case 0 -> Messages.compressed(new RandomMessages(random).odd(schema));
            case 1 -> Messages.compressed(Messages.of(schema, new RandomMessages(random).series()));
            default -> recorded.get(random.nextInt(recorded.size()));
          };
      return switch (random.nextInt(8)) {
        case 0 -> body;
        case 1, 2, 3 -> damage.damaged(body);
        default -> Messages.compressed(damage.damaged(Objects.requireNonNull(Oracle.decode(body))));
      };
    }

    private Result check(Schema announced, byte[] body) throws IOException {
      List<Long> keys = new ArrayList<>();
      long start = System.nanoTime();
      boolean known = KEYS.keys(RemoteWriteKeysTest.head(announced), stream(body), keys::add);
      assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(MAX_NANOS);

      byte[] decoded = SnappyBlock.decode(stream(body), RemoteWriteKeys.MAX_BYTES);
      byte[] expected = Oracle.decode(body);
      assertThat(decoded).as("decoded block").isEqualTo(expected);
      if (expected == null) {
        assertThat(known).as("known, although it is no valid block").isFalse();
        return Result.NO_SNAPPY;
      }
      DynamicMessage message = Oracle.parse(announced, expected);
      List<Long> expectedKeys = message == null ? null : ORACLE.keys(announced, message);
      if (known) {
        assertThat(keys).as("keys").isEqualTo(expectedKeys);
        return Result.KNOWN;
      }
      assertKnownIf(expectedKeys != null && isCanonical(message, expected));
      return Result.UNKNOWN_MESSAGE;
    }

    /**
     * Returns whether a message has the bytes that protobuf-java writes for it, in any order. It
     * also reads numbers of too many bits, which are unknown here.
     */
    private static boolean isCanonical(@Nullable DynamicMessage message, byte[] bytes) {
      if (message == null) {
        return false;
      }
      byte[] written = message.toByteArray();
      byte[] read = bytes.clone();
      Arrays.sort(written);
      Arrays.sort(read);
      return Arrays.equals(written, read);
    }

    private static void assertKnownIf(boolean mustBeKnown) {
      assertThat(mustBeKnown).as("unknown, although nothing is wrong").isFalse();
    }

    /** Returns a stream whose reads often return less than they could. */
    private InputStream stream(byte[] body) {
      int atMost = 1 + random.nextInt(1 << random.nextInt(15));
      return new FilterInputStream(new ByteArrayInputStream(body)) {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
          return super.read(into, offset, Math.min(length, atMost));
        }
      };
    }
  }
}
