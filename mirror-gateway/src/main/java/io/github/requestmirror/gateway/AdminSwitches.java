package io.github.requestmirror.gateway;

import io.github.requestmirror.Mirror;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The switches of the mirror on the admin port: {@code /enabled}, and {@code /fraction/NAME} for
 * each target. GET returns the value, PUT sets it. A web page cannot make a browser send a PUT to
 * another origin.
 */
final class AdminSwitches extends Handler.Abstract {
  private static final String ENABLED = "/enabled";
  private static final String FRACTION = "/fraction/";
  private static final int MAX_BODY = 64;

  private final Mirror mirror;
  private final AdminAccess access;

  AdminSwitches(Mirror mirror, AdminAccess access) {
    this.mirror = mirror;
    this.access = access;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws IOException {
    String path = Request.getPathInContext(request);
    if (!path.equals(ENABLED) && !path.startsWith(FRACTION)) {
      return false;
    }
    AdminServer.Page page = page(request, response, path);
    AdminServer.write(page, response, callback);
    return true;
  }

  private AdminServer.Page page(Request request, Response response, String path)
      throws IOException {
    boolean isChange = HttpMethod.PUT.is(request.getMethod());
    if (!isChange && !AdminServer.isRead(request)) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD, PUT");
      return AdminServer.Page.text(HttpStatus.METHOD_NOT_ALLOWED_405, "method not allowed");
    }
    if (isChange) {
      switch (access.decide(
          request.getConnectionMetaData().getRemoteSocketAddress(),
          request.getHeaders().get(HttpHeader.AUTHORIZATION))) {
        case TOKEN_MISSING -> {
          response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
          return AdminServer.Page.text(
              HttpStatus.UNAUTHORIZED_401, "the token of --admin-token-file is missing or wrong");
        }
        case ANOTHER_MACHINE -> {
          return AdminServer.Page.text(
              HttpStatus.FORBIDDEN_403,
              "changes are possible from this machine only, unless there is --admin-token-file");
        }
        case ALLOWED -> {
          // The change follows.
        }
      }
    }
    try {
      String value = isChange ? body(request) : "";
      return path.equals(ENABLED)
          ? enabled(isChange, value)
          : fraction(path.substring(FRACTION.length()), isChange, value);
    } catch (IllegalArgumentException e) {
      return AdminServer.Page.text(HttpStatus.BAD_REQUEST_400, String.valueOf(e.getMessage()));
    }
  }

  private static String body(Request request) throws IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] bytes = in.readNBytes(MAX_BODY + 1);
      if (bytes.length > MAX_BODY) {
        throw new IllegalArgumentException("the body is too long");
      }
      return new String(bytes, StandardCharsets.UTF_8).strip();
    }
  }

  private AdminServer.Page enabled(boolean isChange, String value) {
    if (isChange) {
      switch (value) {
        case "true" -> mirror.enabled(true);
        case "false" -> mirror.enabled(false);
        default ->
            throw new IllegalArgumentException(
                "enabled = '" + value + "': must be 'true' or 'false'");
      }
    }
    return AdminServer.Page.text(HttpStatus.OK_200, Boolean.toString(mirror.enabled()));
  }

  private AdminServer.Page fraction(String target, boolean isChange, String value) {
    double current;
    try {
      current = mirror.policy(target).fraction();
    } catch (IllegalArgumentException e) {
      return AdminServer.Page.text(HttpStatus.NOT_FOUND_404, String.valueOf(e.getMessage()));
    }
    if (isChange) {
      try {
        current = Double.parseDouble(value);
        mirror.fraction(target, current);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "fraction = '" + value + "': must be a number from 0 to 1", e);
      }
    }
    return AdminServer.Page.text(HttpStatus.OK_200, Double.toString(current));
  }
}
