package io.github.requestmirror.servlet.contract;

import org.junit.jupiter.api.Nested;

/** All contracts. A container's test extends this class and adds tests of its own. */
abstract class ContainerContract {
  private final Container container;

  ContainerContract(Container container) {
    this.container = container;
  }

  final Container container() {
    return container;
  }

  @Nested
  final class Bodies extends BodyContract {
    Bodies() {
      super(container());
    }
  }

  @Nested
  final class ContextPaths extends ContextPathContract {
    ContextPaths() {
      super(container());
    }
  }

  @Nested
  final class Readers extends ReaderContract {
    Readers() {
      super(container());
    }
  }

  @Nested
  final class MalformedTexts extends MalformedTextContract {
    MalformedTexts() {
      super(container());
    }
  }

  @Nested
  final class PartialBodies extends PartialBodyContract {
    PartialBodies() {
      super(container());
    }
  }

  @Nested
  final class NonBlocking extends NonBlockingContract {
    NonBlocking() {
      super(container());
    }
  }

  @Nested
  final class Forms extends FormContract {
    Forms() {
      super(container());
    }
  }

  @Nested
  final class Multipart extends MultipartContract {
    Multipart() {
      super(container());
    }
  }

  @Nested
  final class LargeBodies extends LargeBodyContract {
    LargeBodies() {
      super(container());
    }
  }

  @Nested
  final class Responses extends ResponseContract {
    Responses() {
      super(container());
    }
  }

  @Nested
  final class Asynchronous extends AsyncContract {
    Asynchronous() {
      super(container());
    }
  }

  @Nested
  final class Heads extends HeadContract {
    Heads() {
      super(container());
    }
  }

  @Nested
  final class Dispatches extends DispatchContract {
    Dispatches() {
      super(container());
    }
  }

  @Nested
  final class Faults extends FaultContract {
    Faults() {
      super(container());
    }
  }

  @Nested
  final class Ordered extends OrderContract {
    Ordered() {
      super(container());
    }
  }

  @Nested
  final class Configuration extends ConfigurationContract {
    Configuration() {
      super(container());
    }
  }

  @Nested
  final class ByteBuffers extends ByteBufferContract {
    ByteBuffers() {
      super(container());
    }
  }

  @Nested
  final class Trailers extends TrailerContract {
    Trailers() {
      super(container());
    }
  }

  @Nested
  final class Http2 extends Http2Contract {
    Http2() {
      super(container());
    }
  }

  @Nested
  final class Documents extends DocumentedContract {
    Documents() {
      super(container());
    }
  }

  @Nested
  final class Continue extends ContinueContract {
    Continue() {
      super(container());
    }
  }

  @Nested
  final class Untouched extends UntouchedContract {
    Untouched() {
      super(container());
    }
  }

  @Nested
  final class AsyncEnds extends AsyncEndContract {
    AsyncEnds() {
      super(container());
    }
  }

  @Nested
  final class InflatedBodies extends InflatedBodyContract {
    InflatedBodies() {
      super(container());
    }
  }

  @Nested
  final class RepeatableBodies extends RepeatableBodyContract {
    RepeatableBodies() {
      super(container());
    }
  }

  @Nested
  final class MixedReads extends MixedReadContract {
    MixedReads() {
      super(container());
    }
  }

  @Nested
  final class SpringFilters extends SpringFilterContract {
    SpringFilters() {
      super(container());
    }
  }

  @Nested
  final class OverridingFilters extends OverridingFilterContract {
    OverridingFilters() {
      super(container());
    }
  }

  @Nested
  final class SecurityFilters extends SecurityFilterContract {
    SecurityFilters() {
      super(container());
    }
  }

  @Nested
  final class Jersey extends JerseyContract {
    Jersey() {
      super(container());
    }
  }

  @Nested
  final class VirtualThreads extends VirtualThreadContract {
    VirtualThreads() {
      super(container());
    }
  }

  @Nested
  final class Policies extends PolicyContract {
    Policies() {
      super(container());
    }
  }

  @Nested
  final class FilteredBodies extends FilteredBodyContract {
    FilteredBodies() {
      super(container());
    }
  }
}
