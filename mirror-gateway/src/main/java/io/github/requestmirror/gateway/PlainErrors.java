package io.github.requestmirror.gateway;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Writes the gateway's own responses as one line of text, whatever the {@code Accept} header asks
 * for: {@code gateway: STATUS REASON}.
 */
final class PlainErrors extends ErrorHandler {
  private final @Nullable FailureLog log;

  private PlainErrors(@Nullable FailureLog log) {
    this.log = log;
  }

  /** For requests that Jetty refuses itself. Its own lines about them are as long as a request. */
  static PlainErrors ofServer() {
    return new PlainErrors(new FailureLog("refused"));
  }

  /** For requests that the proxy has logged. */
  static PlainErrors ofProxy() {
    return new PlainErrors(null);
  }

  /** Jetty writes no text to methods other than GET, POST and HEAD. */
  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    String reason = message == null ? HttpStatus.getMessage(code) : message;
    // Jetty's messages may contain what the client sent.
    String text = "gateway: " + code + " " + reason.replaceAll("[^\\x20-\\x7e]", "?");
    if (log != null) {
      log.log(text);
    }
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain");
    Content.Sink.write(response, true, text + "\n", callback);
  }
}
