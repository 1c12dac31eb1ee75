package io.github.requestmirror.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Sets how all tests wait, for every test class of a module. Most conditions become true within
 * milliseconds, but Awaitility's defaults wait for at least 100 ms and for at most 10 s, which a
 * busy machine may exceed.
 */
public final class AwaitDefaults implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
  }
}
