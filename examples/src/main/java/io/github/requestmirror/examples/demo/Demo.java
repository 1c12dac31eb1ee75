package io.github.requestmirror.examples.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows what a mirror does while the secondary cluster has faults; see {@link Phase}. Takes no
 * arguments and needs nothing but this process.
 *
 * <p>The exit code is 0 if the primary lost nothing and, while the secondary was well, it got the
 * same samples.
 */
public final class Demo {
  private Demo() {}

  /**
   * Runs the demo.
   *
   * @param args none
   * @throws Exception when the demo cannot run at all
   */
  public static void main(String[] args) throws Exception {
    // What the gateway would tell at its start is on the screen.
    ((Logger) LoggerFactory.getLogger("io.github.requestmirror")).setLevel(Level.WARN);
    Screen screen = new Screen(System.out);
    Summary summary = DemoRun.run(Plan.full(), screen);
    summary.print(screen);
    if (summary.exitCode() != 0) {
      // Maven's exec:java would report success without it.
      System.exit(summary.exitCode());
    }
  }
}
