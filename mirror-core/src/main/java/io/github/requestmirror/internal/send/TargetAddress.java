package io.github.requestmirror.internal.send;

import java.net.URI;

/**
 * The target URI, parsed.
 *
 * @param host without the brackets of IPv6
 * @param authority the value of {@code Host}, without the default port of the scheme
 * @param basePath the raw path without a trailing slash; empty for the root
 */
public record TargetAddress(boolean tls, String host, int port, String authority, String basePath) {

  public static TargetAddress of(URI uri) {
    boolean tls = uri.getScheme().equalsIgnoreCase("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
    String host = uri.getHost();
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    return new TargetAddress(
        tls,
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port,
        port == (tls ? 443 : 80) ? host : host + ":" + port,
        path);
  }
}
