package io.github.requestmirror.servlet.contract;

import io.github.requestmirror.servlet.contract.Container.Mapped;
import java.util.List;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.server.Handler;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code CompressionHandler}, which replaces {@code GzipHandler} in Jetty 12.1. */
class CompressionHandlerTest extends InflatedBodyContract {
  CompressionHandlerTest() {
    super(new JettyContainer(CompressionHandlerTest::inflating));
  }

  private static Handler inflating(Handler context) {
    CompressionHandler compression = new CompressionHandler(context);
    compression.putCompression(new GzipCompression());
    return compression;
  }

  @Override
  List<Mapped> front() {
    return List.of();
  }

  @Test
  void formIsCopied() throws Exception {
    checkForm();
  }

  @Override
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Disabled("the CompressionHandler of Jetty 12.1 never ends the read of truncated gzip")
  void truncatedBodyIsCopiedOnlyIfItLooksComplete(boolean chunked) {}
}
