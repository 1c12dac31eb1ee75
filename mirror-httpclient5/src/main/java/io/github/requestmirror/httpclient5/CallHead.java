package io.github.requestmirror.httpclient5;

import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * The head of a call, first as it reaches the handler and later as the client sends it: with the
 * default headers and what request interceptors add. They run as the last step before the client
 * writes the request, when it has a connection, and the client then sets the request in the
 * context.
 *
 * <p>Method and path are always those of the call, also after a redirect.
 */
final class CallHead {
  private final HttpClientContext context;
  private final HttpRequest request;
  private final @Nullable EntityDetails entity;
  private final @Nullable HttpRequest before;
  private final BasicHttpRequest own;

  /**
   * @param request the request that reaches the handler; the client may change it later
   * @param entity the body that is copied; null if there is none
   */
  CallHead(HttpClientContext context, HttpRequest request, @Nullable EntityDetails entity) {
    this.context = context;
    this.request = request;
    this.entity = entity;
    this.before = context.getRequest();
    this.own = withoutHeaders(request);
    own.setHeaders(request.getHeaders());
  }

  private static BasicHttpRequest withoutHeaders(HttpRequest request) {
    BasicHttpRequest copy = new BasicHttpRequest(request.getMethod(), "/");
    copy.setScheme(request.getScheme());
    copy.setAuthority(request.getAuthority());
    copy.setPath(request.getPath());
    return copy;
  }

  /** Returns whether the client has had a connection and has sent at least a part of a request. */
  boolean isSent() {
    return context.getRequest() != before;
  }

  /** Returns the head that reached the handler. May be called while the client sends. */
  ClientHead own() {
    return new ClientHead(own, entity);
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
      // An exception of the caller's entity: the client asks it too and throws it.
      return own();
    }
  }

  private ClientHead sent(HttpRequest sent) {
    BasicHttpRequest head = withoutHeaders(own);
    Set<String> replaced = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    replaced.add(HttpHeaders.CONTENT_LENGTH);
    replaced.add(HttpHeaders.TRANSFER_ENCODING);
    if (!sendsTheSameBody(sent)) {
      replaced.add(HttpHeaders.CONTENT_TYPE);
      replaced.add(HttpHeaders.CONTENT_ENCODING);
    }
    if (own.getAuthority() != null && !own.getAuthority().equals(sent.getAuthority())) {
      replaced.add(HttpHeaders.HOST);
    }
    for (Header header : sent.getHeaders()) {
      if (!replaced.contains(header.getName())) {
        head.addHeader(header);
      }
    }
    for (Header header : own.getHeaders()) {
      // Retries and redirects send the caller's request, without the headers of other handlers.
      if (replaced.contains(header.getName())
          || (sent != request && !sent.containsHeader(header.getName()))) {
        head.addHeader(header);
      }
    }
    return new ClientHead(head, entity);
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
