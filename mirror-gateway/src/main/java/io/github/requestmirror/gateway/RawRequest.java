package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request that sends method, path and query unchanged. Jetty's own requests pass path and query
 * through {@link URI}, which rejects some that servers accept and reads {@code //a} as a host, and
 * convert methods to upper case.
 */
final class RawRequest extends HttpRequest {
  private final String rawMethod;
  private final String rawPath;
  private final @Nullable String rawQuery;

  RawRequest(
      HttpClient client, URI origin, String method, String rawPath, @Nullable String rawQuery) {
    super(client, new HttpConversation(), origin);
    this.rawMethod = method;
    this.rawPath = asBytes(rawPath);
    this.rawQuery = rawQuery == null ? null : asBytes(rawQuery);
  }

  /** The server decodes UTF-8; the client writes one byte per character. */
  private static String asBytes(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
      }
    }
    return text;
  }

  @Override
  public String getMethod() {
    return rawMethod;
  }

  @Override
  public String getPath() {
    return rawPath;
  }

  @Override
  public @Nullable String getQuery() {
    return rawQuery;
  }
}
