package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Many seeds of the {@link Simulation}. The system properties {@code simulation.seed}, the first
 * one, and {@code simulation.runs} choose them.
 */
class SimulationTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.requestmirror");

  @BeforeEach
  void logNothing() {
    logger.setLevel(Level.OFF);
  }

  @AfterEach
  void logAgain() {
    logger.setLevel(null);
  }

  @Test
  void holdsTheRulesUnderEverySeed() {
    long first = Long.getLong("simulation.seed", 1);
    long runs = Long.getLong("simulation.runs", 2000);
    for (long seed = first; seed < first + runs; seed++) {
      try {
        Simulation.run(seed);
      } catch (Throwable t) {
        fail(
            "seed "
                + seed
                + " fails; repeat it with -Dtest=SimulationTest -Dsimulation.runs=1 -Dsimulation.seed="
                + seed,
            t);
      }
    }
  }
}
