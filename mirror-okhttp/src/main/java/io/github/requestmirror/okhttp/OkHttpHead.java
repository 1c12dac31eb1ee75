package io.github.requestmirror.okhttp;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import java.nio.charset.StandardCharsets;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * A view of the caller's request with the headers that OkHttp derives from body and URL: {@code
 * Content-Type}, {@code Content-Length} and {@code Host}. As in OkHttp, the first two replace the
 * caller's.
 */
final class OkHttpHead implements RequestHead {
  private static final String TYPE = "Content-Type";
  private static final String LENGTH = "Content-Length";
  private static final String HOST = "Host";

  /** The body has not been asked for its length yet. */
  private static final long UNASKED = -2;

  private final Request request;
  private final @Nullable RequestBody body;
  private final @Nullable MediaType type;
  private long length = UNASKED;

  OkHttpHead(Request request) {
    this.request = request;
    this.body = request.body();
    this.type = body == null ? null : type(body);
  }

  @Override
  public String method() {
    return request.method();
  }

  @Override
  public String rawPath() {
    return request.url().encodedPath();
  }

  @Override
  public @Nullable String rawQuery() {
    return request.url().encodedQuery();
  }

  @Override
  public @Nullable String header(String name) {
    if (type != null && name.equalsIgnoreCase(TYPE)) {
      return type.toString();
    }
    if (body != null && name.equalsIgnoreCase(LENGTH)) {
      return length() < 0 ? null : Long.toString(length());
    }
    okhttp3.Headers own = request.headers();
    for (int i = 0; i < own.size(); i++) {
      if (own.name(i).equalsIgnoreCase(name)) {
        return asSent(own.value(i));
      }
    }
    return name.equalsIgnoreCase(HOST) ? host() : null;
  }

  @Override
  public Headers headers() {
    okhttp3.Headers own = request.headers();
    Headers.Builder headers = Headers.builder(own.size() + 3);
    for (int i = 0; i < own.size(); i++) {
      String name = own.name(i);
      boolean replaced =
          (type != null && name.equalsIgnoreCase(TYPE))
              || (body != null && name.equalsIgnoreCase(LENGTH));
      if (!replaced) {
        headers.add(name, asSent(own.value(i)));
      }
    }
    if (type != null) {
      headers.add(TYPE, type.toString());
    }
    if (body != null && length() >= 0) {
      headers.add(LENGTH, Long.toString(length()));
    }
    if (own.get(HOST) == null) {
      headers.add(HOST, host());
    }
    return headers.build();
  }

  /** OkHttp sends non-ASCII values as UTF-8; the mirror needs one character per byte. */
  private static String asSent(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) > 0x7f) {
        return new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      }
    }
    return value;
  }

  // An exception of the caller's body is ignored here: OkHttp asks the body again and gets it too.

  private static @Nullable MediaType type(RequestBody body) {
    try {
      return body.contentType();
    } catch (Throwable t) {
      return null;
    }
  }

  private long length() {
    if (length == UNASKED) {
      length = askLength();
    }
    return length;
  }

  private long askLength() {
    try {
      return body == null ? -1 : body.contentLength();
    } catch (Throwable t) {
      return -1;
    }
  }

  private String host() {
    HttpUrl url = request.url();
    String host = url.host().indexOf(':') < 0 ? url.host() : "[" + url.host() + "]";
    return url.port() == HttpUrl.defaultPort(url.scheme()) ? host : host + ":" + url.port();
  }
}
