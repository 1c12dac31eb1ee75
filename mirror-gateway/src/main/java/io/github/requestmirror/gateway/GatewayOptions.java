package io.github.requestmirror.gateway;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options of the gateway, the same on the command line and in a program. */
@Command(
    name = "mirror-gateway",
    description = {
      "Forwards HTTP requests to a primary and sends a copy of each to one or more mirrors.",
      "The client receives the primary's response. Copies cannot change or delay it."
    },
    footer = {
      "",
      "Sizes: 1048576, 512KiB, 16MiB, 1GiB. Durations: 500ms, 15s, 1m, 1h.",
      "The admin port serves GET /ready, /metrics and /stats."
    },
    mixinStandardHelpOptions = true,
    versionProvider = GatewayVersion.class,
    sortOptions = false,
    usageHelpWidth = 100)
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class GatewayOptions {
  /** Which requests are mirrored. */
  enum Match {
    ALL,
    WRITES
  }

  /** Whether copies carry the headers that authenticate. */
  enum Credentials {
    DROP,
    FORWARD
  }

  @Option(
      names = "--listen",
      paramLabel = "PORT",
      defaultValue = "9900",
      description = "Port for clients; 0 selects a free port. Default: ${DEFAULT-VALUE}.")
  private int listen;

  @Option(
      names = "--primary",
      paramLabel = "URL",
      required = true,
      converter = Quantity.Url.class,
      description =
          "Cluster that requests are forwarded to. A path in the URL is prepended to each request's path.")
  private URI primary;

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      required = true,
      converter = Quantity.Url.class,
      description =
          "Cluster that copies are sent to, with a path as above. Repeat the option for several.")
  private List<URI> mirrors;

  @Option(
      names = "--admin",
      paramLabel = "PORT",
      defaultValue = "9901",
      description =
          "Port for /ready, /metrics and /stats; 0 selects a free port. Default: ${DEFAULT-VALUE}.")
  private int admin;

  @Option(
      names = "--bind",
      paramLabel = "HOST",
      description = "Address that both ports listen on. Default: all interfaces.")
  private @Nullable String bind;

  @Option(
      names = "--fraction",
      paramLabel = "0..1",
      defaultValue = "1.0",
      description =
          "Fraction of tenants (X-Scope-OrgID) whose requests are mirrored. Default: ${DEFAULT-VALUE}.")
  private double fraction;

  @Option(
      names = "--order",
      paramLabel = "ORDER",
      description =
          "causal: a copy is sent after the copies of all requests that had a response when its"
              + " request arrived; fifo: one copy at a time per tenant; none: no order. Default: none"
              + " for GET, HEAD and OPTIONS, causal for other methods.")
  private @Nullable MirrorOrder order;

  @Option(
      names = "--when-primary-responds",
      paramLabel = "CLASS",
      split = ",",
      description =
          "Send a copy only after the primary responds with a status of these classes; 2 stands for"
              + " 200 to 299. Default: send the copy without waiting for the primary.")
  private int @Nullable [] primaryStatuses;

  @Option(
      names = "--match",
      paramLabel = "WHAT",
      defaultValue = "writes",
      description =
          "Requests to mirror. writes: remote-write and OTLP only; all: every request except those"
              + " that change or stop a cluster. Default: ${DEFAULT-VALUE}.")
  private Match match;

  @Option(
      names = "--credentials",
      paramLabel = "WHAT",
      defaultValue = "drop",
      description =
          "Credentials of copies, such as Authorization, cookies, API keys and tokens: drop or"
              + " forward. Default: ${DEFAULT-VALUE}.")
  private Credentials credentials;

  @Option(
      names = "--primary-timeout",
      paramLabel = "TIME",
      defaultValue = "15s",
      converter = Quantity.Time.class,
      description =
          "Time limit from the end of a request to the end of the primary's response; the client"
              + " receives 504 after it. Default: ${DEFAULT-VALUE}.")
  private Duration primaryTimeout;

  @Option(
      names = "--primary-connect-timeout",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = Quantity.Time.class,
      description =
          "Time limit for connecting to the primary; the client receives 502 after it. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration primaryConnectTimeout;

  @Option(
      names = "--mirror-timeout",
      paramLabel = "TIME",
      converter = Quantity.Time.class,
      description = "Time limit from sending a copy to the end of its response. Default: 10s.")
  private @Nullable Duration mirrorTimeout;

  @Option(
      names = "--max-body",
      paramLabel = "SIZE",
      converter = Quantity.Size.class,
      description =
          "Largest body to mirror; requests with larger bodies are only forwarded. Default: 16MiB.")
  private @Nullable Long maxBody;

  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      converter = Quantity.Size.class,
      description = "Memory for copies, per mirror. Default: 64MiB.")
  private @Nullable Long buffer;

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      description = "Copies sent and waiting for a response, per mirror. Default: 64.")
  private @Nullable Integer maxInFlight;

  @Option(
      names = "--max-queue-time",
      paramLabel = "TIME",
      converter = Quantity.Time.class,
      description = "Time limit for a copy to wait in the queue. Default: 30s.")
  private @Nullable Duration maxQueueTime;

  @Option(
      names = "--max-retries",
      paramLabel = "N",
      description =
          "How many times a copy is sent again after a connection failure, 429 or 5xx, within"
              + " --max-queue-time. Default: 0.")
  private @Nullable Integer maxRetries;

  GatewayOptions() {}

  /**
   * Parses a command line.
   *
   * @param arguments for example {@code --primary=http://127.0.0.1:9009}
   * @return the options
   * @throws IllegalArgumentException when an option is wrong or missing; the message is one line
   *     that names it
   */
  public static GatewayOptions parse(String... arguments) {
    GatewayOptions options = new GatewayOptions();
    try {
      options.commandLine().parseArgs(arguments);
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    options.check();
    return options;
  }

  CommandLine commandLine() {
    return new CommandLine(this).setCaseInsensitiveEnumValuesAllowed(true);
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException naming the option
   */
  void check() {
    port("--listen", listen);
    port("--admin", admin);
    named("--primary", () -> MirrorTarget.of(primary));
    positive("--primary-timeout", primaryTimeout);
    positive("--primary-connect-timeout", primaryConnectTimeout);
    policy();
    Set<String> names = new HashSet<>();
    for (MirrorTarget target : targets()) {
      if (!names.add(target.name())) {
        throw new IllegalArgumentException("--mirror: " + target.uri() + " is given twice");
      }
    }
  }

  private static void port(String option, int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException(option + ": " + port + " must be from 0 to 65535");
    }
  }

  private static void positive(String option, Duration duration) {
    if (duration.isZero() || duration.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          option + ": " + duration.toMillis() + "ms must be from 1ms to 24h");
    }
  }

  private static <T> T named(String option, Supplier<T> checked) {
    try {
      return checked.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }

  private static <T> void set(String option, @Nullable T value, Function<T, ?> setter) {
    if (value != null) {
      named(option, () -> setter.apply(value));
    }
  }

  MirrorPolicy policy() {
    MirrorPolicy.Builder policy = match == Match.WRITES ? Cortex.writes() : Cortex.everything();
    policy.forwardCredentials(credentials == Credentials.FORWARD);
    set("--fraction", fraction, policy::fraction);
    set("--order", order, policy::order);
    set("--when-primary-responds", primaryStatuses, policy::whenPrimaryResponds);
    return policy.build();
  }

  List<MirrorTarget> targets() {
    List<MirrorTarget> targets = new ArrayList<>();
    for (URI mirror : mirrors) {
      targets.add(target(mirror));
    }
    return targets;
  }

  private MirrorTarget target(URI uri) {
    MirrorTarget.Builder target = named("--mirror", () -> MirrorTarget.builder(uri));
    String path = uri.getRawPath();
    if (path.length() > 1) {
      target.name(target.build().name() + path);
    }
    set("--mirror-timeout", mirrorTimeout, target::callTimeout);
    set("--max-in-flight", maxInFlight, target::maxInFlight);
    set("--max-queue-time", maxQueueTime, target::maxQueueTime);
    set("--max-retries", maxRetries, target::maxRetries);
    set("--buffer", buffer, target::bufferBytes);
    set("--max-body", maxBody, target::maxBodyBytes);
    return named("--max-body and --buffer", target::build);
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
