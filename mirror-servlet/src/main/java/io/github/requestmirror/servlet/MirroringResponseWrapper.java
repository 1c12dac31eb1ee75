package io.github.requestmirror.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;

/**
 * The response as it was. Tells the mirror that a response begins before any call that may let its
 * first byte go, so that requests which depend on the response are ordered after this one.
 *
 * <p>A status counts, although it does not go out by itself: an asynchronous response without a
 * body may show nothing else before it is complete. Headers do not: filters set them long before
 * there is a response.
 */
final class MirroringResponseWrapper extends HttpServletResponseWrapper {
  private final MirroredRequest mirroring;

  MirroringResponseWrapper(HttpServletResponse response, MirroredRequest mirroring) {
    super(response);
    this.mirroring = mirroring;
  }

  boolean isOf(MirroredRequest mirroring) {
    return this.mirroring == mirroring;
  }

  @Override
  public void setStatus(int status) {
    mirroring.responding();
    super.setStatus(status);
  }

  @Override
  public void sendError(int status) throws IOException {
    mirroring.responding();
    try {
      super.sendError(status);
    } finally {
      cutOff(status);
    }
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    mirroring.responding();
    try {
      super.sendError(status, message);
    } finally {
      cutOff(status);
    }
  }

  /** Jetty's way to close the connection; it calls no {@code AsyncListener} after that. */
  private void cutOff(int status) {
    if (status == -1) {
      mirroring.cutOff();
    }
  }

  @Override
  public void sendRedirect(String location) throws IOException {
    mirroring.responding();
    super.sendRedirect(location);
  }

  // Since Servlet 6.1. In older containers nobody calls them, and nobody misses what they call.

  @Override
  public void sendRedirect(String location, int status) throws IOException {
    mirroring.responding();
    super.sendRedirect(location, status);
  }

  @Override
  public void sendRedirect(String location, boolean clearBuffer) throws IOException {
    mirroring.responding();
    super.sendRedirect(location, clearBuffer);
  }

  @Override
  public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
    mirroring.responding();
    super.sendRedirect(location, status, clearBuffer);
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    mirroring.responding();
    return super.getOutputStream();
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    mirroring.responding();
    return super.getWriter();
  }

  @Override
  public void flushBuffer() throws IOException {
    mirroring.responding();
    super.flushBuffer();
  }
}
