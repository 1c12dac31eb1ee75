package io.github.requestmirror.gateway;

import org.eclipse.jetty.client.AsyncRequestContent;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;

/**
 * Determines where the body of a forwarded request ends (RFC 9112 6.3), from the two framing
 * headers that the server parsed and from nothing else. Clients share connections to the primary:
 * if the primary saw the end of a body too early, the rest would become the start of another
 * client's request.
 *
 * <p>Jetty's client also derives framing from the method and from {@code Content-Type}. {@link
 * #copy}, {@link #writeTo} and {@link #newContent} prevent that, with one exception: {@code POST}
 * and {@code PUT} without a body are sent with {@code Content-Length: 0}, as RFC 9110 8.6
 * recommends.
 */
final class RequestFraming {
  private static final long NONE = -1;
  private static final long CHUNKED = -2;

  /** The length in bytes, or one of the constants. */
  private final long length;

  private RequestFraming(long length) {
    this.length = length;
  }

  /**
   * Returns the framing of a request that passed {@link FramingGuard}, so that {@code
   * Transfer-Encoding} can only be {@code chunked}.
   */
  static RequestFraming of(HttpFields parsed) {
    if (parsed.contains(HttpHeader.TRANSFER_ENCODING)) {
      return new RequestFraming(CHUNKED);
    }
    boolean declared = parsed.contains(HttpHeader.CONTENT_LENGTH);
    return new RequestFraming(declared ? parsed.getLongField(HttpHeader.CONTENT_LENGTH) : NONE);
  }

  /** Returns whether there is a body to read. A chunked body may be empty. */
  boolean hasBody() {
    return length > 0 || length == CHUNKED;
  }

  /** Adds a header of the client's request unless it is a framing header. */
  void copy(HttpField field, HttpFields.Mutable to) {
    HttpHeader header = field.getHeader();
    if (header == HttpHeader.CONTENT_TYPE) {
      to.add(opaque(field));
    } else if (header != HttpHeader.CONTENT_LENGTH && header != HttpHeader.TRANSFER_ENCODING) {
      to.add(field);
    }
  }

  /** Adds the framing header. */
  void writeTo(HttpFields.Mutable headers, String method) {
    if (length == CHUNKED) {
      headers.add(HttpHeader.TRANSFER_ENCODING, HttpHeaderValue.CHUNKED);
    } else if (length > 0) {
      headers.add(HttpHeader.CONTENT_LENGTH, length);
    } else if (length == 0 && !isAssumedToHaveContent(method)) {
      headers.add(opaque(new HttpField(HttpHeader.CONTENT_LENGTH, "0")));
    }
  }

  /** The methods for which Jetty's generator writes {@code Content-Length: 0} itself. */
  private static boolean isAssumedToHaveContent(String method) {
    return method.equalsIgnoreCase("POST") || method.equalsIgnoreCase("PUT");
  }

  /** Returns a field that Jetty's generator writes without interpreting it. */
  private static HttpField opaque(HttpField field) {
    return new HttpField(null, field.getName(), field.getValue());
  }

  /** Returns content without bytes yet, with the declared length. */
  AsyncRequestContent newContent() {
    long declared = length == CHUNKED ? -1 : length;
    return new AsyncRequestContent((String) null) {
      @Override
      public long getLength() {
        return declared;
      }
    };
  }
}
