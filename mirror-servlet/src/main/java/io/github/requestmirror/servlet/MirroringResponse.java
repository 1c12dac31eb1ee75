package io.github.requestmirror.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;

/**
 * The response as it was. Tells the mirror that an answer begins before any call that may let its
 * first byte go, so that requests which depend on the answer are ordered after this one.
 *
 * <p>A status counts, although it does not go out by itself: an asynchronous answer without a body
 * may show nothing else before it is complete. Headers do not: filters set them long before there
 * is an answer.
 */
final class MirroringResponse extends HttpServletResponseWrapper {
  private final Mirroring mirroring;

  MirroringResponse(HttpServletResponse response, Mirroring mirroring) {
    super(response);
    this.mirroring = mirroring;
  }

  boolean isOf(Mirroring mirroring) {
    return this.mirroring == mirroring;
  }

  @Override
  public void setStatus(int status) {
    mirroring.answering();
    super.setStatus(status);
  }

  @Override
  public void sendError(int status) throws IOException {
    mirroring.answering();
    try {
      super.sendError(status);
    } finally {
      cutOff(status);
    }
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    mirroring.answering();
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
    mirroring.answering();
    super.sendRedirect(location);
  }

  // Since Servlet 6.1. In older containers nobody calls them, and nobody misses what they call.

  @Override
  public void sendRedirect(String location, int status) throws IOException {
    mirroring.answering();
    super.sendRedirect(location, status);
  }

  @Override
  public void sendRedirect(String location, boolean clearBuffer) throws IOException {
    mirroring.answering();
    super.sendRedirect(location, clearBuffer);
  }

  @Override
  public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
    mirroring.answering();
    super.sendRedirect(location, status, clearBuffer);
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    mirroring.answering();
    return super.getOutputStream();
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    mirroring.answering();
    return super.getWriter();
  }

  @Override
  public void flushBuffer() throws IOException {
    mirroring.answering();
    super.flushBuffer();
  }
}
