package io.github.requestmirror.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Requests recorded from Prometheus servers; see {@code recorded/README.md}. */
public final class RecordedRequests {
  private RecordedRequests() {}

  /** Returns 240 requests of about 2 KiB. */
  public static List<HttpMessage> small() {
    return load("prometheus-2.42-small.http");
  }

  /** Returns 80 requests of about 64 KiB. */
  public static List<HttpMessage> large() {
    return load("prometheus-2.42-large.http");
  }

  /** Returns 24 requests of a newer Prometheus with remote-write 1.0. */
  public static List<HttpMessage> version1() {
    return load("prometheus-3.16-v1.http");
  }

  /** Returns 24 requests of the same Prometheus, and mostly the same series, with 2.0. */
  public static List<HttpMessage> version2() {
    return load("prometheus-3.16-v2.http");
  }

  /** Returns a request that is compressed with zstd, as vmagent does. Made, not recorded. */
  public static HttpMessage zstd() {
    return load("zstd.http").get(0);
  }

  /**
   * Returns the copies in the order of their requests, which have different bodies. Copies without
   * a common series may overtake each other.
   */
  public static List<HttpMessage> inOrderOf(List<HttpMessage> requests, List<HttpMessage> copies) {
    List<HttpMessage> sorted = new ArrayList<>();
    for (HttpMessage request : requests) {
      HttpMessage copy =
          copies.stream()
              .filter(candidate -> Arrays.equals(candidate.body(), request.body()))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no copy of " + request.startLine()));
      sorted.add(copy);
    }
    return sorted;
  }

  private static List<HttpMessage> load(String name) {
    try (InputStream resource = RecordedRequests.class.getResourceAsStream("/recorded/" + name)) {
      if (resource == null) {
        throw new IllegalStateException("resource recorded/" + name + " is missing");
      }
      InputStream in = new BufferedInputStream(resource);
      List<HttpMessage> requests = new ArrayList<>();
      for (HttpMessage m = HttpMessage.read(in); m != null; m = HttpMessage.read(in)) {
        requests.add(m);
      }
      return requests;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
