package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.process.Cpus;
import io.github.requestmirror.benchmarks.process.Envoy;
import io.github.requestmirror.benchmarks.process.JavaCommand;
import io.github.requestmirror.benchmarks.process.Nginx;
import io.github.requestmirror.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Starts the gateways in front of two clusters. */
final class Gateways {
  private final Path directory;
  private final Envoy envoy;
  private final String before;
  private final String heap;

  /**
   * @param directory for configurations and logs
   * @param before class path of the older version, or null
   * @param heap of each JVM
   */
  Gateways(Path directory, Envoy envoy, String before, String heap) {
    this.directory = directory;
    this.envoy = envoy;
    this.before = before;
    this.heap = heap;
  }

  RunningGateway start(Variant variant, int primary, int secondary)
      throws IOException, InterruptedException {
    List<ServerProcess> processes =
        switch (variant) {
          case NGINX, NGINX_MIRROR ->
              List.of(
                  Nginx.gateway(
                      variant.option(),
                      directory,
                      Cpus.MEASURED,
                      primary,
                      variant.hasMirror() ? secondary : 0));
          case ENVOY, ENVOY_MIRROR ->
              List.of(envoy(variant, primary, variant.hasMirror() ? secondary : 0));
          case ENVOY_JETTY -> {
            ServerProcess jetty = jvm(variant, primary, secondary);
            yield List.of(envoy(variant, jetty.port(), secondary), jetty);
          }
          default -> List.of(jvm(variant, primary, secondary));
        };
    return new RunningGateway(variant, processes);
  }

  private ServerProcess envoy(Variant variant, int primary, int secondary)
      throws IOException, InterruptedException {
    return envoy.gateway(variant.option(), directory, Cpus.MEASURED, primary, secondary);
  }

  private ServerProcess jvm(Variant variant, int primary, int secondary) throws IOException {
    ProcessBuilder command =
        new JavaCommand()
            .heap(heap)
            .mirrorFrom(variant == Variant.BEFORE ? before : null)
            .run(
                BenchmarkGateway.class.getName(),
                variant.kind(),
                "" + primary,
                "" + secondary,
                "" + Math.max(1, variant.copies()));
    return ServerProcess.startJvm(
        variant.label(), command, directory.resolve(variant.option() + ".log"));
  }
}
