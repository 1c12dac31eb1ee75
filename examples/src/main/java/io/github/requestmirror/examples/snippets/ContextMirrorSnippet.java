package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.ServletContext;

final class ContextMirrorSnippet {
  private ContextMirrorSnippet() {}

  static boolean isUp(ServletContext servletContext) {
    Mirror mirror =
        (Mirror) servletContext.getAttribute(MirrorFilter.MIRROR_ATTRIBUTE_PREFIX + "mirror");
    MirrorStats.Target target = mirror.stats().targets().get(0);
    return target.up();
  }
}
