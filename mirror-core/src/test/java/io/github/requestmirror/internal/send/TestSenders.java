package io.github.requestmirror.internal.send;

import io.github.requestmirror.MirrorTarget;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Opens the seam of name resolution to tests of other packages. */
public final class TestSenders {
  private TestSenders() {}

  /** How names are looked up. */
  public interface Lookup {
    InetAddress[] lookup(String host) throws UnknownHostException;
  }

  public static Sender start(MirrorTarget target, Lookup lookup) {
    return HttpClient5Sender.start(target, TargetAddress.of(target.uri()), lookup::lookup);
  }
}
