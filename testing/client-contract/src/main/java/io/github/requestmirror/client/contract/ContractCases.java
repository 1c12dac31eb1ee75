package io.github.requestmirror.client.contract;

import static io.github.requestmirror.client.contract.ContractCase.call;
import static io.github.requestmirror.client.contract.ScriptedPrimary.continues;
import static io.github.requestmirror.client.contract.ScriptedPrimary.resets;
import static io.github.requestmirror.client.contract.ScriptedPrimary.resetsAfter;
import static io.github.requestmirror.client.contract.ScriptedPrimary.responds;
import static io.github.requestmirror.client.contract.ScriptedPrimary.respondsEarly;

import io.github.requestmirror.client.contract.ScriptedPrimary.Step;
import io.github.requestmirror.client.contract.TestBody.Kind;
import io.github.requestmirror.testing.Wire;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The calls of {@link DifferentialContract}. */
final class ContractCases {
  private static final byte[] SMALL = Wire.bytes(2_000, 1);
  private static final byte[] MEDIUM = Wire.bytes(300_000, 2);

  /** Much more than sockets buffer. */
  private static final byte[] LARGE = Wire.bytes(12 << 20, 3);

  private static final String RESET = "IOException|SocketException|ConnectionResetException";
  private static final String REFUSED = "HttpHostConnectException|ConnectException";
  private static final String[] CHALLENGE = {
    "HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"", "Content-Length: 0"
  };

  private ContractCases() {}

  private static Step ok() {
    return responds("HTTP/1.1 200 Fine", "Content-Length: 2", "X-Test: yes", "", "ok");
  }

  private static Step status(String status, String... headers) {
    List<String> lines = new ArrayList<>(List.of("HTTP/1.1 " + status, "Content-Length: 0"));
    lines.addAll(List.of(headers));
    return responds(lines.toArray(String[]::new));
  }

  private static Step busy() {
    return status("503 Busy", "Retry-After: 0");
  }

  static List<ContractCase> all() {
    List<ContractCase> cases = new ArrayList<>();
    cases.addAll(requests());
    cases.addAll(responses());
    cases.addAll(retries());
    cases.addAll(redirects());
    cases.addAll(expectations());
    cases.addAll(failures());
    return cases;
  }

  private static List<ContractCase> requests() {
    List<ContractCase> cases = new ArrayList<>();
    for (String method : List.of("GET", "DELETE", "OPTIONS", "POST")) {
      cases.add(call(method + " without a body", ok()).method(method));
    }
    cases.add(call("HEAD", responds("HTTP/1.1 200 OK", "Content-Length: 9")).method("HEAD"));
    for (String method : List.of("GET", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY", "custom")) {
      cases.add(call(method + " with a body", ok()).method(method).body(Kind.DECLARED, SMALL));
    }
    for (int length : new int[] {0, 1, 8191, 8192, 8193, 16_384, 100_000, 3_000_000}) {
      byte[] body = Wire.bytes(length, length);
      cases.add(call("declared length " + length, ok()).body(Kind.DECLARED, body));
      cases.add(call("unknown length " + length, ok()).body(Kind.CHUNKED, body));
    }
    cases.add(call("large body", ok()).body(Kind.DECLARED, LARGE));
    cases.add(call("large chunked body", ok()).body(Kind.CHUNKED, LARGE));
    cases.add(call("one-shot body", ok()).body(Kind.ONE_SHOT, MEDIUM));
    cases.add(call("one-shot body, declared", ok()).body(Kind.ONE_SHOT_DECLARED, MEDIUM));
    cases.add(call("compressed body", ok()).body(Kind.COMPRESSED, MEDIUM));
    cases.add(
        call("repeated and empty headers", ok())
            .headers("X-B", "1", "x-a", "2", "X-B", "3", "X-Scope-OrgID", "t", "X-Empty", "")
            .body(Kind.DECLARED, SMALL));
    return cases;
  }

  private static List<ContractCase> responses() {
    return List.of(
        call("500", status("500 Oops")).body(Kind.DECLARED, SMALL).result("500"),
        call("400", status("400 No")).body(Kind.CHUNKED, SMALL).result("400"),
        call("404 without a body", status("404 Not Found")).method("DELETE").result("404"),
        call("HTTP/1.0", responds("HTTP/1.0 200 OK", "Content-Length: 2", "", "ok"))
            .body(Kind.DECLARED, SMALL),
        call(
                "response without a length",
                exchange -> {
                  exchange.readBody();
                  exchange.send("HTTP/1.1 200 OK", "Connection: close", "", "complete");
                  exchange.closeConnection();
                })
            .body(Kind.DECLARED, SMALL),
        call(
                "interim response",
                exchange -> {
                  exchange.send("HTTP/1.1 103 Early Hints", "Link: x");
                  ok().play(exchange);
                })
            .body(Kind.DECLARED, SMALL));
  }

  private static List<ContractCase> retries() {
    return List.of(
        call("503, repeated", busy(), ok()).body(Kind.DECLARED, MEDIUM).retries(1),
        call("503, repeated, chunked", busy(), ok()).body(Kind.CHUNKED, MEDIUM).retries(1),
        call("503, repeated, without a body", busy(), ok()).method("DELETE").retries(1),
        call("503, not repeated with a one-shot body", busy())
            .body(Kind.ONE_SHOT, MEDIUM)
            .retries(1)
            .result("503"),
        call("503 to all attempts", busy()).body(Kind.DECLARED, SMALL).retries(2).result("503"),
        call("reset, repeated", resets(), ok()).body(Kind.DECLARED, MEDIUM).retries(1),
        call("reset within the body, repeated", resetsAfter(100_000), ok())
            .body(Kind.DECLARED, LARGE)
            .retries(1),
        call(
                "two resets within the chunked body, repeated",
                resetsAfter(100_000),
                resetsAfter(9_000),
                ok())
            .body(Kind.CHUNKED, LARGE)
            .retries(2),
        call("503, then a reset within the body", busy(), resetsAfter(100_000))
            .body(Kind.DECLARED, LARGE)
            .retries(1)
            .result(RESET)
            .racy()
            .lastAttemptIncomplete(),
        call("resets within the body of all attempts", resetsAfter(100_000))
            .body(Kind.DECLARED, LARGE)
            .retries(1)
            .result(RESET)
            .racy()
            .incomplete());
  }

  private static List<ContractCase> redirects() {
    List<ContractCase> cases = new ArrayList<>();
    for (String status : List.of("301 Moved", "302 Found", "303 See Other")) {
      cases.add(
          call(status + ", repeated as GET", status(status, "Location: /elsewhere"), ok())
              .body(status.startsWith("303") ? Kind.CHUNKED : Kind.DECLARED, SMALL));
    }
    cases.add(
        call("307", status("307 Temporary", "Location: /elsewhere?y=2"), ok())
            .body(Kind.DECLARED, MEDIUM));
    cases.add(
        call("308", status("308 Permanent", "Location: /elsewhere?y=2"), ok())
            .body(Kind.CHUNKED, MEDIUM));
    cases.add(
        call("307, then 404", status("307 Temporary", "Location: /a"), status("404 Not Found"))
            .body(Kind.DECLARED, MEDIUM)
            .result("404"));
    cases.add(
        call("endless redirects", status("307 Temporary", "Location: /api/v1/push?x=1"))
            .body(Kind.DECLARED, SMALL)
            .result("ClientProtocolException|CircularRedirectException|ProtocolException"));
    cases.add(
        call("challenge", responds(CHALLENGE), ok()).body(Kind.DECLARED, MEDIUM).credentials());
    cases.add(
        call("challenge, chunked", responds(CHALLENGE), ok())
            .body(Kind.CHUNKED, MEDIUM)
            .credentials());
    cases.add(
        call("challenge without credentials", responds(CHALLENGE))
            .body(Kind.DECLARED, MEDIUM)
            .result("401"));
    return cases;
  }

  private static List<ContractCase> expectations() {
    return List.of(
        call("100 Continue", continues(ok())).body(Kind.DECLARED, MEDIUM).expectContinue(),
        call("100 Continue, one-shot body", continues(ok()))
            .body(Kind.ONE_SHOT, MEDIUM)
            .expectContinue(),
        call(
                "417 instead of 100 Continue",
                respondsEarly("HTTP/1.1 417 No", "Content-Length: 0", "Connection: close"))
            .body(Kind.DECLARED, MEDIUM)
            .expectContinue()
            .result("417")
            .incomplete(),
        call(
                "413 instead of 100 Continue",
                respondsEarly("HTTP/1.1 413 No", "Content-Length: 0", "Connection: close"))
            .body(Kind.CHUNKED, MEDIUM)
            .expectContinue()
            .result("413")
            .incomplete(),
        call(
                "challenge instead of 100 Continue",
                respondsEarly(CHALLENGE[0], CHALLENGE[1], CHALLENGE[2], "Connection: close"),
                continues(ok()))
            .body(Kind.DECLARED, MEDIUM)
            .expectContinue()
            .credentials(),
        call("100 Continue, then a reset", continues(resetsAfter(10)))
            .body(Kind.DECLARED, LARGE)
            .expectContinue()
            .result(RESET)
            .racy()
            .incomplete());
  }

  private static List<ContractCase> failures() {
    List<ContractCase> cases = new ArrayList<>();
    cases.add(call("refused").body(Kind.DECLARED, SMALL).refused().result(REFUSED).incomplete());
    for (String method : List.of("GET", "DELETE")) {
      cases.add(
          call("refused " + method + " without a body")
              .method(method)
              .refused()
              .result(REFUSED)
              .incomplete());
    }
    cases.add(
        call("refused with an empty body")
            .body(Kind.DECLARED, new byte[0])
            .refused()
            .result(REFUSED)
            .incomplete());
    cases.add(
        call("reset after the complete body", resets())
            .body(Kind.CHUNKED, SMALL)
            .result(RESET)
            .racy());
    cases.add(call("reset without a body", resets()).method("DELETE").result(RESET).racy());
    cases.add(
        call("reset within the body", resetsAfter(10))
            .body(Kind.DECLARED, LARGE)
            .result(RESET)
            .racy()
            .incomplete());
    // Without a declared length, only the adapter knows that the body is incomplete.
    cases.add(
        call("reset within the chunked body", resetsAfter(10))
            .body(Kind.CHUNKED, LARGE)
            .result(RESET)
            .racy()
            .incomplete());
    cases.add(
        call(
                "timeout after the complete body",
                exchange -> {
                  exchange.readBody();
                  exchange.awaitClose();
                })
            .body(Kind.DECLARED, MEDIUM)
            .responseTimeout(Duration.ofMillis(300))
            .result("SocketTimeoutException"));
    cases.add(
        call(
                "connection closed without a response",
                exchange -> {
                  exchange.readBody();
                  exchange.closeConnection();
                })
            .body(Kind.DECLARED, SMALL)
            .result("NoHttpResponseException|ConnectionClosedException|IOException"));
    cases.add(
        call(
                "response that is not HTTP",
                exchange -> {
                  exchange.readBody();
                  exchange.send("SMTP 1");
                  exchange.closeConnection();
                })
            .body(Kind.DECLARED, SMALL)
            .result("NoHttpResponseException|ParseException|ProtocolException|IOException"));
    cases.add(
        call(
                "incomplete response",
                exchange -> {
                  exchange.readBody();
                  exchange.send("HTTP/1.1 200 OK", "Content-Length: 100", "", "half");
                  exchange.closeConnection();
                })
            .body(Kind.DECLARED, SMALL)
            .result("ConnectionClosedException|ProtocolException"));
    cases.add(failingBody(Kind.FAILS_WITH_IO_EXCEPTION, "IOException"));
    cases.add(failingBody(Kind.FAILS_WITH_RUNTIME_EXCEPTION, "IllegalStateException"));
    cases.add(failingBody(Kind.FAILS_WITH_ERROR, "LinkageError"));
    cases.add(failingBody(Kind.CHUNKED_FAILS_WITH_IO_EXCEPTION, "IOException"));
    cases.add(failingBody(Kind.CHUNKED_FAILS_WITH_RUNTIME_EXCEPTION, "IllegalStateException"));
    cases.add(failingBody(Kind.CHUNKED_FAILS_WITH_ERROR, "LinkageError"));
    return cases;
  }

  private static ContractCase failingBody(Kind kind, String exception) {
    return call(
            kind + " with " + exception,
            exchange -> exchange.in().transferTo(OutputStream.nullOutputStream()))
        .body(kind, MEDIUM)
        .result(exception)
        .incomplete();
  }
}
