package io.github.requestmirror.internal.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.HttpException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Recorded responses of real servers, whole and damaged, in reads of every size. The system
 * properties {@code fuzz.seed}, {@code fuzz.runs} and {@code fuzz.seconds} choose the damages.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class ResponseFuzzTest {
  private static final long DEFAULT_RUNS = 15_000;
  private static final int MAX_BODY = 2_000;
  private static final int MAX_HEAD = ResponseReader.OVERHEAD_BYTES;

  /** More pieces of a large response would test nothing new and take long. */
  private static final int MAX_PIECES = 2_000;

  private static final Pattern LAST_STATUS = Pattern.compile(".*-(\\d{3})(-.*)?");

  /** By name. */
  private static final Map<String, byte[]> RECORDED = new TreeMap<>();

  /** How the reading of a response ended. */
  private enum Ending {
    COMPLETE,
    INVALID,
    WAITING
  }

  /**
   * What the sender gets to know of a response.
   *
   * @param reusable complete, the connection may be reused, and no byte follows
   */
  private record Result(
      Ending ending,
      int status,
      @Nullable String excerpt,
      boolean hasRetryAfter,
      boolean reusable) {}

  @BeforeAll
  static void load() throws IOException, URISyntaxException {
    Path folder =
        Path.of(
            Objects.requireNonNull(ResponseFuzzTest.class.getResource("/responses/README.txt"))
                .toURI());
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Objects.requireNonNull(folder.getParent()), "*.http")) {
      for (Path file : files) {
        String name = Objects.requireNonNull(file.getFileName()).toString();
        RECORDED.put(name.replace(".http", ""), Files.readAllBytes(file));
      }
    }
    assertThat(RECORDED).hasSizeGreaterThan(50);
  }

  private static String methodOf(String name) {
    return name.endsWith("head") ? "HEAD" : "POST";
  }

  @Test
  void readsRecordedResponsesInPiecesOfEverySize() {
    RECORDED.forEach(
        (name, bytes) -> {
          CutTransport.End end =
              name.contains("until-close") || name.startsWith("python-1.0")
                  ? CutTransport.End.CLOSE
                  : CutTransport.End.STALL;
          Matcher status = LAST_STATUS.matcher(name);
          assertThat(status.matches()).as(name).isTrue();
          for (int piece = 1; piece <= bytes.length; piece++) {
            int size = piece;
            Result result = read(methodOf(name), bytes, () -> size, end, 100_000);
            String description = name + " in pieces of " + piece;
            assertThat(result.ending()).as(description).isEqualTo(Ending.COMPLETE);
            assertThat(result.status())
                .as(description)
                .isEqualTo(Integer.parseInt(status.group(1)));
            assertThat(result.hasRetryAfter())
                .as(description)
                .isEqualTo(name.contains("retry-after"));
            if (end == CutTransport.End.CLOSE) {
              assertThat(result.reusable()).as(description).isFalse();
            }
          }
        });
  }

  @Test
  void readsDamagedResponsesTheSame_howeverTheyAreCut() {
    long first = Long.getLong("fuzz.seed", new Random().nextLong());
    long seconds = Long.getLong("fuzz.seconds", 0);
    long runs = Long.getLong("fuzz.runs", seconds > 0 ? Long.MAX_VALUE : DEFAULT_RUNS);
    long start = System.nanoTime();
    Map<Ending, Integer> endings = new EnumMap<>(Ending.class);
    long run = 0;
    while (run < runs && (seconds == 0 || System.nanoTime() - start < nanos(seconds))) {
      long seed = first + run++;
      try {
        // Generators of successive seeds begin with nearly the same numbers.
        endings.merge(run(new Random(new SplittableRandom(seed).nextLong())), 1, Integer::sum);
      } catch (Throwable t) {
        fail(
            "seed "
                + seed
                + " fails; repeat it with"
                + " -Dtest=ResponseFuzzTest -Dfuzz.runs=1 -Dfuzz.seed="
                + seed,
            t);
      }
    }
    if (run >= 1_000) {
      // Otherwise the damages test nothing.
      assertThat(endings.values())
          .as("endings of %s runs from seed %s: %s", run, first, endings)
          .hasSize(Ending.values().length)
          .allSatisfy(count -> assertThat(count * 20L).isGreaterThan(runs(endings)));
    }
  }

  private static long nanos(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private static long runs(Map<Ending, Integer> endings) {
    return endings.values().stream().mapToLong(Integer::longValue).sum();
  }

  private static Ending run(Random random) {
    byte[] response = new ResponseDamage(random, List.copyOf(RECORDED.values())).next();
    String method = random.nextInt(10) == 0 ? "HEAD" : "POST";
    CutTransport.End end = random.nextBoolean() ? CutTransport.End.CLOSE : CutTransport.End.STALL;
    int maxBody = random.nextBoolean() ? MAX_BODY : 10 * MAX_BODY;
    Result whole = read(method, response, () -> Integer.MAX_VALUE, end, maxBody);
    for (IntSupplier cuts : cuts(random, response.length)) {
      Result inPieces = read(method, response, cuts, end, maxBody);
      if (!inPieces.equals(whole)) {
        fail(
            "%s in pieces, %s as a whole; %s, then %s: %s",
            inPieces, whole, method, end, shown(response));
      }
    }
    return whole.ending();
  }

  private static List<IntSupplier> cuts(Random random, int length) {
    int smallest = 1 + length / MAX_PIECES;
    int fixed = smallest + random.nextInt(1 + length);
    List<IntSupplier> cuts = new ArrayList<>();
    cuts.add(() -> smallest);
    cuts.add(() -> fixed);
    // Sometimes nothing, as of a socket that is not ready.
    cuts.add(() -> random.nextInt(4) == 0 ? 0 : smallest + random.nextInt(60));
    return cuts;
  }

  /** Reads one response as a connection does, and checks what holds for every response. */
  private static Result read(
      String method, byte[] bytes, IntSupplier cuts, CutTransport.End end, int maxBody) {
    CutTransport transport = new CutTransport(bytes, cuts, end);
    ResponseReader reader = new ResponseReader(transport, ByteBuffer.allocate(32 << 10));
    reader.start(method, maxBody);
    Ending ending = Ending.WAITING;
    int rounds = 0;
    try {
      boolean waiting = false;
      while (!waiting) {
        rounds++;
        int reads = transport.reads();
        if (reader.read()) {
          ending = Ending.COMPLETE;
          break;
        }
        boolean looked = transport.reads() > reads;
        assertThat(looked || reader.isInterrupted())
            .as("reads, or asks to continue: %s", shown(bytes))
            .isTrue();
        waiting = end == CutTransport.End.STALL && transport.isExhausted() && looked;
        waiting = waiting && !reader.isInterrupted();
      }
    } catch (IOException | HttpException e) {
      ending = Ending.INVALID;
    }
    // Each round reads from the transport or consumes what has been received.
    assertThat(rounds).as("rounds").isLessThanOrEqualTo(transport.reads() + bytes.length + 1);
    int limit = reader.status() == 0 ? MAX_HEAD : MAX_HEAD + maxBody;
    assertThat(transport.received()).as("received bytes").isLessThanOrEqualTo(limit + 1);
    boolean reusable = ending == Ending.COMPLETE && reader.keepsAlive() && transport.isExhausted();
    Result result =
        new Result(
            ending,
            reader.status(),
            reader.excerpt(),
            !reader.retryAfter().equals(Duration.ZERO),
            reusable);
    reader.end();
    return result;
  }

  private static String shown(byte[] response) {
    String characters = new String(response, StandardCharsets.ISO_8859_1);
    String start = characters.substring(0, Math.min(3_000, characters.length()));
    return start.replace("\r", "\\r").replace("\n", "\\n\n");
  }
}
