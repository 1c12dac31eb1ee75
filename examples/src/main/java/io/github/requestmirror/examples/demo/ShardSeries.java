package io.github.requestmirror.examples.demo;

import io.github.requestmirror.examples.remotewrite.Label;
import io.github.requestmirror.examples.remotewrite.Sample;
import io.github.requestmirror.examples.remotewrite.TimeSeries;
import io.github.requestmirror.examples.remotewrite.WriteRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The series of one shard: no other shard ever sends them. Not thread-safe. */
final class ShardSeries {
  private static final List<String> PATHS =
      List.of("/cart", "/checkout", "/login", "/product", "/search");
  private static final List<String> CODES = List.of("200", "204", "404", "500");

  private final List<List<Label>> series = new ArrayList<>();
  private final double[] values;
  private final Random random;
  private long timestamp;

  ShardSeries(int shard, int size) {
    for (int i = 0; i < size; i++) {
      series.add(
          List.of(
              new Label("__name__", "http_requests_total"),
              new Label("cluster", "eu-1"),
              new Label("code", CODES.get(i % CODES.size())),
              new Label("instance", "10.0." + shard + "." + i + ":9100"),
              new Label("job", "shop"),
              new Label("path", PATHS.get(i % PATHS.size()))));
    }
    values = new double[size];
    random = new Random(shard);
  }

  int size() {
    return values.length;
  }

  /** One new sample of every series, newer than all before. */
  WriteRequest next() {
    timestamp = Math.max(timestamp + 1, System.currentTimeMillis());
    List<TimeSeries> next = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      values[i] += random.nextInt(10);
      next.add(new TimeSeries(series.get(i), List.of(new Sample(values[i], timestamp))));
    }
    return WriteRequest.of(next);
  }
}
