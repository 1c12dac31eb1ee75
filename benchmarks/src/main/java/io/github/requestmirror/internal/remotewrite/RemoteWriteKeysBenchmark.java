package io.github.requestmirror.internal.remotewrite;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.xerial.snappy.Snappy;

/** The keys of a compressed body, with ten labels for each series. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RemoteWriteKeysBenchmark {
  private static final String[] CODES = {"200", "204", "400", "404", "500"};

  @Param({"50", "500", "2000"})
  int series;

  @Param({"1.0", "2.0"})
  String version;

  private final RemoteWriteKeys keys = new RemoteWriteKeys();
  private RequestHead head = RequestHead.of("POST", "/", null, Headers.of());
  private byte[] body = {};
  private long combined;

  /** Writes part of a message. */
  private interface Writing {
    void to(CodedOutputStream out) throws IOException;
  }

  @Setup
  public void encode() throws IOException {
    String parameter = version.equals("1.0") ? "" : ";proto=io.prometheus.write.v2.Request";
    head =
        RequestHead.of(
            "POST",
            "/api/v1/push",
            null,
            Headers.of(
                "Host",
                "metrics.example",
                "User-Agent",
                "Prometheus/3.5.0",
                "Content-Encoding",
                "snappy",
                "Content-Type",
                "application/x-protobuf" + parameter));
    byte[] message = version.equals("1.0") ? version1() : version2();
    body = Snappy.compress(message);
    System.out.printf(
        "%n%s, %d series: %d bytes, %d decoded%n", version, series, body.length, message.length);
  }

  /** Returns names and values of one series, sorted by name. */
  private List<String> labels(int number) {
    int pod = number / 20;
    int bucket = number % 20;
    String hash = Integer.toHexString(new Random(pod).nextInt() | 1 << 30);
    return List.of(
        "__name__",
        "http_server_request_duration_seconds_bucket",
        "cluster",
        "prod-eu-central-1",
        "code",
        CODES[bucket % 5],
        "instance",
        "10.42." + pod % 256 + "." + (7 * pod) % 256 + ":8080",
        "job",
        "shop/checkout",
        "le",
        String.valueOf(0.005 * (1 << bucket)),
        "method",
        bucket % 2 == 0 ? "GET" : "POST",
        "namespace",
        "shop",
        "pod",
        "checkout-" + hash + "-" + (char) ('a' + pod % 26) + "x7bq",
        "route",
        "/api/v1/orders/{id}");
  }

  private byte[] version1() throws IOException {
    return message(
        request -> {
          for (int i = 0; i < series; i++) {
            List<String> labels = labels(i);
            byte[] one =
                message(
                    out -> {
                      for (int j = 0; j < labels.size(); j += 2) {
                        String name = labels.get(j);
                        String value = labels.get(j + 1);
                        out.writeByteArray(
                            1,
                            message(
                                label -> {
                                  label.writeString(1, name);
                                  label.writeString(2, value);
                                }));
                      }
                      out.writeByteArray(2, sample(labels));
                    });
            request.writeByteArray(1, one);
          }
        });
  }

  private byte[] version2() throws IOException {
    Map<String, Integer> symbols = new LinkedHashMap<>(Map.of("", 0));
    List<byte[]> encoded = new ArrayList<>();
    for (int i = 0; i < series; i++) {
      List<String> labels = labels(i);
      byte[] refs =
          message(
              out -> {
                for (String label : labels) {
                  Integer next = symbols.size();
                  Integer ref = symbols.putIfAbsent(label, next);
                  out.writeUInt32NoTag(ref == null ? next : ref);
                }
              });
      encoded.add(
          message(
              out -> {
                out.writeByteArray(1, refs);
                out.writeByteArray(2, sample(labels));
              }));
    }
    return message(
        out -> {
          for (String symbol : symbols.keySet()) {
            out.writeString(4, symbol);
          }
          for (byte[] one : encoded) {
            out.writeByteArray(5, one);
          }
        });
  }

  private static byte[] sample(List<String> labels) throws IOException {
    return message(
        sample -> {
          sample.writeDouble(1, labels.hashCode());
          sample.writeInt64(2, 1_760_000_000_000L);
        });
  }

  private static byte[] message(Writing writing) throws IOException {
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    writing.to(out);
    out.flush();
    return bytes.toByteString().toByteArray();
  }

  @Benchmark
  public long decodeAndHash() throws IOException {
    combined = 0;
    if (!keys.keys(head, new ByteArrayInputStream(body), key -> combined ^= key)) {
      throw new IllegalStateException("the keys are unknown");
    }
    return combined;
  }

  @Benchmark
  public int decode() throws IOException {
    byte[] message = SnappyBlock.decode(new ByteArrayInputStream(body), RemoteWriteKeys.MAX_BYTES);
    return message == null ? 0 : message.length;
  }

  /** For comparison: native code, and the whole body in an array. */
  @Benchmark
  public int decodeWithSnappyJava() throws IOException {
    return Snappy.uncompress(body).length;
  }
}
