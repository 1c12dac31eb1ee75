package io.github.requestmirror.examples.demo;

import io.github.requestmirror.examples.remotewrite.proto.Label;
import io.github.requestmirror.examples.remotewrite.proto.Sample;
import io.github.requestmirror.examples.remotewrite.proto.TimeSeries;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver keeps, as strict as Prometheus without an out-of-order window: a request with one
 * sample older than the newest of its series is rejected whole. Only the very newest sample may be
 * repeated.
 */
final class SampleStore {
  private final Map<String, Series> series = new HashMap<>();
  private long samples;
  private long rejected;

  /**
   * All that was stored of one series.
   *
   * @param samples how many
   * @param newest the newest of them
   * @param digest over every timestamp and value, in the order of storing
   */
  record History(long samples, Sample newest, long digest) {

    private static History of(@Nullable History before, Sample next) {
      return before == null
          ? new History(1, next, next.hashCode())
          : new History(before.samples + 1, next, 31 * before.digest + next.hashCode());
    }
  }

  /** A series as it is, and as it will be if the request under way has no fault. */
  private static final class Series {
    private @Nullable History stored;
    private @Nullable History next;

    /** Returns whether the sample may be stored. */
    boolean takes(Sample sample) {
      if (next == null || sample.getTimestamp() > next.newest().getTimestamp()) {
        next = History.of(next, sample);
        return true;
      }
      return sample.equals(next.newest());
    }

    /** Returns how many samples are new. */
    long commit() {
      long added = count(next) - count(stored);
      stored = next;
      return added;
    }

    void rollBack() {
      next = stored;
    }

    private static long count(@Nullable History history) {
      return history == null ? 0 : history.samples();
    }
  }

  /** Stores all samples and returns true, or stores none. */
  synchronized boolean append(WriteRequest request) {
    List<Series> touched = new ArrayList<>(request.getTimeseriesCount());
    for (TimeSeries one : request.getTimeseriesList()) {
      Series target = series.computeIfAbsent(key(one.getLabelsList()), key -> new Series());
      touched.add(target);
      for (Sample sample : one.getSamplesList()) {
        if (!target.takes(sample)) {
          touched.forEach(Series::rollBack);
          rejected++;
          return false;
        }
      }
    }
    for (Series one : touched) {
      samples += one.commit();
    }
    return true;
  }

  /** One string is quicker to look up than a list of a dozen, and there are many look-ups. */
  private static String key(List<Label> labels) {
    StringBuilder key = new StringBuilder(128);
    for (Label label : labels) {
      key.append(label.getName()).append('=').append(label.getValue()).append('\n');
    }
    return key.toString();
  }

  synchronized long samples() {
    return samples;
  }

  /** Requests that came out of order. */
  synchronized long rejected() {
    return rejected;
  }

  /** Equal to another store's if and only if both hold the same samples. */
  synchronized Map<String, History> contents() {
    Map<String, History> contents = new HashMap<>();
    series.forEach(
        (key, one) -> {
          if (one.stored != null) {
            contents.put(key, one.stored);
          }
        });
    return contents;
  }
}
