package io.github.requestmirror.gateway;

import io.github.requestmirror.MirrorStats;
import java.io.PrintStream;
import java.security.Security;
import picocli.CommandLine;

/** The command line of the gateway. */
public final class GatewayMain {
  private static final int WRONG_USAGE = 2;

  private GatewayMain() {}

  /**
   * Runs the gateway until the process receives SIGTERM or SIGINT, then exits with 0. Exits with 2
   * and one line on stderr when an option is wrong or a port is not available.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    // In seconds, as in the Envoy example of Cortex. Read once, at the JVM's first look-up.
    Security.setProperty("networkaddress.cache.ttl", "5");
    CommandLine commandLine = GatewayCommand.commandLine();
    try {
      CommandLine.ParseResult parsed = commandLine.parseArgs(arguments);
      if (commandLine.isUsageHelpRequested()) {
        commandLine.usage(System.out);
      } else if (commandLine.isVersionHelpRequested()) {
        commandLine.printVersionHelp(System.out);
      } else {
        run(Gateway.start(GatewayOptions.of(parsed, System.getenv())));
      }
    } catch (CommandLine.ParameterException | IllegalArgumentException e) {
      System.err.println("mirror-gateway: " + oneLine(String.valueOf(e.getMessage())));
      System.exit(WRONG_USAGE);
    }
  }

  private static void run(Gateway gateway) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(gateway), "gateway-stop"));
    say(System.out, gateway.toString());
  }

  private static void stop(Gateway gateway) {
    gateway.close();
    for (MirrorStats.Target target : gateway.mirror().stats().targets()) {
      say(System.out, "mirror " + target);
    }
    // Otherwise the JVM exits with 128 + signal, which supervisors treat as a failure.
    Runtime.getRuntime().halt(0);
  }

  private static void say(PrintStream out, String line) {
    out.println(line);
    out.flush();
  }

  private static String oneLine(String text) {
    return text.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse("");
  }
}
