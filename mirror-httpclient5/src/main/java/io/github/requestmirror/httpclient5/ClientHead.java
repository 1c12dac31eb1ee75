package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import java.util.Iterator;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.net.URIAuthority;
import org.jspecify.annotations.Nullable;

/**
 * A view of a request for policies and copies: its headers, followed by those that the client
 * derives from the entity and the host and that the caller did not set. Used while the capture is
 * opened.
 */
record ClientHead(HttpRequest request, @Nullable EntityDetails entity) implements RequestHead {
  private static final String[] ADDED = {
    HttpHeaders.CONTENT_LENGTH,
    HttpHeaders.CONTENT_TYPE,
    HttpHeaders.CONTENT_ENCODING,
    HttpHeaders.HOST
  };

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String rawPath() {
    String target = target();
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  @Override
  public @Nullable String rawQuery() {
    String target = target();
    int query = target.indexOf('?');
    return query < 0 ? null : target.substring(query + 1);
  }

  private String target() {
    String target = request.getPath();
    return target == null ? "" : target;
  }

  @Override
  public @Nullable String header(String name) {
    Header header = request.getFirstHeader(name);
    if (header != null) {
      return value(header);
    }
    for (String added : ADDED) {
      if (added.equalsIgnoreCase(name)) {
        return added(added);
      }
    }
    return null;
  }

  @Override
  public Headers headers() {
    Headers.Builder headers = Headers.builder(16);
    for (Iterator<Header> it = request.headerIterator(); it.hasNext(); ) {
      Header header = it.next();
      headers.add(header.getName(), value(header));
    }
    for (String name : ADDED) {
      String value = request.containsHeader(name) ? null : added(name);
      if (value != null) {
        headers.add(name, value);
      }
    }
    return headers.build();
  }

  private static String value(Header header) {
    String value = header.getValue();
    return value == null ? "" : value;
  }

  private @Nullable String added(String name) {
    if (name.equals(HttpHeaders.HOST)) {
      URIAuthority authority = request.getAuthority();
      return authority == null
          ? null
          : new URIAuthority(authority.getHostName(), authority.getPort()).toString();
    }
    if (entity == null) {
      return null;
    }
    return switch (name) {
      case HttpHeaders.CONTENT_TYPE -> entity.getContentType();
      case HttpHeaders.CONTENT_ENCODING -> entity.getContentEncoding();
      default -> length(entity);
    };
  }

  /** Omits what the request's text may contain: the query. */
  @Override
  public String toString() {
    return method() + ' ' + rawPath();
  }

  /** Returns the length that the client will declare and enforce. */
  private static @Nullable String length(EntityDetails entity) {
    long length = entity.isChunked() ? -1 : entity.getContentLength();
    return length < 0 ? null : Long.toString(length);
  }
}
