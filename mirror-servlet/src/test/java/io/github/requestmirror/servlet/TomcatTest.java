package io.github.requestmirror.servlet;

import org.junit.jupiter.api.Nested;

/** All contracts in Tomcat 10.1. */
class TomcatTest {
  @Nested
  class Bodies extends BodyContract {
    Bodies() {
      super(new TomcatContainer());
    }
  }

  @Nested
  class Answers extends AnswerContract {
    Answers() {
      super(new TomcatContainer());
    }
  }

  @Nested
  class Asynchronous extends AsyncContract {
    Asynchronous() {
      super(new TomcatContainer());
    }
  }

  @Nested
  class Heads extends HeadContract {
    Heads() {
      super(new TomcatContainer());
    }
  }

  @Nested
  class Dispatches extends DispatchContract {
    Dispatches() {
      super(new TomcatContainer());
    }
  }

  @Nested
  class Faults extends FaultContract {
    Faults() {
      super(new TomcatContainer());
    }
  }

  @Nested
  class Ordered extends OrderContract {
    Ordered() {
      super(new TomcatContainer());
    }
  }

  @Nested
  class Configuration extends ConfigurationContract {
    Configuration() {
      super(new TomcatContainer());
    }
  }
}
