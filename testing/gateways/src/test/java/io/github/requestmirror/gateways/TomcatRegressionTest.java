package io.github.requestmirror.gateways;

import java.util.Map;
import org.junit.jupiter.api.Nested;

/** Known defects of mirrors, looked for in Tomcat. */
class TomcatRegressionTest {
  @Nested
  class Heads extends HeadRegressionContract {
    Heads() {
      super((servlet, filter) -> TomcatServer.start(servlet, Map.of(), filter));
    }
  }

  @Nested
  class Bodies extends BodyRegressionContract {
    Bodies() {
      super((servlet, filter) -> TomcatServer.start(servlet, Map.of(), filter));
    }
  }

  @Nested
  class Lives extends LifeRegressionContract {
    Lives() {
      super((servlet, filter) -> TomcatServer.start(servlet, Map.of(), filter));
    }
  }
}
