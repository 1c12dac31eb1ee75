package io.github.requestmirror.gateway;

import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Drops the interim responses of the primary, any number of them (RFC 9110 15.2 asks only proxies
 * to forward them). Without a handler Jetty's client takes an interim response for the end of the
 * exchange and never delivers the final one; its own handlers accept 100, 102 and 103, and only one
 * 100.
 */
final class InterimResponses implements ProtocolHandler {
  @Override
  public String getName() {
    return "interim";
  }

  @Override
  public boolean accept(Request request, Response response) {
    return HttpStatus.isInterim(response.getStatus());
  }

  /** The listener replaces those of the request until the interim response has been read. */
  @Override
  public Response.Listener getResponseListener() {
    return new Response.Listener() {
      @Override
      public void onSuccess(Response response) {
        HttpExchange exchange = exchange(response);
        if (exchange != null) {
          exchange.resetResponse();
        }
      }

      @Override
      public void onFailure(Response response, Throwable failure) {
        HttpExchange exchange = exchange(response);
        if (exchange != null) {
          exchange.getResponseListeners().notifyFailure(response, failure);
        }
      }
    };
  }

  private static @Nullable HttpExchange exchange(Response response) {
    HttpConversation conversation = ((HttpRequest) response.getRequest()).getConversation();
    conversation.updateResponseListeners(null);
    return conversation.getExchanges().peekLast();
  }
}
