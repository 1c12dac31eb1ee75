package io.github.requestmirror.internal.policy;

import io.github.requestmirror.Headers;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The headers that carry the context of a trace: W3C Trace Context, B3 with one header and with
 * several, Jaeger. docs/configuration.md lists the same names.
 */
final class TraceHeaders {
  private static final String TRACEPARENT = "traceparent";
  private static final String B3 = "b3";
  private static final String B3_PREFIX = "X-B3-";
  private static final String B3_TRACE_ID = "X-B3-TraceId";
  private static final String B3_SPAN_ID = "X-B3-SpanId";
  private static final String B3_PARENT_SPAN_ID = "X-B3-ParentSpanId";
  private static final String B3_SAMPLED = "X-B3-Sampled";
  private static final String B3_FLAGS = "X-B3-Flags";
  private static final String UBER_TRACE_ID = "uber-trace-id";

  static final List<String> NAMES =
      List.of(TRACEPARENT, "tracestate", B3, UBER_TRACE_ID, "jaeger-debug-id");

  private static final String B3_TRACE = "(?!0+\\b)(?:[0-9a-f]{16}){1,2}";
  private static final String SPAN = "(?!0{16})[0-9a-f]{16}";
  private static final String COLON = "(?::|%3[Aa])";

  /** Version, identifiers, flags, and what a later version may append. */
  private static final Pattern VALID_TRACEPARENT =
      Pattern.compile(
          "(?!ff)([0-9a-f]{2})(-(?!0{32})[0-9a-f]{32}-" + SPAN + "-)([0-9a-f]{2})(-.*)?");

  /** The identifiers, the sampling state and the parent, or the sampling state alone. */
  private static final Pattern VALID_B3 =
      Pattern.compile("(" + B3_TRACE + "-" + SPAN + ")(?:-[01d](-" + SPAN + ")?)?|[01d]");

  private static final Pattern VALID_B3_TRACE_ID = Pattern.compile(B3_TRACE);
  private static final Pattern VALID_B3_SPAN_ID = Pattern.compile(SPAN);
  private static final Pattern VALID_B3_SAMPLED = Pattern.compile("[01]|true|false");
  private static final Pattern VALID_B3_FLAGS = Pattern.compile("[01]");

  private static final String NOT_ZERO = "(?!0+[:%])";

  /** Trace, span, parent, flags; the colons may be percent-encoded. A root has the parent 0. */
  private static final Pattern VALID_UBER_TRACE_ID =
      Pattern.compile(
          "("
              + (NOT_ZERO + "[0-9a-fA-F]{1,32}" + COLON)
              + (NOT_ZERO + "[0-9a-fA-F]{1,16}" + COLON)
              + ("[0-9a-fA-F]{1,16}" + COLON)
              + ")[0-9a-fA-F]{1,2}");

  private TraceHeaders() {}

  /** Returns whether a header has a part of the context. Does not allocate. */
  static boolean isTraceHeader(String name) {
    for (String other : NAMES) {
      if (other.equalsIgnoreCase(name)) {
        return true;
      }
    }
    return name.regionMatches(true, 0, B3_PREFIX, 0, B3_PREFIX.length());
  }

  /**
   * Adds the identifiers of the context, with the statement that its trace is not recorded. Leaves
   * out what is not valid.
   *
   * @param keeps returns whether a header may be added
   */
  static void addUnsampled(Headers from, Predicate<String> keeps, Headers.Builder to) {
    add(TRACEPARENT, traceparent(from), keeps, to);
    add(B3, b3(from), keeps, to);
    if (hasB3(from)) {
      add(B3_TRACE_ID, valueOf(from, B3_TRACE_ID), keeps, to);
      add(B3_SPAN_ID, valueOf(from, B3_SPAN_ID), keeps, to);
      add(B3_PARENT_SPAN_ID, valueOf(from, B3_PARENT_SPAN_ID), keeps, to);
      add(B3_SAMPLED, "0", keeps, to);
    }
    add(UBER_TRACE_ID, uberTraceId(from), keeps, to);
  }

  private static void add(
      String name, @Nullable String value, Predicate<String> keeps, Headers.Builder to) {
    if (value != null && keeps.test(name)) {
      to.add(name, value);
    }
  }

  /** Sends version 00, the one that is known here, as section 4 of the recommendation demands. */
  private static @Nullable String traceparent(Headers from) {
    Matcher matcher = matcher(VALID_TRACEPARENT, from, TRACEPARENT);
    if (matcher == null || (matcher.group(1).equals("00") && matcher.group(4) != null)) {
      return null;
    }
    // Apart from bit 0 (sampled), only bit 1 (random identifier) is defined.
    int flags = Integer.parseInt(matcher.group(3), 16) & 2;
    return "00" + matcher.group(2) + "0" + flags;
  }

  private static @Nullable String b3(Headers from) {
    Matcher matcher = matcher(VALID_B3, from, B3);
    if (matcher == null) {
      return null;
    }
    String parent = matcher.group(2) == null ? "" : matcher.group(2);
    return matcher.group(1) == null ? "0" : matcher.group(1) + "-0" + parent;
  }

  /** Returns whether the headers of B3 form a valid context: identifiers, or only a decision. */
  private static boolean hasB3(Headers from) {
    boolean valid =
        isAbsentOrValid(VALID_B3_TRACE_ID, from, B3_TRACE_ID)
            && isAbsentOrValid(VALID_B3_SPAN_ID, from, B3_SPAN_ID)
            && isAbsentOrValid(VALID_B3_SPAN_ID, from, B3_PARENT_SPAN_ID)
            && isAbsentOrValid(VALID_B3_SAMPLED, from, B3_SAMPLED)
            && isAbsentOrValid(VALID_B3_FLAGS, from, B3_FLAGS);
    boolean hasTrace = from.first(B3_TRACE_ID) != null;
    boolean hasSpan = from.first(B3_SPAN_ID) != null;
    if (!valid || hasTrace != hasSpan) {
      return false;
    }
    return hasTrace
        || (from.first(B3_PARENT_SPAN_ID) == null
            && (from.first(B3_SAMPLED) != null || from.first(B3_FLAGS) != null));
  }

  private static @Nullable String uberTraceId(Headers from) {
    Matcher matcher = matcher(VALID_UBER_TRACE_ID, from, UBER_TRACE_ID);
    return matcher == null ? null : matcher.group(1) + "0";
  }

  private static boolean isAbsentOrValid(Pattern valid, Headers from, String name) {
    return from.first(name) == null || matcher(valid, from, name) != null;
  }

  /** Returns the match of a header, or null if it is absent, repeated or not valid. */
  private static @Nullable Matcher matcher(Pattern valid, Headers from, String name) {
    String value = valueOf(from, name);
    Matcher matcher = value == null ? null : valid.matcher(value);
    return matcher != null && matcher.matches() ? matcher : null;
  }

  private static @Nullable String valueOf(Headers from, String name) {
    List<String> values = from.values(name);
    return values.size() == 1 ? values.get(0).strip() : null;
  }
}
