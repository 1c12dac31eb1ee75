package io.github.requestmirror.gateway;

import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The options of the gateway, the same on the command line and in a program. Immutable. */
public final class GatewayOptions {
  private final URI primary;
  private final int listen;
  private final int admin;
  private final @Nullable String bind;
  private final Duration primaryTimeout;
  private final Duration primaryConnectTimeout;
  private final MirrorSettings mirror;

  private GatewayOptions(GivenSettings given) {
    primary = primary(given);
    listen = port(given, GatewayCommand.LISTEN);
    admin = port(given, GatewayCommand.ADMIN);
    bind = given.take(GatewayCommand.BIND);
    primaryTimeout = timeout(given, GatewayCommand.PRIMARY_TIMEOUT);
    primaryConnectTimeout = timeout(given, GatewayCommand.PRIMARY_CONNECT_TIMEOUT);
    mirror = MirrorSettings.parse(given.others(), given::label);
  }

  /**
   * Parses a command line.
   *
   * @param arguments for example {@code --primary=http://127.0.0.1:9009}
   * @return the options
   * @throws IllegalArgumentException when an option is wrong or missing; the message is one line
   *     that names it
   */
  public static GatewayOptions parse(String... arguments) {
    return parse(Map.of(), arguments);
  }

  /**
   * Parses a command line and variables, which count where the command line says nothing.
   *
   * @param environment for example {@code MIRROR_GATEWAY_MAX_RETRIES=3}; variables with other
   *     prefixes are ignored, and empty ones are not set
   * @param arguments for example {@code --primary=http://127.0.0.1:9009}
   * @return the options
   * @throws IllegalArgumentException when an option or a variable is wrong or missing; the message
   *     is one line that names it
   */
  public static GatewayOptions parse(Map<String, String> environment, String... arguments) {
    try {
      return of(GatewayCommand.commandLine().parseArgs(arguments), environment);
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  static GatewayOptions of(CommandLine.ParseResult arguments, Map<String, String> environment) {
    return new GatewayOptions(GivenSettings.of(arguments, environment));
  }

  /** Returns descriptions of the options that are not settings of a mirror. */
  public static List<Setting> own() {
    return GatewayCommand.OWN;
  }

  private static URI primary(GivenSettings given) {
    String name = GatewayCommand.PRIMARY;
    String value = given.take(name);
    if (value == null) {
      throw new IllegalArgumentException(
          given.label(name) + " is missing, must be a base URI such as http://primary:9009");
    }
    // Has the same rules, and hides a password.
    return MirrorSettings.parse(Map.of("primary.target", value), any -> given.label(name))
        .targets()
        .get(0)
        .uri();
  }

  private static int port(GivenSettings given, String name) {
    String value = given.take(name);
    if (value == null) {
      return Integer.parseInt(byDefault(name));
    }
    try {
      int port = Integer.parseInt(value);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw given.invalid(name, value, "must be a whole number from 0 to 65535");
  }

  private static Duration timeout(GivenSettings given, String name) {
    String value = given.take(name);
    if (value == null) {
      return MirrorSettings.duration(byDefault(name));
    }
    try {
      Duration timeout = MirrorSettings.duration(value);
      if (!timeout.isZero() && timeout.compareTo(Duration.ofDays(1)) <= 0) {
        return timeout;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    throw given.invalid(
        name, value, "must be a duration such as 500ms, 15s or 1m, from 1ms to 24h");
  }

  private static String byDefault(String name) {
    return GatewayCommand.OWN.stream()
        .filter(setting -> setting.name().equals(name))
        .map(setting -> String.valueOf(setting.defaultValue()))
        .findFirst()
        .orElseThrow();
  }

  MirrorSettings mirror() {
    return mirror;
  }

  List<MirrorTarget> targets() {
    return mirror.targets();
  }

  @Nullable String bind() {
    return bind;
  }

  int listen() {
    return listen;
  }

  int admin() {
    return admin;
  }

  URI primary() {
    return primary;
  }

  Duration primaryTimeout() {
    return primaryTimeout;
  }

  Duration primaryConnectTimeout() {
    return primaryConnectTimeout;
  }
}
