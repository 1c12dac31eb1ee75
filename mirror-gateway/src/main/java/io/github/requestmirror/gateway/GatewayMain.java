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
   * Runs the gateway until the process is told to end. Exits with 0 then, with 2 and one line on
   * stderr when an option is wrong.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    // As often as the Envoy example looks names up. Must be set before the first look-up.
    Security.setProperty("networkaddress.cache.ttl", "5");
    GatewayOptions options = new GatewayOptions();
    CommandLine commandLine = options.commandLine();
    try {
      commandLine.parseArgs(arguments);
      if (commandLine.isUsageHelpRequested()) {
        commandLine.usage(System.out);
      } else if (commandLine.isVersionHelpRequested()) {
        commandLine.printVersionHelp(System.out);
      } else {
        options.check();
        run(Gateway.start(options));
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
    // Else the JVM exits with 128 + signal, which supervisors take for a failure.
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
