package io.github.requestmirror.internal.send;

import io.github.requestmirror.MirrorTarget;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.Selector;

/** Starts senders with another DNS lookup, for tests in other packages. */
public final class TestSenders {
  private TestSenders() {}

  /** Looks up host names. */
  public interface Lookup {
    InetAddress[] lookup(String host) throws UnknownHostException;
  }

  public static Sender start(MirrorTarget target, Lookup lookup) {
    return HttpSender.start(
        target, TargetAddress.of(target.uri()), Runnable::run, lookup::lookup, Selector::open);
  }
}
