package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The tee of the classic client and what an entity may do with its stream. */
class TeeEntityTest {
  private static final int LIMIT = 20_000;

  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget secondary = new TestTarget();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  @AfterEach
  void closeServer() {
    secondary.close();
  }

  private Mirror start(MirrorPolicy policy) {
    return conservation.watch(
        Mirror.start(
            MirrorTarget.builder(secondary.uri()).name("secondary").maxBodyBytes(LIMIT).build(),
            policy));
  }

  private Mirror start() {
    return start(MirrorPolicy.builder().build());
  }

  private static MirrorStats.Target stats(Mirror mirror) {
    return mirror.stats().target("secondary");
  }

  private static BodyCopy copy(Mirror mirror, HttpEntity entity) {
    BasicHttpRequest request = new BasicHttpRequest("POST", "/");
    return new BodyCopy(mirror, new CallHead(HttpClientContext.create(), request, entity), true);
  }

  private interface Writer {
    void write(OutputStream out) throws IOException;
  }

  /** An entity of this length that writes itself in its own way. */
  private static HttpEntity writing(byte[] body, boolean chunked, Writer writer) {
    return new HttpEntityWrapper(new ByteArrayEntity(body, null, chunked)) {
      @Override
      public void writeTo(OutputStream out) throws IOException {
        writer.write(out);
      }
    };
  }

  private static void writeRandomly(byte[] body, OutputStream out, Random random)
      throws IOException {
    int at = 0;
    while (at < body.length) {
      int run = Math.min(body.length - at, random.nextInt(random.nextBoolean() ? 400 : 4));
      switch (random.nextInt(4)) {
        case 0 -> {
          out.write(body, at, run);
          at += run;
        }
        case 1 -> out.flush();
        default -> {
          for (int end = at + run; at < end; at++) {
            // Only the lowest byte counts.
            out.write(body[at] + (random.nextInt() << 8));
          }
        }
      }
    }
  }

  @Test
  void randomWritesAreCopiedCompletely() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Mirror mirror = start();
    for (int round = 1; round <= 100; round++) {
      byte[] body = new byte[random.nextInt(random.nextBoolean() ? 300 : 10_000)];
      random.nextBytes(body);
      boolean twice = random.nextInt(4) == 0;
      HttpEntity entity =
          writing(body, random.nextBoolean(), out -> writeRandomly(body, out, random));
      BodyCopy copy = copy(mirror, entity);
      TeeEntity tee = new TeeEntity(entity, copy);
      for (int attempt = twice ? 0 : 1; attempt < 2; attempt++) {
        sent.reset();
        tee.writeTo(sent);
      }
      copy.responded(200, true);
      assertThat(sent.toByteArray()).as("seed %s", seed).isEqualTo(body);
      Conservation.awaitSettled(mirror);
      assertThat(secondary.requests()).as("seed %s: %s", seed, stats(mirror)).hasSize(round);
      assertThat(secondary.requests().get(round - 1).body()).as("seed %s", seed).isEqualTo(body);
    }
  }

  @Test
  void limitAppliesToSingleBytes() throws Exception {
    byte[] body = Wire.bytes(LIMIT + 1, 7);
    Mirror mirror = start();
    long[] counted = new long[2];
    HttpEntity entity =
        writing(
            body,
            true,
            out -> {
              for (int i = 0; i < LIMIT; i++) {
                out.write(body[i]);
              }
              out.flush();
              counted[0] = stats(mirror).count(Outcome.BODY_TOO_LARGE);
              out.write(body[LIMIT]);
              out.flush();
              counted[1] = stats(mirror).count(Outcome.BODY_TOO_LARGE);
            });
    BodyCopy copy = copy(mirror, entity);
    new TeeEntity(entity, copy).writeTo(sent);
    copy.responded(200, true);
    assertThat(counted).containsExactly(0, 1);
    assertThat(sent.toByteArray()).isEqualTo(body);
  }

  /** The primary gets the rest of a body whose copy has ended. */
  @Test
  void limitAppliesToSingleBytesWithoutAFlush() throws Exception {
    byte[] body = Wire.bytes(LIMIT + 200, 8);
    Mirror mirror = start();
    HttpEntity entity =
        writing(
            body,
            true,
            out -> {
              for (byte b : body) {
                out.write(b);
              }
              assertThat(stats(mirror).count(Outcome.BODY_TOO_LARGE)).isEqualTo(1);
              out.write(body);
            });
    BodyCopy copy = copy(mirror, entity);
    new TeeEntity(entity, copy).writeTo(sent);
    copy.responded(200, true);
    assertThat(sent.size()).isEqualTo(2 * body.length);
  }

  @Test
  void bodyThatBreaksOffAfterSingleBytesIsIncomplete() throws Exception {
    Mirror mirror = start();
    HttpEntity entity =
        writing(
            new byte[3],
            false,
            out -> {
              out.write(1);
              throw new IOException("on purpose");
            });
    BodyCopy copy = copy(mirror, entity);
    assertThatThrownBy(() -> new TeeEntity(entity, copy).writeTo(sent))
        .isInstanceOf(IOException.class)
        .hasMessage("on purpose");
    copy.withoutResponse();
    assertThat(stats(mirror).count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
  }

  @Test
  void bodyThatNoPolicyWantsIsWrittenToTheStreamOfTheClient() throws Exception {
    Mirror mirror = start(MirrorPolicy.builder().path("/other").build());
    OutputStream[] given = new OutputStream[1];
    HttpEntity entity = writing(new byte[3], false, out -> given[0] = out);
    BodyCopy copy = copy(mirror, entity);
    new TeeEntity(entity, copy).writeTo(sent);
    copy.responded(200, true);
    assertThat(given[0]).isSameAs(sent);
    assertThat(stats(mirror).count(Outcome.NOT_MATCHED)).isEqualTo(1);
  }
}
