package io.github.requestmirror.examples.clients;

import io.github.requestmirror.examples.remotewrite.Label;
import io.github.requestmirror.examples.remotewrite.Sample;
import io.github.requestmirror.examples.remotewrite.TimeSeries;
import io.github.requestmirror.examples.remotewrite.WriteRequest;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;

/** A program that pushes to a primary cluster and has its calls mirrored to a secondary one. */
@FunctionalInterface
interface Example {
  int PUSHES = 20;

  /** Returns whether every push arrived at both clusters. */
  boolean run(URI primary, URI secondary, PrintStream out) throws Exception;

  /** Runs it between the clusters of the arguments, or two small ones, and says so by exit code. */
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

  /** Returns the body of a push: two samples, as a remote-write sender encodes them. */
  static byte[] body(int number) {
    Sample sample = new Sample(number, System.currentTimeMillis());
    return WriteRequest.of(
            List.of(
                series("http_requests_total", sample), series("http_request_bytes_total", sample)))
        .encode();
  }

  private static TimeSeries series(String name, Sample sample) {
    return new TimeSeries(
        List.of(new Label("__name__", name), new Label("job", "example")), List.of(sample));
  }
}
