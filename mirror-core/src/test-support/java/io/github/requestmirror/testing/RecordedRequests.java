package io.github.requestmirror.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Requests recorded from a Prometheus server; see {@code recorded/README.md}. */
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
