package io.github.requestmirror.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;

/**
 * The response that the application receives. Signals the begin of the response before any call
 * that may send its first byte, so that requests which depend on the response are ordered after
 * this one.
 *
 * <p>{@code setStatus} counts although it sends nothing: it may be the only call before an
 * asynchronous response without a body is complete. Headers do not count: filters set them long
 * before the response begins.
 */
final class MirroringResponseWrapper extends HttpServletResponseWrapper {
  private final MirroredRequest mirrored;

  MirroringResponseWrapper(HttpServletResponse response, MirroredRequest mirrored) {
    super(response);
    this.mirrored = mirrored;
  }

  boolean isOf(MirroredRequest mirrored) {
    return this.mirrored == mirrored;
  }

  @Override
  public void setStatus(int status) {
    mirrored.responding();
    super.setStatus(status);
  }

  @Override
  public void sendError(int status) throws IOException {
    mirrored.responding();
    try {
      super.sendError(status);
    } finally {
      connectionClosedIf(status);
    }
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    mirrored.responding();
    try {
      super.sendError(status, message);
    } finally {
      connectionClosedIf(status);
    }
  }

  /**
   * In Jetty the status -1 closes the connection, and no {@code AsyncListener} is called
   * afterwards.
   */
  private void connectionClosedIf(int status) {
    if (status == -1) {
      mirrored.connectionClosed();
    }
  }

  @Override
  public void sendRedirect(String location) throws IOException {
    mirrored.responding();
    super.sendRedirect(location);
  }

  // Since Servlet 6.1. Never called by Servlet 6.0 containers, which lack the super methods.

  @Override
  public void sendRedirect(String location, int status) throws IOException {
    mirrored.responding();
    super.sendRedirect(location, status);
  }

  @Override
  public void sendRedirect(String location, boolean clearBuffer) throws IOException {
    mirrored.responding();
    super.sendRedirect(location, clearBuffer);
  }

  @Override
  public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
    mirrored.responding();
    super.sendRedirect(location, status, clearBuffer);
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    mirrored.responding();
    return super.getOutputStream();
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    mirrored.responding();
    return super.getWriter();
  }

  @Override
  public void flushBuffer() throws IOException {
    mirrored.responding();
    super.flushBuffer();
  }
}
