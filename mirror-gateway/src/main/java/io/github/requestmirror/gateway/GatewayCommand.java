package io.github.requestmirror.gateway;

import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The command line of the gateway: an option for each setting, and its variable. */
final class GatewayCommand {
  static final String PRIMARY = "primary";
  static final String LISTEN = "listen";
  static final String ADMIN = "admin";
  static final String BIND = "bind";
  static final String PRIMARY_TIMEOUT = "primaryTimeout";
  static final String PRIMARY_CONNECT_TIMEOUT = "primaryConnectTimeout";

  static final String PRIMARY_HOST = "primaryHost";
  static final String PRIMARY_CA_FILE = "primaryCaFile";
  static final String PRIMARY_CERTIFICATE_FILE = "primaryCertificateFile";
  static final String PRIMARY_PRIVATE_KEY_FILE = "primaryPrivateKeyFile";
  static final String LISTEN_CERTIFICATE_FILE = "listenCertificateFile";
  static final String LISTEN_PRIVATE_KEY_FILE = "listenPrivateKeyFile";
  static final String ADMIN_TOKEN_FILE = "adminTokenFile";
  static final String DRAIN_DELAY = "drainDelay";
  static final String LOSSES_BY_SCOPE = "lossesByScope";

  /** Sets a setting of one target. */
  static final String SET = "set";

  /** There is no context path in the gateway. */
  private static final String OF_SERVLETS = "keepContextPath";

  private static final String VARIABLE = "MIRROR_GATEWAY_";
  private static final int WIDTH = 100;

  /** The settings that the gateway adds to those of a mirror. */
  static final List<Setting> OWN =
      List.of(
          own(PRIMARY, "URI", null, "Cluster that requests are forwarded to, as target."),
          own(LISTEN, "PORT", "9900", "Port for clients; 0 selects a free port."),
          own(ADMIN, "PORT", "9901", "Port for /live, /ready, /metrics, /stats and changes."),
          own(BIND, "HOST", "all interfaces", "Address that both ports listen on."),
          own(
              PRIMARY_TIMEOUT,
              "TIME",
              "15s",
              "1ms to 24h",
              "Time limit from the end of a request to the end of the primary's response, then 504."),
          own(
              PRIMARY_CONNECT_TIMEOUT,
              "TIME",
              "1s",
              "1ms to 24h",
              "Time limit for connecting to the primary, then 502."),
          own(
              PRIMARY_HOST,
              "HOST",
              "client",
              "Host of forwarded requests: client (that of the request), primary, or a host."),
          own(
              PRIMARY_CA_FILE,
              "FILE",
              "those of the JVM",
              "Certificates to trust at the primary, in PEM form."),
          own(
              PRIMARY_CERTIFICATE_FILE,
              "FILE",
              null,
              "Client certificate for the primary and its chain, in PEM form."),
          own(
              PRIMARY_PRIVATE_KEY_FILE,
              "FILE",
              null,
              "Private key of that certificate, in PEM form (PKCS #8)."),
          own(
              LISTEN_CERTIFICATE_FILE,
              "FILE",
              "no TLS",
              "Certificate of the port for clients and its chain, in PEM form."),
          own(
              LISTEN_PRIVATE_KEY_FILE,
              "FILE",
              null,
              "Private key of that certificate, in PEM form (PKCS #8)."),
          own(
              ADMIN_TOKEN_FILE,
              "FILE",
              "clients on this machine only",
              "File with the bearer token that changes on the admin port need."),
          own(
              DRAIN_DELAY,
              "TIME",
              "0s",
              "0s to 10m",
              "Time in which a stop only turns /ready to 503, before the port closes."),
          own(
              LOSSES_BY_SCOPE,
              "NUMBER",
              "0",
              "0 to 50",
              "How many of the tenants that lose most /metrics shows by name, for each target."));

  private GatewayCommand() {}

  private static Setting own(
      String name, String form, @Nullable String defaultValue, String effect) {
    String range = form.equals("PORT") ? "0 to 65535" : null;
    return new Setting(name, form, defaultValue, range, false, false, false, effect);
  }

  private static Setting own(
      String name, String form, String defaultValue, String range, String effect) {
    return new Setting(name, form, defaultValue, range, false, false, false, effect);
  }

  /** Returns all settings that have an option. */
  static List<Setting> settings() {
    List<Setting> all = new ArrayList<>(OWN);
    all.addAll(MirrorSettings.all());
    all.add(
        new Setting(
            SET,
            "NAME.SETTING=VALUE",
            null,
            null,
            true,
            false,
            true,
            "Sets a setting of the target NAME: --set b.target=http://b --set b.maxRetries=3."));
    all.removeIf(setting -> setting.name().equals(OF_SERVLETS));
    return all;
  }

  /** Returns {@code max-in-flight} for {@code maxInFlight}. */
  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  static String option(String name) {
    return "--" + kebab(name);
  }

  static String variable(String name) {
    return VARIABLE + kebab(name).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  static CommandLine commandLine() {
    CommandSpec spec =
        CommandSpec.create()
            .name("mirror-gateway")
            .mixinStandardHelpOptions(true)
            .versionProvider(new GatewayVersion());
    spec.usageMessage()
        .width(WIDTH)
        .sortOptions(false)
        .description(
            "Forwards HTTP requests to a primary and sends a copy of each to one or more targets.",
            "The client receives the primary's response. Copies cannot change or delay it.")
        .footer(
            "",
            "Sizes: 1048576, 512KiB, 16MiB, 1GiB. Durations: 500ms, 15s, 1m, 1h.",
            "Options that may be repeated take a list.",
            "Variables of the environment are as options: "
                + variable("maxRetries")
                + " is --max-retries; a line",
            "for each value. Options win. @FILE reads arguments from a file, one on each line.",
            "The admin port serves GET /live, /ready, /metrics and /stats, and PUT /enabled and",
            "/fraction/NAME.");
    settings().forEach(setting -> spec.addOption(option(setting)));
    return new CommandLine(spec).setUseSimplifiedAtFiles(true);
  }

  private static OptionSpec option(Setting setting) {
    OptionSpec.Builder option =
        setting.name().equals("target")
            ? OptionSpec.builder("--target", "--mirror")
            : OptionSpec.builder(option(setting.name()));
    return option
        .paramLabel(setting.form())
        .arity("1")
        .type(setting.repeatable() ? List.class : String.class)
        .auxiliaryTypes(String.class)
        .description(description(setting))
        .build();
  }

  private static String description(Setting setting) {
    String range = setting.range() == null ? "" : " From " + setting.range() + ".";
    String repeat = setting.repeatable() ? " May be repeated." : "";
    String byDefault =
        setting.defaultValue() == null ? "" : " Default: " + setting.defaultValue() + ".";
    return setting.effect() + range + repeat + byDefault;
  }
}
