package io.github.requestmirror;

import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.policy.CompiledPolicy;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.TargetAddress;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the policy does for a remote-write request that is mirrored. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PolicyBenchmark {
  private final RequestHead request =
      RequestHead.of(
          "POST",
          "/api/v1/push",
          null,
          Headers.of(
              "Host",
              "metrics.example",
              "User-Agent",
              "Prometheus/3.5.0",
              "Content-Length",
              "16384",
              "Content-Encoding",
              "snappy",
              "Content-Type",
              "application/x-protobuf",
              "X-Prometheus-Remote-Write-Version",
              "0.1.0",
              "X-Scope-OrgID",
              "tenant"));
  private final TargetAddress address = TargetAddress.of(URI.create("http://secondary:9009/base"));
  private final CompiledPolicy policy = Cortex.everything().build().compiled();
  private final HeadSnapshot snapshot = HeadSnapshot.of(request);
  private final Body body = new Body();

  /** Matches the request against methods, paths, deny list and sample. */
  @Benchmark
  public Outcome decide() {
    return policy.refusal(request);
  }

  /** Makes path and query of the copy, on the primary's thread. */
  @Benchmark
  public String rewritePath() {
    return policy.rewriter().pathAndQuery(snapshot, address);
  }

  /** Makes the headers of the copy, on the pipeline's thread. */
  @Benchmark
  public OutboundRequest rewriteHead() {
    return policy.rewriter().copy(snapshot, "/api/v1/push", body, address, "X-Request-Mirror");
  }
}
