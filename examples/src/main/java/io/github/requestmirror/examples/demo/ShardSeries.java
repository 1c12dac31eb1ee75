package io.github.requestmirror.examples.demo;

import static io.github.requestmirror.examples.remotewrite.RemoteWrite.label;
import static io.github.requestmirror.examples.remotewrite.RemoteWrite.sample;

import io.github.requestmirror.examples.remotewrite.proto.TimeSeries;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The series of one shard. No other shard sends them. Not thread-safe. */
final class ShardSeries {
  private static final List<String> PATHS =
      List.of("/cart", "/checkout", "/login", "/product", "/search");
  private static final List<String> CODES = List.of("200", "204", "404", "500");

  private final List<TimeSeries> series = new ArrayList<>();
  private final double[] values;
  private final Random random;
  private long timestamp;

  ShardSeries(int shard, int size) {
    for (int i = 0; i < size; i++) {
      series.add(
          TimeSeries.newBuilder()
              .addLabels(label("__name__", "http_requests_total"))
              .addLabels(label("cluster", "eu-1"))
              .addLabels(label("code", CODES.get(i % CODES.size())))
              .addLabels(label("instance", "10.0." + shard + "." + i + ":9100"))
              .addLabels(label("job", "shop"))
              .addLabels(label("path", PATHS.get(i % PATHS.size())))
              .build());
    }
    values = new double[size];
    random = new Random(shard);
  }

  int size() {
    return values.length;
  }

  /** Returns a request with one sample per series, newer than all previous ones. */
  WriteRequest next() {
    timestamp = Math.max(timestamp + 1, System.currentTimeMillis());
    WriteRequest.Builder next = WriteRequest.newBuilder();
    for (int i = 0; i < values.length; i++) {
      values[i] += random.nextInt(10);
      next.addTimeseries(series.get(i).toBuilder().addSamples(sample(values[i], timestamp)));
    }
    return next.build();
  }
}
