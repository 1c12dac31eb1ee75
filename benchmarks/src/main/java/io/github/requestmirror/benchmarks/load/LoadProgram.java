package io.github.requestmirror.benchmarks.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * A program that generates load. Each line of its input has a port, the size of the body, the
 * number of connections, seconds, and the requests per second or 0 for a closed loop. It writes a
 * {@link LoadResult} as one line of JSON.
 */
final class LoadProgram {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LoadProgram() {}

  public static void main(String[] args) throws Exception {
    System.out.println("port 0");
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ");
      int port = Integer.parseInt(words[0]);
      ByteBuffer request = request(port, Integer.parseInt(words[1]));
      Clients clients =
          new Clients(port, request, Integer.parseInt(words[2]), Integer.parseInt(words[3]));
      System.out.println(JSON.writeValueAsString(clients.run(Double.parseDouble(words[4]))));
    }
    System.exit(0);
  }

  static ByteBuffer request(int port, int bodyBytes) {
    String head =
        """
        POST /api/v1/push HTTP/1.1\r
        Host: 127.0.0.1:%d\r
        User-Agent: Prometheus/3.5.0\r
        Content-Length: %d\r
        Content-Encoding: snappy\r
        Content-Type: application/x-protobuf\r
        X-Prometheus-Remote-Write-Version: 0.1.0\r
        X-Scope-OrgID: benchmark\r
        \r
        """
            .formatted(port, bodyBytes);
    byte[] body = new byte[bodyBytes];
    new Random(bodyBytes).nextBytes(body);
    byte[] headBytes = head.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(headBytes.length + bodyBytes).put(headBytes).put(body).flip();
  }
}
