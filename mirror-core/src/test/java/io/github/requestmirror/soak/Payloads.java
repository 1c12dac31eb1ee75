package io.github.requestmirror.soak;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import io.github.requestmirror.testing.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/** What requests of the soak consist of. A copy tells by its head which body it must have. */
final class Payloads {
  static final int TENANTS = 6;

  /** Makes the predicate of the policies throw. */
  static final String HOSTILE = "X-Hostile";

  private static final String CHECKSUM = "X-Body-Checksum";
  private static final String FINAL_PATH = "/final/";
  private static final int FINAL_BODY = 3000;
  private static final int LARGEST = 600 << 10;

  private final byte[] random = Wire.bytes(LARGEST, 1);
  private final List<HttpMessage> recorded = new ArrayList<>();

  Payloads() {
    recorded.addAll(RecordedRequests.small().subList(0, 60));
    recorded.addAll(RecordedRequests.large().subList(0, 5));
    recorded.addAll(RecordedRequests.version1());
    recorded.addAll(RecordedRequests.version2());
  }

  static String tenant(int number) {
    return "tenant-" + number;
  }

  @SuppressWarnings("ArrayRecordComponent") // Not compared.
  record Payload(RequestHead head, byte[] body) {}

  /** Returns a request without a body, which is not ordered. */
  Payload get(Random source) {
    Headers.Builder headers = headers(source, new byte[0]);
    return new Payload(
        RequestHead.of("GET", "/api/v1/query", "query=up", headers.build()), new byte[0]);
  }

  /** Returns a request with a body, recorded or random, whose length is declared or not. */
  Payload post(Random source) {
    boolean isRecorded = source.nextInt(3) > 0;
    HttpMessage message = recorded.get(source.nextInt(recorded.size()));
    byte[] body = isRecorded ? message.body() : randomBody(source);
    Headers.Builder headers = headers(source, body);
    if (isRecorded) {
      for (String name :
          List.of("Content-Type", "Content-Encoding", "X-Prometheus-Remote-Write-Version")) {
        for (String value : message.headers(name)) {
          headers.add(name, value);
        }
      }
    }
    if (source.nextInt(10) < 6) {
      int error = source.nextInt(20) == 0 ? 1 : 0;
      headers.add("Content-Length", Integer.toString(body.length + error));
    }
    return new Payload(RequestHead.of("POST", "/api/v1/push", null, headers.build()), body);
  }

  private byte[] randomBody(Random source) {
    int magnitude = source.nextInt(100) == 0 ? LARGEST : source.nextInt(10) == 0 ? 60_000 : 4_000;
    byte[] body = new byte[source.nextInt(magnitude)];
    System.arraycopy(random, source.nextInt(LARGEST - body.length), body, 0, body.length);
    return body;
  }

  private static Headers.Builder headers(Random source, byte[] body) {
    Headers.Builder headers = Headers.builder(10);
    headers.add("Host", "primary");
    headers.add(FaultyTarget.TENANT, tenant(source.nextInt(TENANTS)));
    headers.add(CHECKSUM, checksum(body));
    headers.add("Authorization", "Bearer secret");
    switch (source.nextInt(100)) {
      case 0 -> headers.add(HOSTILE, "exception");
      case 1 -> headers.add(HOSTILE, "error");
      case 2 -> headers.add("not a name", "value");
      case 3 -> headers.add("X-Long", "x".repeat(20_000));
      case 4 -> headers.add("X-Request-Mirror", "1");
      default -> headers.add("User-Agent", "soak");
    }
    return headers;
  }

  private static String checksum(byte[] body) {
    CRC32 sum = new CRC32();
    sum.update(body);
    return Long.toHexString(sum.getValue());
  }

  /** Returns whether a copy has the body that its head tells. */
  static boolean isWhole(HttpMessage copy) {
    return checksum(copy.body()).equals(copy.header(CHECKSUM));
  }

  /** Returns one of the requests that must arrive when all faults are off. */
  static Payload last(String tenant, int number) {
    byte[] body = Wire.bytes(FINAL_BODY, number);
    Headers headers =
        Headers.of(
            FaultyTarget.TENANT,
            tenant,
            CHECKSUM,
            checksum(body),
            "Content-Length",
            Integer.toString(FINAL_BODY));
    return new Payload(RequestHead.of("POST", FINAL_PATH + tenant, "n=" + number, headers), body);
  }

  static String lastTarget(String tenant, int number) {
    return FINAL_PATH + tenant + "?n=" + number;
  }

  static boolean isLast(HttpMessage copy) {
    return copy.requestTarget().startsWith(FINAL_PATH);
  }
}
