package io.github.requestmirror.client.contract;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.TestTls;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The HTTP client under test. It follows redirects. Any number of threads may use it. */
public interface TestClient extends AutoCloseable {
  /** Starts a call. */
  RunningCall start(TestRequest request) throws Exception;

  /** Sends a POST and waits for its end. */
  default CallResult post(String uri, byte[] body, String... headers) throws Exception {
    return start(TestRequest.post(uri, TestBody.of(body), headers)).result();
  }

  /** Waits until no connection is in use. */
  default void awaitIdle() {}

  @Override
  void close();

  /** A running call. */
  interface RunningCall {
    /** Waits for the end of the call. */
    CallResult result() throws Exception;

    void cancel();
  }

  /**
   * How a client works.
   *
   * @param mirror mirrors the calls; none if null
   * @param connectTimeout how long the client waits for a connection
   * @param responseTimeout how long the client waits for a response
   * @param retries how often the client repeats a call, below the adapter, that failed or got 503
   * @param expectContinue whether the client waits for 100 Continue before it writes a body
   * @param credentials whether the client responds to authentication challenges
   * @param tls whose certificate the client trusts; only those of public authorities if null
   */
  record Options(
      @Nullable Mirror mirror,
      Duration connectTimeout,
      Duration responseTimeout,
      int retries,
      boolean expectContinue,
      boolean credentials,
      @Nullable TestTls tls) {

    static Options of(@Nullable Mirror mirror) {
      Duration timeout = Duration.ofSeconds(30);
      return new Options(mirror, timeout, timeout, 0, false, false, null);
    }

    Options connectTimeout(Duration timeout) {
      return new Options(
          mirror, timeout, responseTimeout, retries, expectContinue, credentials, tls);
    }

    Options responseTimeout(Duration timeout) {
      return new Options(
          mirror, connectTimeout, timeout, retries, expectContinue, credentials, tls);
    }

    Options retries(int times) {
      return new Options(
          mirror, connectTimeout, responseTimeout, times, expectContinue, credentials, tls);
    }

    Options expectContinue(boolean expected) {
      return new Options(
          mirror, connectTimeout, responseTimeout, retries, expected, credentials, tls);
    }

    Options credentials(boolean given) {
      return new Options(
          mirror, connectTimeout, responseTimeout, retries, expectContinue, given, tls);
    }

    Options tls(TestTls trusted) {
      return new Options(
          mirror, connectTimeout, responseTimeout, retries, expectContinue, credentials, trusted);
    }
  }

  /** Starts clients and describes where they differ. */
  interface Factory {
    /** Starts a client with up to 16 connections. */
    TestClient start(Options options);

    /** Returns whether the client can send this request. */
    default boolean supports(TestRequest request) {
      return true;
    }

    /** Returns the outcome if one attempt wrote the complete body and the last one did not. */
    default Outcome outcomeIfTheLastAttemptIsIncomplete() {
      return Outcome.ACCEPTED;
    }

    /** Returns whether the client opens as many connections each time it repeats a failed call. */
    default boolean repeatsOnPredictableConnections() {
      return true;
    }
  }
}
