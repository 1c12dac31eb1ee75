package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import java.net.URI;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;

final class JettySnippet {
  private JettySnippet() {}

  static Mirror register(ServletContextHandler context) {
    Mirror mirror =
        Mirror.start(
            MirrorTarget.builder(URI.create("http://cortex-2:9009")).name("secondary").build(),
            Cortex.writes().build());

    FilterHolder filter = new FilterHolder(new MirrorFilter(mirror));
    filter.setAsyncSupported(true);
    context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    return mirror;
  }
}
