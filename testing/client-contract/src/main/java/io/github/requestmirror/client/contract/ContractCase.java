package io.github.requestmirror.client.contract;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.client.contract.ScriptedPrimary.Step;
import io.github.requestmirror.client.contract.TestBody.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call to make without and with the mirror, and what to expect of both. */
final class ContractCase {
  private final String name;
  final List<Step> script;
  List<String> headers = List.of();
  String method = "POST";
  String path = "/api/v1/push?x=1";
  byte @Nullable [] body;
  Kind kind = Kind.DECLARED;
  int retries;
  boolean expectContinue;
  boolean credentials;
  boolean refused;
  Duration responseTimeout = Duration.ofSeconds(20);

  /** A pattern of {@link CallResult#outcome}. */
  String result = "200";

  /** Whether the reported failure depends on whether the client reads or writes first. */
  boolean racy;

  Outcome outcome = Outcome.ACCEPTED;

  /** Whether one attempt writes the complete body and the last one does not. */
  boolean lastAttemptIncomplete;

  private ContractCase(String name, Step... script) {
    this.name = name;
    this.script = List.of(script);
  }

  static ContractCase call(String name, Step... script) {
    return new ContractCase(name, script);
  }

  ContractCase method(String newMethod) {
    method = newMethod;
    return this;
  }

  ContractCase headers(String... namesAndValues) {
    headers = List.of(namesAndValues);
    return this;
  }

  ContractCase body(Kind newKind, byte[] newBody) {
    kind = newKind;
    body = newBody;
    return this;
  }

  ContractCase retries(int times) {
    retries = times;
    return this;
  }

  ContractCase expectContinue() {
    expectContinue = true;
    return this;
  }

  ContractCase credentials() {
    credentials = true;
    return this;
  }

  ContractCase refused() {
    refused = true;
    return this;
  }

  ContractCase responseTimeout(Duration timeout) {
    responseTimeout = timeout;
    return this;
  }

  ContractCase result(String statusOrException) {
    result = statusOrException;
    return this;
  }

  ContractCase racy() {
    racy = true;
    return this;
  }

  ContractCase incomplete() {
    outcome = Outcome.BODY_INCOMPLETE;
    return this;
  }

  ContractCase lastAttemptIncomplete() {
    lastAttemptIncomplete = true;
    return this;
  }

  TestRequest request(String server) {
    TestBody newBody = body == null ? null : new TestBody(body, 1, kind, "application/x-protobuf");
    return new TestRequest(method, server + path, headers, newBody);
  }

  @Override
  public String toString() {
    return name;
  }
}
