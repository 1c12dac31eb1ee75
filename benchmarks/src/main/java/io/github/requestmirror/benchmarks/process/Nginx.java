package io.github.requestmirror.benchmarks.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Starts nginx with one worker. */
public final class Nginx {
  private Nginx() {}

  /**
   * Starts a gateway. Its body buffer is larger than the bodies, as nginx writes larger ones to
   * files, and its connections to both clusters are kept alive.
   *
   * @param secondary the port of the secondary, 0 for no mirror
   */
  public static ServerProcess gateway(
      String name, Path directory, int cpu, int primary, int secondary)
      throws IOException, InterruptedException {
    int port = Ports.free();
    String mirror =
        secondary == 0
            ? ""
            : """
            location = /mirror {
              internal;
              proxy_pass http://secondary$request_uri;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
            }
            """;
    String upstreams = upstream("primary", primary) + upstream("secondary", Math.max(1, secondary));
    return start(
        name,
        directory,
        cpu,
        port,
        """
        location / {
          %s
          proxy_pass http://primary;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
        }
        %s
        """
            .formatted(secondary == 0 ? "" : "mirror /mirror;", mirror),
        upstreams);
  }

  private static String upstream(String name, int port) {
    return """
    upstream %s { server 127.0.0.1:%d; keepalive 64; keepalive_requests 100000000; }
    """
        .formatted(name, port);
  }

  static ServerProcess start(
      String name, Path directory, int cpu, int port, String locations, String upstreams)
      throws IOException, InterruptedException {
    Path home = Files.createDirectories(directory.resolve(name));
    Path configuration = home.resolve("nginx.conf");
    Files.writeString(
        configuration,
        """
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log stderr crit;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          client_max_body_size 16m;
          client_body_buffer_size 256k;
          keepalive_requests 100000000;
          %s
          server {
            listen 127.0.0.1:%d;
            %s
          }
        }
        """
            .formatted(upstreams, port, locations));
    ProcessBuilder command =
        new ProcessBuilder(
            "taskset", "-c", "" + cpu, "nginx", "-p", home.toString(), "-c", "nginx.conf");
    return ServerProcess.start(command, home.resolve("log"), port);
  }
}
