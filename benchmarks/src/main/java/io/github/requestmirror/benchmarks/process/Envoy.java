package io.github.requestmirror.benchmarks.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Starts Envoy with one worker, which reuses its connections to both clusters. */
public final class Envoy {
  private final Path program;

  /**
   * @param program the executable
   */
  public Envoy(Path program) {
    this.program = program;
  }

  public boolean isPresent() {
    return Files.isExecutable(program);
  }

  /**
   * Starts a gateway.
   *
   * @param secondary the port of the secondary, 0 for no mirror
   */
  public ServerProcess gateway(String name, Path directory, int cpu, int primary, int secondary)
      throws IOException, InterruptedException {
    int port = Ports.free();
    Path home = Files.createDirectories(directory.resolve(name));
    Path configuration = home.resolve("envoy.yaml");
    String mirror = secondary == 0 ? "" : "request_mirror_policies: [{ cluster: secondary }], ";
    String clusters =
        cluster("primary", primary) + (secondary == 0 ? "" : cluster("secondary", secondary));
    Files.writeString(
        configuration,
        """
        static_resources:
          listeners:
          - address: { socket_address: { address: 127.0.0.1, port_value: %d } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: gateway
                  route_config:
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                      - match: { prefix: "/" }
                        route: { %scluster: primary, timeout: 15s }
                  http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          clusters:
        %s
        """
            .formatted(port, mirror, clusters));
    ProcessBuilder command =
        new ProcessBuilder(
            "taskset",
            "-c",
            "" + cpu,
            program.toString(),
            "--config-path",
            configuration.toString(),
            "--concurrency",
            "1",
            "--use-dynamic-base-id",
            "--log-level",
            "warning");
    return ServerProcess.start(command, home.resolve("log"), port);
  }

  private static String cluster(String name, int port) {
    return """
      - name: %1$s
        connect_timeout: 1s
        type: STATIC
        load_assignment:
          cluster_name: %1$s
          endpoints:
          - lb_endpoints:
            - endpoint:
                address: { socket_address: { address: 127.0.0.1, port_value: %2$d } }
    """
        .formatted(name, port)
        .indent(2);
  }
}
