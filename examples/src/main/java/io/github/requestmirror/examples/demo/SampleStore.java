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
 * The samples of a receiver. It is as strict as Prometheus without an out-of-order window: it
 * rejects a complete request if one sample is older than the newest of its series. Only the newest
 * sample may be repeated. Thread-safe.
 */
final class SampleStore {
  private final Map<String, Series> series = new HashMap<>();
  private long samples;
  private long rejected;

  /**
   * The samples stored for one series.
   *
   * @param samples the number of samples
   * @param newest the newest sample
   * @param digest of all timestamps and values, in the order of storing
   */
  record History(long samples, Sample newest, long digest) {

    private static History of(@Nullable History before, Sample next) {
      return before == null
          ? new History(1, next, next.hashCode())
          : new History(before.samples + 1, next, 31 * before.digest + next.hashCode());
    }
  }

  /** The stored state of a series, and its next state if the current request is accepted. */
  private static final class Series {
    private @Nullable History stored;
    private @Nullable History next;

    /** Returns whether the sample is in order. */
    boolean accepts(Sample sample) {
      if (next == null || sample.getTimestamp() > next.newest().getTimestamp()) {
        next = History.of(next, sample);
        return true;
      }
      return sample.equals(next.newest());
    }

    /** Returns the number of new samples. */
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

  /** Stores all samples and returns true, or stores none and returns false. */
  synchronized boolean append(WriteRequest request) {
    List<Series> touched = new ArrayList<>(request.getTimeseriesCount());
    for (TimeSeries one : request.getTimeseriesList()) {
      Series target = series.computeIfAbsent(key(one.getLabelsList()), key -> new Series());
      touched.add(target);
      for (Sample sample : one.getSamplesList()) {
        if (!target.accepts(sample)) {
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

  /** Looking up one string is faster than looking up a list of labels. */
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

  /** Returns the number of requests rejected as out of order. */
  synchronized long rejected() {
    return rejected;
  }

  /** Returns the history of each series; equal to another store's if both hold the same samples. */
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
