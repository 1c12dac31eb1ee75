package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications that read single bytes, among other reads. */
abstract class MixedReadContract extends ServletContract {
  private static final int ROUNDS = 60;

  MixedReadContract(Container container) {
    super(container);
  }

  /** Calls of a stream. How much one of them returns depends on the time; the bytes do not. */
  private static final class Reads {
    private final ServletInputStream in;
    private final byte[] body;
    private final Random random;
    private int position;
    private boolean ended;

    Reads(ServletInputStream in, byte[] body, long seed) {
      this.in = in;
      this.body = body;
      this.random = new Random(seed);
    }

    void once() throws IOException {
      int length = 1 + random.nextInt(random.nextInt(8) == 0 ? 5000 : 30);
      byte[] buffer = new byte[length];
      switch (random.nextInt(7)) {
        case 0 -> got(buffer, in.read(buffer, 0, length), true);
        case 1 -> got(buffer, in.readLine(buffer, 0, length), true);
        case 2 -> {
          byte[] read = in.readNBytes(length);
          got(read, read.length, false);
          ended |= read.length < length;
        }
        case 3 -> position += Math.toIntExact(in.skip(length));
        case 4 -> assertThat(in.available()).isNotNegative();
        default -> singles(length);
      }
    }

    void singles(int count) throws IOException {
      for (int i = 0; i < count && !ended; i++) {
        int read = in.read();
        got(new byte[] {(byte) read}, read < 0 ? -1 : 1, true);
      }
    }

    private void got(byte[] bytes, int count, boolean showsEnd) {
      if (count < 0) {
        ended |= showsEnd;
      } else {
        assertThat(Arrays.copyOf(bytes, count))
            .isEqualTo(Arrays.copyOfRange(body, position, position + count));
        position += count;
      }
    }
  }

  /** With short lines. */
  private static byte[] body(Random random) {
    byte[] body = new byte[1 + random.nextInt(random.nextBoolean() ? 12_000 : 200)];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) random.nextInt(40);
    }
    return body;
  }

  @Test
  void mixedReadsAreCopiedOnce() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<byte[]> copies = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      byte[] body = body(random);
      boolean declared = random.nextBoolean();
      int calls = random.nextInt(4) == 0 ? random.nextInt(20) : Integer.MAX_VALUE;
      long seedOfReads = random.nextLong();
      Reads[] last = new Reads[1];
      application(
          (request, response) -> {
            Reads reads = new Reads(request.getInputStream(), body, seedOfReads);
            last[0] = reads;
            for (int i = 0; i < calls && !reads.ended; i++) {
              reads.once();
            }
            respond(response, calls == Integer.MAX_VALUE ? "all " + reads.position : "a part");
          });
      Exchange exchange =
          declared ? post(body) : chunked(body, 1 + random.nextInt(random.nextInt(3) * 500 + 10));
      long incomplete = stats().count(Outcome.BODY_INCOMPLETE);
      String what = "seed " + seed + ", round " + round;
      View view = sameView(plainPort(), mirroredPort(), exchange);
      Conservation.awaitSettled(mirror());
      assertThat(view.response()).as(what).contains("200");
      Reads reads = last[0];
      boolean whole = reads.position == body.length;
      boolean copied = target.requests().size() > copies.size();
      if (copied) {
        copies.add(body);
      }
      assertThat(stats().count(Outcome.BODY_INCOMPLETE)).isEqualTo(incomplete + (copied ? 0 : 1));
      if (!whole || reads.ended || declared) {
        assertThat(copied).as(what).isEqualTo(whole);
      }
    }
    assertThat(target.requests().stream().map(HttpMessage::body).toList())
        .as("seed %s", seed)
        .containsExactlyElementsOf(copies);
    assertThat(copies.size()).as("seed %s", seed).isBetween(ROUNDS / 2, ROUNDS - 1);
  }

  @ParameterizedTest
  @CsvSource({"1000, BODY_INCOMPLETE", "1001, BODY_TOO_LARGE", "1100, BODY_TOO_LARGE"})
  void singleByteThatExceedsTheLimitEndsTheCopy(int read, Outcome outcome) throws Exception {
    mirror(limits -> limits.maxBodyBytes(1000), policy -> policy);
    byte[] body = bytes(2000);
    check(
        (request, response) -> {
          new Reads(request.getInputStream(), body, 0).singles(read);
          respond(response, "ok");
        },
        chunked(body, 777));
    assertNotCopied(outcome);
  }

  /** The end of the request is reported by another thread than the one that reads. */
  @ParameterizedTest
  @ValueSource(ints = {50, 299, 300})
  void singleBytesReadInAnotherThreadAreCopied(int read) throws Exception {
    byte[] body = bytes(300);
    check(
        (request, response) -> {
          AsyncContext async = request.startAsync();
          later(
              () -> {
                new Reads(request.getInputStream(), body, 0).singles(read);
                respond(response, "ok");
                async.complete();
              });
        },
        post(body));
    if (read == body.length) {
      assertCopied(body);
    } else {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    }
  }

  /** Reads single bytes and arrays in turn while the stream is ready. */
  private static final class Mixing implements ReadListener {
    private final ServletInputStream in;
    private final HttpServletResponse response;
    private final AsyncContext async;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int turn;

    Mixing(HttpServletRequest request, HttpServletResponse response) throws IOException {
      this.in = request.getInputStream();
      this.response = response;
      this.async = request.startAsync();
      in.setReadListener(this);
    }

    @Override
    public void onDataAvailable() throws IOException {
      byte[] buffer = new byte[9];
      while (in.isReady()) {
        boolean single = turn++ % 40 < 30;
        int read = single ? in.read() : in.read(buffer);
        if (read < 0) {
          return;
        }
        if (single) {
          body.write(read);
        } else {
          body.write(buffer, 0, read);
        }
      }
    }

    @Override
    public void onAllDataRead() throws IOException {
      respond(response, body.toByteArray());
      async.complete();
    }

    @Override
    public void onError(Throwable cause) {
      async.complete();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void singleBytesReadWithoutBlockingAreCopied(boolean chunked) throws Exception {
    byte[] body = bytes(9000);
    View view = check(Mixing::new, chunked ? chunked(body, 100) : post(body));
    assertThat(view.response()).contains("200", "9000 bytes");
    assertCopied(body);
  }
}
