package io.github.requestmirror.gateways;

import jakarta.servlet.Filter;
import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Spring Cloud Gateway with Apache HttpClient, which it finds among the mirror's dependencies. */
class SpringApacheClientTest extends GatewayContract {
  @Override
  Running start(Supplier<URI> primary, @Nullable Filter filter) {
    return SpringGateway.start(primary, filter, Map.of());
  }

  @Override
  boolean rebuildsForms() {
    return true;
  }
}
