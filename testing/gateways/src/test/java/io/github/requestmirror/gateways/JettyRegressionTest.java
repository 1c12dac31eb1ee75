package io.github.requestmirror.gateways;

import org.junit.jupiter.api.Nested;

/** Known defects of mirrors, looked for in Jetty. */
class JettyRegressionTest {
  @Nested
  class Heads extends HeadRegressionContract {
    Heads() {
      super(JettyServer::start);
    }
  }

  @Nested
  class Bodies extends BodyRegressionContract {
    Bodies() {
      super(JettyServer::start);
    }
  }

  @Nested
  class Lives extends LifeRegressionContract {
    Lives() {
      super(JettyServer::start);
    }
  }
}
