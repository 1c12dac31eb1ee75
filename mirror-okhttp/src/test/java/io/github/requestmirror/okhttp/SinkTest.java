package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.Okio;
import okio.Sink;
import okio.Timeout;
import org.junit.jupiter.api.Test;

/** A body reaches the primary in the same chunks and steps as without the mirror. */
class SinkTest extends InterceptorFixture {

  /** Writes parts of random size with random methods of the sink. */
  private static void writeRandomly(BufferedSink sink, byte[] body, long seed) throws IOException {
    Random random = new Random(seed);
    for (int from = 0; from < body.length; ) {
      int length = Math.min(body.length - from, 1 + random.nextInt(20_000));
      byte[] part = Arrays.copyOfRange(body, from, from + length);
      switch (random.nextInt(6)) {
        case 0 -> sink.write(part);
        case 1 -> sink.write(ByteBuffer.wrap(part));
        case 2 -> sink.write(new Buffer().write(part), length);
        case 3 -> sink.writeAll(new Buffer().write(part));
        case 4 -> sink.outputStream().write(part);
        default -> {
          sink.getBuffer().write(part);
          sink.emitCompleteSegments();
        }
      }
      switch (random.nextInt(6)) {
        case 0 -> sink.flush();
        case 1 -> sink.emit();
        case 2 -> sink.emitCompleteSegments();
        default -> {}
      }
      from += length;
    }
    if (random.nextBoolean()) {
      // A compressor around the sink closes it.
      sink.close();
    }
  }

  /** Returns the bytes that the client sends. */
  private static byte[] sent(OkHttpClient client, RequestBody body) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      FutureTask<byte[]> bytes = new FutureTask<>(read(server));
      Thread thread = new Thread(bytes, "recording-server");
      thread.start();
      Request request =
          new Request.Builder()
              .url("http://127.0.0.1:" + server.getLocalPort())
              .header("Host", "primary")
              .post(body)
              .build();
      client.newCall(request).execute().close();
      return bytes.get(20, TimeUnit.SECONDS);
    }
  }

  private static Callable<byte[]> read(ServerSocket server) {
    return () -> {
      ByteArrayOutputStream seen = new ByteArrayOutputStream();
      try (Socket connection = server.accept()) {
        InputStream in = connection.getInputStream();
        byte[] buffer = new byte[65_536];
        byte[] end = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        while (!endsWith(seen.toByteArray(), end)) {
          int read = in.read(buffer);
          if (read < 0) {
            break;
          }
          seen.write(buffer, 0, read);
        }
        OutputStream out = connection.getOutputStream();
        out.write("HTTP/1.1 204 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      return seen.toByteArray();
    };
  }

  private static boolean endsWith(byte[] bytes, byte[] end) {
    int from = bytes.length - end.length;
    return from >= 0 && Arrays.equals(bytes, from, bytes.length, end, 0, end.length);
  }

  @Test
  void chunksOnTheWireAreTheSame() throws Exception {
    for (long seed = 0; seed < 60; seed++) {
      long current = seed;
      byte[] body = bytes(new Random(seed).nextInt(120_000));
      Supplier<RequestBody> request = () -> body(-1, sink -> writeRandomly(sink, body, current));
      byte[] without = sent(client(builder -> builder), request.get());
      byte[] with = sent(mirrored(), request.get());
      assertThat(Arrays.equals(without, with)).as("same bytes, seed %s", seed).isTrue();
      Conservation.awaitSettled(mirror());
      HttpMessage copy = target.requests().get((int) seed);
      assertThat(Arrays.equals(copy.body(), body)).as("copy, seed %s", seed).isTrue();
    }
  }

  /** Records the calls of the primary's sink. */
  private static final class Steps implements Sink {
    final List<String> steps = new ArrayList<>();

    @Override
    public void write(Buffer source, long byteCount) throws IOException {
      steps.add("write " + byteCount);
      source.skip(byteCount);
    }

    @Override
    public void flush() {
      steps.add("flush");
    }

    @Override
    public void close() {
      steps.add("close");
    }

    @Override
    public Timeout timeout() {
      return Timeout.NONE;
    }

    /** Writes a body as OkHttp does and returns the calls. */
    List<String> of(RequestBody body) throws IOException {
      BufferedSink sink = Okio.buffer(this);
      body.writeTo(sink);
      sink.close();
      return List.copyOf(steps);
    }
  }

  @Test
  void callsOfTheSinkAreTheSame() throws IOException {
    for (long seed = 0; seed < 300; seed++) {
      long current = seed;
      byte[] bytes = bytes(new Random(seed).nextInt(120_000));
      RequestBody body = body(-1, sink -> writeRandomly(sink, bytes, current));
      List<String> without = new Steps().of(body);
      OkHttpClient client =
          mirrored()
              .newBuilder()
              .addInterceptor(
                  chain -> {
                    assertThat(new Steps().of(chain.request().body()))
                        .as("seed %s", current)
                        .isEqualTo(without);
                    return new Response.Builder()
                        .request(chain.request())
                        .protocol(Protocol.HTTP_1_1)
                        .code(200)
                        .message("OK")
                        .body(ResponseBody.create("", null))
                        .build();
                  })
              .build();
      client
          .newCall(new Request.Builder().url("http://primary/").post(body).build())
          .execute()
          .close();
      Conservation.awaitSettled(mirror());
      HttpMessage copy = target.requests().get((int) seed);
      assertThat(Arrays.equals(copy.body(), bytes)).as("copy, seed %s", seed).isTrue();
    }
  }
}
