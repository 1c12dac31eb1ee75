package io.github.requestmirror.gateway;

import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
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
  private final String primaryHost;
  private final @Nullable SSLContext primaryTls;
  private final @Nullable SSLContext listenTls;
  private final @Nullable String adminToken;
  private final Duration drainDelay;
  private final int lossesByScope;
  private final MirrorSettings mirror;

  private GatewayOptions(GivenSettings given) {
    MirrorTarget likeTarget = primary(given);
    primary = likeTarget.uri();
    primaryTls = likeTarget.sslContext();
    primaryHost = primaryHost(given, primary);
    listenTls = listenTls(given);
    adminToken = adminToken(given);
    drainDelay = time(given, GatewayCommand.DRAIN_DELAY, Duration.ZERO, Duration.ofMinutes(10));
    listen = number(given, GatewayCommand.LISTEN, 65535);
    admin = number(given, GatewayCommand.ADMIN, 65535);
    lossesByScope = number(given, GatewayCommand.LOSSES_BY_SCOPE, 50);
    bind = given.take(GatewayCommand.BIND);
    Duration shortest = Duration.ofMillis(1);
    Duration longest = Duration.ofDays(1);
    primaryTimeout = time(given, GatewayCommand.PRIMARY_TIMEOUT, shortest, longest);
    primaryConnectTimeout = time(given, GatewayCommand.PRIMARY_CONNECT_TIMEOUT, shortest, longest);
    mirror = MirrorSettings.parse(given.others(), given::label);
    requireAnotherCluster(given);
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

  /** The primary has the form of a target: the same rules for its URI and its TLS files. */
  private static MirrorTarget primary(GivenSettings given) {
    String name = GatewayCommand.PRIMARY;
    String value = given.take(name);
    if (value == null) {
      throw new IllegalArgumentException(
          given.label(name) + " is missing, must be a base URI such as http://primary:9009");
    }
    Map<String, String> names = new LinkedHashMap<>();
    names.put("caFile", GatewayCommand.PRIMARY_CA_FILE);
    names.put("certificateFile", GatewayCommand.PRIMARY_CERTIFICATE_FILE);
    names.put("privateKeyFile", GatewayCommand.PRIMARY_PRIVATE_KEY_FILE);
    return likeTarget(given, name, value, names);
  }

  /** The files of a server have the form of those of a client. */
  private static @Nullable SSLContext listenTls(GivenSettings given) {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("certificateFile", GatewayCommand.LISTEN_CERTIFICATE_FILE);
    names.put("privateKeyFile", GatewayCommand.LISTEN_PRIVATE_KEY_FILE);
    return likeTarget(given, GatewayCommand.LISTEN, "https://localhost", names).sslContext();
  }

  private static MirrorTarget likeTarget(
      GivenSettings given, String name, String uri, Map<String, String> names) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(name + ".target", uri);
    names.forEach(
        (setting, own) -> {
          String value = given.take(own);
          if (value != null) {
            values.put(name + '.' + setting, value);
          }
        });
    UnaryOperator<String> label =
        key -> {
          String setting = key.substring(key.lastIndexOf('.') + 1);
          return given.label(names.getOrDefault(setting, name));
        };
    return MirrorSettings.parse(values, label).targets().get(0);
  }

  /** Returns the Host of forwarded requests; empty for that of the client. */
  private static String primaryHost(GivenSettings given, URI primary) {
    String value = given.take(GatewayCommand.PRIMARY_HOST);
    if (value == null || value.equals("client")) {
      return "";
    }
    if (value.equals("primary")) {
      return primary.getRawAuthority();
    }
    try {
      MirrorPolicy.builder().host(value);
    } catch (IllegalArgumentException e) {
      throw given.invalid(
          GatewayCommand.PRIMARY_HOST,
          value,
          "must be 'client', 'primary' or a host with an optional port");
    }
    return value;
  }

  private static @Nullable String adminToken(GivenSettings given) {
    String name = GatewayCommand.ADMIN_TOKEN_FILE;
    String file = given.take(name);
    if (file == null) {
      return null;
    }
    try {
      String token = Files.readString(Path.of(file)).strip();
      if (!token.isEmpty()) {
        return token;
      }
    } catch (IOException | InvalidPathException e) {
      throw given.invalid(name, file, "must be a file that can be read (" + e + ")");
    }
    throw given.invalid(name, file, "must be a file with a token, but is empty");
  }

  /** Otherwise the cluster would receive each request twice. */
  private void requireAnotherCluster(GivenSettings given) {
    for (MirrorTarget target : mirror.targets()) {
      if (sameServer(primary, target.uri())) {
        String own = target.name() + ".target";
        throw given.invalid(
            given.others().containsKey(own) ? own : "target",
            target.uri().toString(),
            "is the primary, must be another cluster");
      }
    }
  }

  private static boolean sameServer(URI one, URI other) {
    return MirrorTarget.of(one).name().equalsIgnoreCase(MirrorTarget.of(other).name());
  }

  private static int number(GivenSettings given, String name, int max) {
    String value = given.take(name);
    if (value == null) {
      return Integer.parseInt(setting(name).defaultValue() + "");
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw given.invalid(name, value, "must be a whole number from 0 to " + max);
  }

  private static Duration time(GivenSettings given, String name, Duration min, Duration max) {
    String value = given.take(name);
    if (value == null) {
      return MirrorSettings.duration(setting(name).defaultValue() + "");
    }
    try {
      Duration time = MirrorSettings.duration(value);
      if (time.compareTo(min) >= 0 && time.compareTo(max) <= 0) {
        return time;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    throw given.invalid(
        name, value, "must be a duration such as 500ms, 15s or 1m, from " + setting(name).range());
  }

  private static Setting setting(String name) {
    return GatewayCommand.OWN.stream()
        .filter(own -> own.name().equals(name))
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

  /** Returns the Host of forwarded requests; empty for that of the client. */
  String primaryHost() {
    return primaryHost;
  }

  @Nullable SSLContext primaryTls() {
    return primaryTls;
  }

  @Nullable SSLContext listenTls() {
    return listenTls;
  }

  /** Returns the token for changes; null if only clients on this machine may change something. */
  @Nullable String adminToken() {
    return adminToken;
  }

  Duration drainDelay() {
    return drainDelay;
  }

  /** Returns how many scopes the metrics show by name, for each target. */
  int lossesByScope() {
    return lossesByScope;
  }
}
