package io.github.requestmirror.client.contract;

import org.junit.jupiter.api.Nested;

/** All contracts. The test of a client extends this and provides the client. */
public abstract class ClientContract {
  private final TestClient.Factory factory;

  protected ClientContract(TestClient.Factory factory) {
    this.factory = factory;
  }

  @Nested
  final class Differences extends DifferentialContract {
    Differences() {
      super(factory);
    }
  }

  @Nested
  final class Heads extends HeadContract {
    Heads() {
      super(factory);
    }
  }

  @Nested
  final class Decisions extends DecisionContract {
    Decisions() {
      super(factory);
    }
  }

  @Nested
  final class Connections extends ConnectionContract {
    Connections() {
      super(factory);
    }
  }

  @Nested
  final class Statuses extends StatusContract {
    Statuses() {
      super(factory);
    }
  }

  @Nested
  final class Limits extends LimitContract {
    Limits() {
      super(factory);
    }
  }

  @Nested
  final class LargeBodies extends LargeBodyContract {
    LargeBodies() {
      super(factory);
    }
  }

  @Nested
  final class Cancellations extends CancelContract {
    Cancellations() {
      super(factory);
    }
  }

  @Nested
  final class Orders extends OrderContract {
    Orders() {
      super(factory);
    }
  }

  @Nested
  final class Traffic extends TrafficContract {
    Traffic() {
      super(factory);
    }
  }

  @Nested
  final class TargetFaults extends TargetFaultContract {
    TargetFaults() {
      super(factory);
    }
  }
}
