package example.gateway;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.httpclient5.MirrorExecChainHandler;
import io.github.requestmirror.okhttp.MirrorInterceptor;
import io.github.requestmirror.servlet.MirrorFilter;
import java.net.URI;

/** Uses each adapter, so that the compiler reads every module descriptor. */
public final class Gateway {
  private Gateway() {}

  public static void main(String[] args) {
    MirrorTarget target = MirrorTarget.of(URI.create("http://127.0.0.1:9009"));
    try (Mirror mirror = Mirror.start(target, Cortex.writes().build())) {
      System.out.println(new MirrorFilter(mirror));
      System.out.println(new MirrorInterceptor(mirror));
      System.out.println(new MirrorExecChainHandler(mirror));
    }
  }
}
