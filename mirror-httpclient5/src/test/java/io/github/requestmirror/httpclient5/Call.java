package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.httpclient5.Primary.Step;
import java.util.ArrayList;
import java.util.List;
import org.apache.hc.core5.http.ContentType;
import org.jspecify.annotations.Nullable;

/** A call to make with and without the mirror, and what is expected of both. */
final class Call {
  /** How a body is handed to the client. */
  enum Kind {
    /** Bytes of a known length. */
    FIXED,
    /** Bytes, chunked on the wire. */
    CHUNKED,
    /** A stream of unknown length that can be read once. */
    STREAM,
    /** A stream of a known length that can be read once. */
    STREAM_WITH_LENGTH,
    /** Compressed while it is written. */
    GZIP,
    /** Ends half-way with an {@code IOException}. */
    FAILS_WITH_IO_EXCEPTION,
    /** Ends half-way with a {@code RuntimeException}. */
    FAILS_WITH_RUNTIME_EXCEPTION,
    /** Ends half-way with an {@code Error}. */
    FAILS_WITH_ERROR
  }

  final String name;
  final List<Step> script = new ArrayList<>();
  final List<String> headers = new ArrayList<>();
  String method = "POST";
  String path = "/api/v1/push?x=1";
  byte @Nullable [] body;
  Kind kind = Kind.FIXED;
  ContentType contentType = ContentType.create("application/x-protobuf");
  int retries;
  boolean expectContinue;
  boolean credentials;
  boolean refused;
  long responseTimeoutMillis = 20_000;

  /** What the caller sees: a status, or the class of an exception; a pattern. */
  String seen = "204";

  /** Whether which exception it is depends on who is first. */
  boolean racy;

  Outcome outcome = Outcome.ACCEPTED;

  private Call(String name) {
    this.name = name;
  }

  static Call call(String name, Step... script) {
    Call call = new Call(name);
    call.script.addAll(List.of(script));
    return call;
  }

  Call method(String newMethod) {
    method = newMethod;
    return this;
  }

  Call headers(String... namesAndValues) {
    headers.addAll(List.of(namesAndValues));
    return this;
  }

  Call body(Kind newKind, byte[] newBody) {
    kind = newKind;
    body = newBody;
    return this;
  }

  Call retries(int times) {
    retries = times;
    return this;
  }

  Call expectContinue() {
    expectContinue = true;
    return this;
  }

  Call credentials() {
    credentials = true;
    return this;
  }

  Call refused() {
    refused = true;
    return this;
  }

  Call responseTimeout(long millis) {
    responseTimeoutMillis = millis;
    return this;
  }

  Call seen(String statusOrException) {
    seen = statusOrException;
    return this;
  }

  Call racy() {
    racy = true;
    return this;
  }

  Call mirrored(Outcome newOutcome) {
    outcome = newOutcome;
    return this;
  }

  @Override
  public String toString() {
    return name;
  }
}
