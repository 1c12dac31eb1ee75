package io.github.requestmirror.examples.clients;

import static io.github.requestmirror.examples.remotewrite.RemoteWrite.label;

import io.github.requestmirror.examples.remotewrite.RemoteWrite;
import io.github.requestmirror.examples.remotewrite.proto.Sample;
import io.github.requestmirror.examples.remotewrite.proto.TimeSeries;
import io.github.requestmirror.examples.remotewrite.proto.WriteRequest;
import java.io.PrintStream;
import java.net.URI;

/** A program that pushes to a primary cluster, and whose calls are mirrored to a secondary one. */
@FunctionalInterface
interface Example {
  int PUSHES = 20;

  /** Returns whether every push arrived at both clusters. */
  boolean run(URI primary, URI secondary, PrintStream out) throws Exception;

  /**
   * Runs an example with the clusters of the arguments or two in-process ones; exits with 0 or 1.
   */
  static void main(String[] args, Example example) throws Exception {
    boolean arrived;
    if (args.length == 2) {
      arrived = example.run(URI.create(args[0]), URI.create(args[1]), System.out);
    } else {
      try (Cluster primary = new Cluster();
          Cluster secondary = new Cluster()) {
        arrived = example.run(primary.uri(), secondary.uri(), System.out);
        System.out.println("primary:   " + primary.samples() + " samples");
        System.out.println("secondary: " + secondary.samples() + " samples");
      }
    }
    if (!arrived) {
      System.exit(1);
    }
  }

  /** Returns the body of a remote-write request with two samples. */
  static byte[] body(int number) {
    Sample sample = RemoteWrite.sample(number, System.currentTimeMillis());
    return RemoteWrite.encode(
        WriteRequest.newBuilder()
            .addTimeseries(series("http_requests_total", sample))
            .addTimeseries(series("http_request_bytes_total", sample))
            .build());
  }

  private static TimeSeries series(String name, Sample sample) {
    return TimeSeries.newBuilder()
        .addLabels(label("__name__", name))
        .addLabels(label("job", "example"))
        .addSamples(sample)
        .build();
  }
}
