package io.github.requestmirror.servlet.contract;

import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.undertow.server.handlers.encoding.RequestEncodingHandler;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** All contracts in Undertow. */
class UndertowTest extends ContainerContract {
  UndertowTest() {
    super(new UndertowContainer());
  }

  /** Decompresses below the servlet API. */
  @Nested
  class InflatedByRequestEncodingHandler extends InflatedBodyContract {
    InflatedByRequestEncodingHandler() {
      super(new UndertowContainer(new RequestEncodingHandler.Builder().build(Map.of())));
    }

    @Override
    List<Mapped> front() {
      return List.of();
    }

    @Test
    void formIsCopied() throws Exception {
      checkForm();
    }
  }
}
