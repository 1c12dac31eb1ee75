package io.github.requestmirror.servlet;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.settings.MirrorSettings;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a mirror's configuration from the init-params of {@code web.xml}. */
final class InitParams {
  private InitParams() {}

  /**
   * Configures a mirror.
   *
   * @throws ServletException if an init-param is missing, unknown or invalid; the message names the
   *     init-param and the values that are allowed
   */
  static Mirror.Builder read(FilterConfig config) throws ServletException {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : Collections.list(config.getInitParameterNames())) {
      values.put(name, config.getInitParameter(name));
    }
    values.putIfAbsent(
        "mbeanName", config.getServletContext().getContextPath() + '/' + config.getFilterName());
    try {
      return MirrorSettings.parse(values, name -> "init-param '" + name + "'").toMirror();
    } catch (IllegalArgumentException e) {
      throw new ServletException("filter '" + config.getFilterName() + "': " + e.getMessage(), e);
    }
  }
}
