package io.github.requestmirror.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Finds errors that only the module path reveals: a package that is not exported, or a missing
 * {@code requires}. Runs a separate process that resolves only the required modules.
 */
class ModulePathTest {

  @Test
  void namedModule_callIsMirrored(@TempDir Path dir) throws Exception {
    Path output = dir.resolve("output.txt");
    AtomicInteger requests = new AtomicInteger();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread responding = new Thread(() -> respond(server, requests), "server");
      responding.setDaemon(true);
      responding.start();
      Process gateway =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--module-path",
                  System.getProperty("jdk.module.path"),
                  "--module",
                  "io.github.requestmirror.consumer/io.github.requestmirror.consumer.Gateway",
                  URI.create("http://127.0.0.1:" + server.getLocalPort()).toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        assertThat(gateway.waitFor(60, TimeUnit.SECONDS)).as("the process has ended").isTrue();
      } finally {
        gateway.destroyForcibly();
      }
      assertThat(Files.readString(output))
          .contains("module io.github.requestmirror: ", "ACCEPTED=1");
    }
    assertThat(requests).hasValue(2);
  }

  /** Reads a request from each connection, responds with 204, and closes it. */
  private static void respond(ServerSocket server, AtomicInteger requests) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        byte[] head = new byte[8192];
        if (socket.getInputStream().read(head) > 0) {
          requests.incrementAndGet();
          byte[] response =
              "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII);
          socket.getOutputStream().write(response);
        }
      } catch (IOException e) {
        // The server or the client has closed the connection.
      }
    }
  }
}
