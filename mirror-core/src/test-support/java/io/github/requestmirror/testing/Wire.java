package io.github.requestmirror.testing;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.RequestHead;
import java.util.Random;

/** Passes requests to a mirror as an adapter would. */
public final class Wire {
  private Wire() {}

  /** Captures a request with its body, and reports 200 as the primary's response. */
  public static Capture send(Mirror mirror, RequestHead head, byte[] body) {
    Capture capture = mirror.capture(head);
    for (int from = 0; from < body.length; from += 8192) {
      capture.write(body, from, Math.min(8192, body.length - from));
    }
    capture.complete();
    capture.primaryResponded(200);
    return capture;
  }

  public static Capture get(Mirror mirror, String target, String... headers) {
    return send(mirror, Heads.head("GET", target, headers), new byte[0]);
  }

  public static Capture post(Mirror mirror, String target, byte[] body, String... headers) {
    return send(mirror, Heads.head("POST", target, headers), body);
  }

  /** Returns random bytes, the same for equal seeds. */
  public static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
