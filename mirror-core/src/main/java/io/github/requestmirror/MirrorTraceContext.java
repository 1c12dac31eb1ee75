package io.github.requestmirror;

/**
 * What a copy has of the trace context of its request: the headers {@code traceparent} and {@code
 * tracestate} of <a href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>, {@code b3}
 * and {@code X-B3-*} of <a href="https://github.com/openzipkin/b3-propagation">B3</a>, and {@code
 * uber-trace-id} and {@code jaeger-debug-id} of <a
 * href="https://www.jaegertracing.io/sdk-migration/#propagation-format">Jaeger</a>. Headers of
 * other formats are sent as any header; {@link MirrorPolicy.Builder#removeHeader} removes them.
 */
public enum MirrorTraceContext {
  /**
   * Removes the headers. The target treats the copy as a request of a client without tracing: its
   * spans, if it records any, are a trace of their own. The default.
   */
  DROP,

  /**
   * Keeps the identifiers, so that log lines of the target can be found by the trace, and says that
   * the trace is not recorded: the flag of {@code traceparent} is cleared, the sampling state of
   * {@code b3} is {@code 0}, {@code X-B3-Sampled} is {@code 0}, and the flags of {@code
   * uber-trace-id} are {@code 0}. Removed are {@code X-B3-Flags} and {@code jaeger-debug-id}, which
   * ask for a record, {@code tracestate}, in which vendors keep sampling decisions of their own,
   * and headers that are not valid or repeated. A target that records what it is not asked to still
   * adds its spans to the trace of the primary.
   */
  UNSAMPLED,

  /**
   * Sends the headers unchanged. The spans of the target become part of the trace of the primary.
   */
  KEEP
}
