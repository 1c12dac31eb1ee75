package io.github.requestmirror.httpclient5;

import java.util.Objects;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.net.URIAuthority;
import org.jspecify.annotations.Nullable;

/**
 * The head of a call, first as it reaches the handler and later as the client sends it: with the
 * default headers and what request interceptors add. When the client has a connection, it sets the
 * request in the context, runs the interceptors, and writes the request.
 *
 * <p>Method and path are always those of the call, also after a redirect.
 */
final class CallHead {
  private final HttpClientContext context;
  private final HttpRequest request;
  private final @Nullable EntityDetails entity;
  private final @Nullable HttpRequest before;
  private final String method;
  private final @Nullable String path;
  private final @Nullable String scheme;
  private final @Nullable URIAuthority authority;
  private final Header[] headers;

  /**
   * @param request the request that reaches the handler; the client may change it later
   * @param entity the body that is copied; null if there is none
   */
  CallHead(HttpClientContext context, HttpRequest request, @Nullable EntityDetails entity) {
    this.context = context;
    this.request = request;
    this.entity = entity;
    this.before = context.getRequest();
    this.method = request.getMethod();
    this.path = request.getPath();
    this.scheme = request.getScheme();
    this.authority = request.getAuthority();
    this.headers = request.getHeaders();
  }

  /** Returns whether the client has had a connection and was about to send a request. */
  boolean isSent() {
    return context.getRequest() != before;
  }

  /** Returns the head that reached the handler. May be called while the client sends. */
  ClientHead own() {
    BasicHttpRequest own = withoutHeaders();
    own.setHeaders(headers);
    return new ClientHead(own, entity);
  }

  private BasicHttpRequest withoutHeaders() {
    BasicHttpRequest copy = new BasicHttpRequest(method, "/");
    copy.setScheme(scheme);
    copy.setAuthority(authority);
    copy.setPath(path);
    return copy;
  }

  /** Returns the head of the last attempt, or the own one if there was none. */
  ClientHead sent() {
    HttpRequest sent = context.getRequest();
    if (sent == null || sent == before) {
      return own();
    }
    try {
      return sent(sent);
    } catch (Throwable t) {
      // An exception of the caller's entity, which the client asks too; or the call ends on a
      // thread other than the one that adds headers.
      return own();
    }
  }

  private ClientHead sent(HttpRequest sent) {
    BasicHttpRequest head = withoutHeaders();
    boolean otherBody = !sendsTheSameBody(sent);
    boolean otherHost = authority != null && !authority.equals(sent.getAuthority());
    for (Header header : sent.getHeaders()) {
      if (!isReplaced(header.getName(), otherBody, otherHost)) {
        head.addHeader(header);
      }
    }
    for (Header header : headers) {
      // Retries and redirects send the caller's request, without the headers of other handlers.
      if (isReplaced(header.getName(), otherBody, otherHost)
          || (sent != request && !sent.containsHeader(header.getName()))) {
        head.addHeader(header);
      }
    }
    return new ClientHead(head, entity);
  }

  /** Returns whether the copy has the header of the call and not that of the sent request. */
  private static boolean isReplaced(String name, boolean otherBody, boolean otherHost) {
    return name.equalsIgnoreCase(HttpHeaders.CONTENT_LENGTH)
        || name.equalsIgnoreCase(HttpHeaders.TRANSFER_ENCODING)
        || (otherBody
            && (name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)
                || name.equalsIgnoreCase(HttpHeaders.CONTENT_ENCODING)))
        || (otherHost && name.equalsIgnoreCase(HttpHeaders.HOST));
  }

  /**
   * Returns whether the client sends the bytes that are copied. A handler after this one may
   * compress them, and then the type and the encoding that the client sends are not those of the
   * copy.
   */
  private boolean sendsTheSameBody(HttpRequest sent) {
    if (entity == null) {
      return true;
    }
    long length = entity.isChunked() ? -1 : entity.getContentLength();
    Header declared = sent.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
    if (length >= 0) {
      return declared != null && Long.toString(length).equals(declared.getValue());
    }
    if (declared != null || !(sent instanceof ClassicHttpRequest classic)) {
      return false;
    }
    HttpEntity other = classic.getEntity();
    return other != null && Objects.equals(other.getContentEncoding(), entity.getContentEncoding());
  }
}
