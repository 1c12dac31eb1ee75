package io.github.requestmirror.settings;

import static io.github.requestmirror.settings.SettingText.flag;
import static io.github.requestmirror.settings.SettingText.lines;
import static io.github.requestmirror.settings.SettingText.words;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.internal.policy.HttpSyntax;
import io.github.requestmirror.settings.Definition.Quantity;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/** The settings of a policy, in the order in which they are applied. */
final class PolicySettings {
  private static final String MATCH = "match";
  private static final List<String> CREDENTIALS =
      List.of("bearerToken", "bearerTokenFile", "basicAuth", "basicAuthFile");

  private static final String FIELD = "NAME: VALUE";
  private static final String FLAG = "true|false";
  private static final String BY_MATCH = "by match";

  private PolicySettings() {}

  static List<Definition> definitions() {
    return List.of(
        Definition.of(
            MATCH,
            "WHAT",
            "writes",
            false,
            "Requests to mirror. writes: remote-write and OTLP; all: every request except those"
                + " that change or stop a cluster; custom: every request, and nothing is denied."),
        Definition.of("methods", "METHODS", BY_MATCH, true, "Only requests with these methods.")
            .onPolicy((policy, value) -> policy.methods(words(value).toArray(String[]::new))),
        Definition.of(
                "path",
                "PATHS",
                BY_MATCH,
                true,
                "Only requests to these raw paths; in addition to those of match=writes.")
            .onPolicy((policy, value) -> words(value).forEach(policy::path)),
        Definition.of(
                "pathPrefix",
                "PATHS",
                BY_MATCH,
                true,
                "The same, for all paths that start like this.")
            .onPolicy((policy, value) -> words(value).forEach(policy::pathPrefix)),
        Definition.of("header", FIELD, null, true, "Only requests with this header.")
            .onPolicy((policy, value) -> fields(value, policy::header))
            .asSecret(),
        Definition.of("deny", "[METHOD] PATH", BY_MATCH, true, "Never requests to this endpoint.")
            .onPolicy((policy, value) -> lines(value).forEach(line -> deny(policy, line))),
        Definition.of("fraction", Quantity.NUMBER, "1", "0 to 1", "Fraction that is mirrored.")
            .onPolicy((policy, value) -> policy.fraction(SettingText.number(value))),
        Definition.of(
                "sampleBy",
                "HEADER",
                Cortex.TENANT_HEADER,
                false,
                "Header by which the fraction is chosen: all requests with one value, or none.")
            .onPolicy((policy, value) -> sampleBy(policy, value)),
        Definition.of("sampleRandomly", FLAG, "false", false, "Samples each request independently.")
            .onPolicy((policy, value) -> when(value, policy::sampleRandomly)),
        Definition.of(
                "order",
                "ORDER",
                "none for GET, HEAD, OPTIONS and reads, causal for others",
                false,
                "Order of all copies: causal, fifo or none.")
            .onPolicy((policy, value) -> policy.order(order(value))),
        Definition.of("readOnly", "PATHS", BY_MATCH, true, "Ends of paths that only read.")
            .onPolicy((policy, value) -> words(value).forEach(policy::readOnly)),
        Definition.of(
                "scope",
                "HEADER",
                BY_MATCH,
                false,
                "Header with the scope of the order: copies with one value are ordered.")
            .onPolicy((policy, value) -> scope(policy, value)),
        Definition.of(
                "whenPrimaryResponds",
                "CLASSES",
                "copies do not wait",
                true,
                "Only requests that the primary responds to with these classes; 2 is 200 to 299.")
            .onPolicy(
                (policy, value) ->
                    policy.whenPrimaryResponds(
                        words(value).stream().mapToInt(SettingText::integer).toArray())),
        Definition.of(
                "forwardCredentials", FLAG, "false", false, "Forwards the client's credentials.")
            .onPolicy((policy, value) -> policy.forwardCredentials(flag(value))),
        Definition.of(
                "traceContext",
                "CONTEXT",
                "drop",
                false,
                "Trace context of the copies: drop, unsampled or keep.")
            .onPolicy((policy, value) -> policy.traceContext(traceContext(value))),
        Definition.of("bearerToken", "TOKEN", null, false, "Bearer token of the copies.")
            .onPolicy(PolicySettings::bearer)
            .asSecret(),
        Definition.of("bearerTokenFile", "FILE", null, false, "The same, from a file.")
            .onPolicy((policy, value) -> bearer(policy, SettingFiles.secret(value))),
        Definition.of("basicAuth", "USER:PASSWORD", null, false, "Basic authentication of copies.")
            .onPolicy(PolicySettings::basic)
            .asSecret(),
        Definition.of("basicAuthFile", "FILE", null, false, "The same, from a file.")
            .onPolicy((policy, value) -> basic(policy, SettingFiles.secret(value))),
        Definition.of("setHeader", FIELD, null, true, "Sets a header of the copies.")
            .onPolicy((policy, value) -> fields(value, policy::setHeader))
            .asSecret(),
        Definition.of("addHeader", FIELD, null, true, "Adds a header to the copies.")
            .onPolicy((policy, value) -> fields(value, policy::addHeader))
            .asSecret(),
        Definition.of("removeHeader", "HEADERS", null, true, "Removes headers of the copies.")
            .onPolicy((policy, value) -> words(value).forEach(policy::removeHeader)),
        Definition.of("keepHost", FLAG, "false", false, "Keeps the Host of the request.")
            .onPolicy((policy, value) -> when(value, policy::keepHost)),
        Definition.of("host", "HOST", "that of the target", false, "Host of the copies.")
            .onPolicy(MirrorPolicy.Builder::host),
        Definition.of(
                "keepContextPath", FLAG, "false", false, "Keeps the context path of a web app.")
            .onPolicy((policy, value) -> when(value, policy::keepContextPath)),
        Definition.of(
                "replacePathPrefix",
                "OLD NEW",
                null,
                false,
                "Replaces the first segments of the path; / as NEW removes them.")
            .onPolicy(PolicySettings::replacePathPrefix));
  }

  /** Returns the builder to which the other settings are applied. */
  static MirrorPolicy.Builder preset(Map<String, String> values, UnaryOperator<String> label) {
    List<String> credentials = credentials(values);
    if (credentials.size() > 1) {
      throw new IllegalArgumentException(
          label.apply(credentials.get(0))
              + " is not possible with "
              + label.apply(credentials.get(1))
              + ", must be without it");
    }
    String match = values.getOrDefault(MATCH, "writes");
    return switch (match) {
      case "writes" -> Cortex.writes();
      case "all" -> Cortex.everything();
      case "custom" -> MirrorPolicy.builder();
      default ->
          throw new IllegalArgumentException(
              label.apply(MATCH) + " = '" + match + "': must be 'writes', 'all' or 'custom'");
    };
  }

  /** Returns the names of the settings that set the Authorization of the copies. */
  static List<String> credentials(Map<String, String> values) {
    return CREDENTIALS.stream().filter(values::containsKey).toList();
  }

  private static void when(String value, Runnable setter) {
    if (flag(value)) {
      setter.run();
    }
  }

  private static void fields(String value, BiConsumer<String, String> setter) {
    for (String line : lines(value)) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException("must have the form 'NAME: VALUE'");
      }
      setter.accept(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
    }
  }

  private static void deny(MirrorPolicy.Builder policy, String line) {
    String[] parts = line.split("\\s+", 2);
    if (parts.length == 2) {
      policy.deny(parts[0], parts[1]);
    } else {
      policy.deny("*", line);
    }
  }

  private static void sampleBy(MirrorPolicy.Builder policy, String header) {
    requireName(header);
    policy.sampleBy(head -> head.header(header));
  }

  private static void scope(MirrorPolicy.Builder policy, String header) {
    requireName(header);
    policy.scope(head -> head.header(header));
  }

  private static void requireName(String header) {
    if (!HttpSyntax.isToken(header)) {
      throw new IllegalArgumentException("must be the name of a header");
    }
  }

  private static MirrorOrder order(String value) {
    return switch (value) {
      case "causal" -> MirrorOrder.CAUSAL;
      case "fifo" -> MirrorOrder.FIFO;
      case "none" -> MirrorOrder.NONE;
      default -> throw new IllegalArgumentException("must be 'causal', 'fifo' or 'none'");
    };
  }

  private static MirrorTraceContext traceContext(String value) {
    return switch (value) {
      case "drop" -> MirrorTraceContext.DROP;
      case "unsampled" -> MirrorTraceContext.UNSAMPLED;
      case "keep" -> MirrorTraceContext.KEEP;
      default -> throw new IllegalArgumentException("must be 'drop', 'unsampled' or 'keep'");
    };
  }

  private static void bearer(MirrorPolicy.Builder policy, String token) {
    policy.setHeader("Authorization", "Bearer " + token);
  }

  /** The charset is UTF-8, as RFC 7617 2.1 recommends. */
  private static void basic(MirrorPolicy.Builder policy, String userAndPassword) {
    if (userAndPassword.indexOf(':') < 0) {
      throw new IllegalArgumentException("must have the form USER:PASSWORD");
    }
    byte[] bytes = userAndPassword.getBytes(StandardCharsets.UTF_8);
    policy.setHeader("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
  }

  private static void replacePathPrefix(MirrorPolicy.Builder policy, String value) {
    String[] prefixes = value.split("\\s+", -1);
    if (prefixes.length != 2) {
      throw new IllegalArgumentException("must be two paths, separated by a blank");
    }
    policy.replacePathPrefix(prefixes[0], prefixes[1]);
  }
}
