package io.github.requestmirror.gateways;

import jakarta.servlet.Filter;
import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Spring Cloud Gateway with Apache HttpClient, which Spring Boot uses if it is on the class path.
 */
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
