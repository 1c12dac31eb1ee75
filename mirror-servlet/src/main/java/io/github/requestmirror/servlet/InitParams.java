package io.github.requestmirror.servlet;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a mirror's configuration from the init-params of {@code web.xml}. */
final class InitParams {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final Pattern BYTES = Pattern.compile("(\\d{1,15})(|KiB|MiB|GiB)");

  /** User information in front of a host; it may contain a password. */
  private static final Pattern USER = Pattern.compile("^([^/]*//)?.*@");

  private final Map<String, BiConsumer<MirrorTarget.Builder, String>> targetParams =
      new LinkedHashMap<>();
  private final Map<String, BiConsumer<MirrorPolicy.Builder, String>> policyParams =
      new LinkedHashMap<>();

  private InitParams() {
    target("name", value -> value, MirrorTarget.Builder::name);
    target("maxInFlight", InitParams::integer, MirrorTarget.Builder::maxInFlight);
    target("bufferBytes", InitParams::bytes, MirrorTarget.Builder::bufferBytes);
    target("maxBodyBytes", InitParams::bytes, MirrorTarget.Builder::maxBodyBytes);
    target("maxRetries", InitParams::integer, MirrorTarget.Builder::maxRetries);
    target("maxQueueTime", InitParams::duration, MirrorTarget.Builder::maxQueueTime);
    target("connectTimeout", InitParams::duration, MirrorTarget.Builder::connectTimeout);
    target("callTimeout", InitParams::duration, MirrorTarget.Builder::callTimeout);
    target("maxResponseBytes", InitParams::bytes, MirrorTarget.Builder::maxResponseBytes);
    target("dnsRefreshInterval", InitParams::duration, MirrorTarget.Builder::dnsRefreshInterval);
    target(
        "connectionTimeToLive", InitParams::duration, MirrorTarget.Builder::connectionTimeToLive);
    target("drainTimeout", InitParams::duration, MirrorTarget.Builder::drainTimeout);
    policy("fraction", InitParams::fraction, MirrorPolicy.Builder::fraction);
    policy("order", InitParams::order, MirrorPolicy.Builder::order);
    policy("forwardCredentials", InitParams::flag, MirrorPolicy.Builder::forwardCredentials);
    policy("keepHost", InitParams::flag, InitParams::keepHost);
    policy("keepContextPath", InitParams::flag, InitParams::keepContextPath);
    policy(
        "whenPrimaryResponds",
        InitParams::statusClasses,
        MirrorPolicy.Builder::whenPrimaryResponds);
  }

  /**
   * Configures a mirror.
   *
   * @throws ServletException if an init-param is missing, unknown or invalid; the message names the
   *     init-param and the values that are allowed
   */
  static Mirror.Builder read(FilterConfig config) throws ServletException {
    try {
      return new InitParams().mirror(config);
    } catch (IllegalArgumentException e) {
      throw new ServletException("filter '" + config.getFilterName() + "': " + e.getMessage(), e);
    }
  }

  private Mirror.Builder mirror(FilterConfig config) {
    rejectUnknown(config);
    MirrorTarget.Builder target = target(config.getInitParameter("target"));
    apply(config, targetParams, target);
    MirrorPolicy.Builder policy = preset(config.getInitParameter("match"));
    apply(config, policyParams, policy);
    Mirror.Builder mirror = Mirror.builder().target(target.build(), policy.build());
    set("markerHeader", config.getInitParameter("markerHeader"), mirror::markerHeader);
    return mirror;
  }

  private void rejectUnknown(FilterConfig config) {
    TreeSet<String> known = new TreeSet<>(targetParams.keySet());
    known.addAll(policyParams.keySet());
    Collections.addAll(known, "target", "match", "markerHeader");
    for (String name : Collections.list(config.getInitParameterNames())) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "init-param '" + name + "' is unknown, must be one of " + known);
      }
    }
  }

  private static <B> void apply(
      FilterConfig config, Map<String, BiConsumer<B, String>> params, B builder) {
    params.forEach(
        (name, setter) ->
            set(name, config.getInitParameter(name), value -> setter.accept(builder, value)));
  }

  private static void set(String name, @Nullable String value, Consumer<String> setter) {
    if (value != null) {
      try {
        setter.accept(value.trim());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "init-param '" + name + "' = '" + value + "': " + e.getMessage(), e);
      }
    }
  }

  private <T> void target(
      String name, Function<String, T> parser, BiConsumer<MirrorTarget.Builder, T> setter) {
    targetParams.put(name, (builder, value) -> setter.accept(builder, parser.apply(value)));
  }

  private <T> void policy(
      String name, Function<String, T> parser, BiConsumer<MirrorPolicy.Builder, T> setter) {
    policyParams.put(name, (builder, value) -> setter.accept(builder, parser.apply(value)));
  }

  private static MirrorTarget.Builder target(@Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(
          "init-param 'target' is missing, must be a base URI such as http://secondary:9009");
    }
    String reason;
    try {
      return MirrorTarget.builder(new URI(value.trim()));
    } catch (URISyntaxException e) {
      reason = e.getReason() + " at index " + e.getIndex();
    } catch (IllegalArgumentException e) {
      reason = String.valueOf(e.getMessage());
    }
    String shown = USER.matcher(value).replaceFirst("$1***@");
    // Without a cause, which may show what the mask hides.
    throw new IllegalArgumentException(
        "init-param 'target' = '" + shown + "': " + reason.replace(value.trim(), shown.trim()));
  }

  private static MirrorPolicy.Builder preset(@Nullable String match) {
    return switch (match == null ? "writes" : match.trim()) {
      case "all" -> Cortex.everything();
      case "writes" -> Cortex.writes();
      default ->
          throw new IllegalArgumentException(
              "init-param 'match' = '" + match + "' must be 'all' or 'writes'");
    };
  }

  private static void keepHost(MirrorPolicy.Builder builder, boolean keep) {
    if (keep) {
      builder.keepHost();
    }
  }

  private static void keepContextPath(MirrorPolicy.Builder builder, boolean keep) {
    if (keep) {
      builder.keepContextPath();
    }
  }

  private static int integer(String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number", e);
    }
  }

  private static double fraction(String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a number from 0 to 1", e);
    }
  }

  private static boolean flag(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be 'true' or 'false'");
    };
  }

  private static MirrorOrder order(String value) {
    return switch (value) {
      case "causal" -> MirrorOrder.CAUSAL;
      case "fifo" -> MirrorOrder.FIFO;
      case "none" -> MirrorOrder.NONE;
      default -> throw new IllegalArgumentException("must be 'causal', 'fifo' or 'none'");
    };
  }

  private static int[] statusClasses(String value) {
    return Pattern.compile(",")
        .splitAsStream(value)
        .map(String::trim)
        .mapToInt(InitParams::integer)
        .toArray();
  }

  private static long bytes(String value) {
    Matcher matcher = BYTES.matcher(value);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("must be a size such as 65536, 64KiB or 16MiB");
    }
    int shift =
        switch (matcher.group(2)) {
          case "KiB" -> 10;
          case "MiB" -> 20;
          case "GiB" -> 30;
          default -> 0;
        };
    long amount = Long.parseLong(matcher.group(1));
    if (amount > Long.MAX_VALUE >> shift) {
      throw new IllegalArgumentException("is more than can be counted");
    }
    return amount << shift;
  }

  private static Duration duration(String value) {
    Matcher matcher = DURATION.matcher(value.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("must be a duration such as 500ms, 15s or 1m");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }
}
