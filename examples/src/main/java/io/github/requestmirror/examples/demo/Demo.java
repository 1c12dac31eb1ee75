package io.github.requestmirror.examples.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows what a mirror does while the secondary cluster has faults; see {@link Phase}. Everything
 * runs in this process.
 *
 * <p>The exit code is 0 if the primary lost no sample, the secondary received the same samples
 * while it had no fault, and every missing sample has a counted outcome.
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
    // The screen shows what the gateway would log at its start.
    ((Logger) LoggerFactory.getLogger("io.github.requestmirror")).setLevel(Level.WARN);
    Screen screen = new Screen(System.out);
    Summary summary = DemoRun.run(Plan.full(), screen);
    summary.print(screen);
    if (summary.exitCode() != 0) {
      // Without this, Maven's exec:java would report success.
      System.exit(summary.exitCode());
    }
  }
}
