package io.github.requestmirror.gateway;

import java.util.Map;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;

/** The server on the admin port: switches, and a fixed set of pages for GET and HEAD. */
final class AdminServer {
  private static final int MAX_THREADS = 8;

  private AdminServer() {}

  static Server open(GatewayOptions options) {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    return Ports.open(
        "--admin", options.bind(), options.admin(), "admin", MAX_THREADS, configuration);
  }

  static void handle(Server server, AdminSwitches switches, Map<String, Supplier<Page>> pages) {
    server.setHandler(new Handler.Sequence(switches, new Pages(pages)));
  }

  static boolean isRead(Request request) {
    return HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
  }

  static void write(Page page, Response response, Callback callback) {
    response.setStatus(page.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, page.contentType());
    Content.Sink.write(response, true, page.text(), callback);
  }

  /**
   * The response to a request for one path.
   *
   * @param status the status code
   * @param contentType the media type
   * @param text the body
   */
  record Page(int status, String contentType, String text) {
    static Page text(int status, String text) {
      return new Page(status, "text/plain; charset=utf-8", text + "\n");
    }
  }

  private static final class Pages extends Handler.Abstract {
    private final Map<String, Supplier<Page>> pages;

    Pages(Map<String, Supplier<Page>> pages) {
      this.pages = Map.copyOf(pages);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      write(page(request, response), response, callback);
      return true;
    }

    private Page page(Request request, Response response) {
      Supplier<Page> page = pages.get(Request.getPathInContext(request));
      if (page == null) {
        return Page.text(HttpStatus.NOT_FOUND_404, "not found");
      }
      if (!isRead(request)) {
        response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
        return Page.text(HttpStatus.METHOD_NOT_ALLOWED_405, "method not allowed");
      }
      return page.get();
    }
  }
}
