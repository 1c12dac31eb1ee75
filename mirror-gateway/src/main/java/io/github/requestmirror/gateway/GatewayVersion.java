package io.github.requestmirror.gateway;

import picocli.CommandLine.IVersionProvider;

/** Reads the version from the jar. */
final class GatewayVersion implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = GatewayVersion.class.getPackage().getImplementationVersion();
    return new String[] {"mirror-gateway " + (version == null ? "(not packaged)" : version)};
  }
}
