package io.github.requestmirror.gateway;

import java.io.EOFException;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request of HTTP/2 with the headers that it would have in HTTP/1.1: the mirror and {@link
 * RequestFraming} find in them whether there is a body, which in HTTP/2 only the frames say.
 *
 * <ul>
 *   <li>{@code Transfer-Encoding: chunked}, if a body without a length follows;
 *   <li>{@code Content-Length: 0}, if the stream has ended and the method is one with a body;
 *   <li>{@code Host}, if the request has only {@code :authority};
 *   <li>one {@code Cookie} header (RFC 9113 8.2.3).
 * </ul>
 *
 * <p>The body fails if its length is not the declared one, also where trailers end it.
 */
final class Http2Request extends Request.Wrapper {
  private static final long UNKNOWN = -1;

  private final HttpFields headers;
  private final long declared;
  private long received;
  private Content.@Nullable Chunk first;
  private Content.@Nullable Chunk failure;

  private Http2Request(Request request) {
    super(request);
    HttpFields.Mutable fields = HttpFields.build(request.getHeaders());
    joinCookies(fields);
    String authority = request.getHttpURI().getAuthority();
    if (authority != null && !fields.contains(HttpHeader.HOST)) {
      fields.add(HttpHeader.HOST, authority);
    }
    declared = fields.getLongField(HttpHeader.CONTENT_LENGTH);
    if (declared == UNKNOWN) {
      if (!hasEnded(fields)) {
        fields.add(HttpHeader.TRANSFER_ENCODING, HttpHeaderValue.CHUNKED);
      } else if (!isUsuallyEmpty(request.getMethod())) {
        fields.add(HttpHeader.CONTENT_LENGTH, 0);
      }
    }
    headers = fields.asImmutable();
  }

  /** Returns the request itself if it is one of HTTP/1. */
  static Request of(Request request) {
    if (!isHttp2(request)) {
      return request;
    }
    Http2Request http2 = new Http2Request(request);
    if (http2.first != null) {
      // A body that nobody reads would keep its part of the connection's window.
      Request.addCompletionListener(request, failure -> http2.releaseFirst());
    }
    return http2;
  }

  static boolean isHttp2(Request request) {
    return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2;
  }

  /** Returns whether the framing headers are valid in HTTP/2. */
  static boolean isValid(HttpFields headers) {
    List<String> lengths = headers.getValuesList(HttpHeader.CONTENT_LENGTH);
    return !headers.contains(HttpHeader.TRANSFER_ENCODING)
        && (lengths.isEmpty() || (lengths.size() == 1 && lengths.get(0).matches("\\d{1,18}")));
  }

  private static void joinCookies(HttpFields.Mutable fields) {
    List<String> cookies = fields.getValuesList(HttpHeader.COOKIE);
    if (cookies.size() > 1) {
      fields.put(new HttpField(HttpHeader.COOKIE, String.join("; ", cookies)));
    }
  }

  /** The methods whose requests without a body have no {@code Content-Length} (RFC 9110 8.6). */
  private static boolean isUsuallyEmpty(String method) {
    return HttpMethod.GET.is(method)
        || HttpMethod.HEAD.is(method)
        || HttpMethod.OPTIONS.is(method)
        || HttpMethod.TRACE.is(method)
        || HttpMethod.DELETE.is(method);
  }

  /** Reads ahead, because nothing else tells whether the head has ended the stream. */
  private boolean hasEnded(HttpFields fields) {
    if (fields.contains(HttpHeader.EXPECT)) {
      // The read would send 100 before the request is known to be forwarded.
      return false;
    }
    first = getWrapped().read();
    return first != null
        && first.isLast()
        && !first.hasRemaining()
        && !Content.Chunk.isFailure(first);
  }

  @Override
  public HttpFields getHeaders() {
    return headers;
  }

  @Override
  public Content.@Nullable Chunk read() {
    if (failure != null) {
      return failure;
    }
    Content.Chunk chunk = takeFirst();
    if (chunk == null) {
      chunk = super.read();
    }
    if (chunk == null || declared == UNKNOWN || Content.Chunk.isFailure(chunk)) {
      return chunk;
    }
    received += chunk.remaining();
    if (received > declared || (chunk.isLast() && received < declared)) {
      chunk.release();
      failure =
          Content.Chunk.from(
              new EOFException("the body does not have the declared length of " + declared), true);
      return failure;
    }
    return chunk;
  }

  @Override
  public void demand(Runnable onContent) {
    if (first == null && failure == null) {
      super.demand(onContent);
    } else {
      getContext().execute(onContent);
    }
  }

  @Override
  public void fail(Throwable reason) {
    releaseFirst();
    super.fail(reason);
  }

  private synchronized Content.@Nullable Chunk takeFirst() {
    Content.Chunk chunk = first;
    first = null;
    return chunk;
  }

  private void releaseFirst() {
    Content.Chunk chunk = takeFirst();
    if (chunk != null) {
      chunk.release();
    }
  }
}
