package io.github.requestmirror.servlet.contract;

/** All contracts in Tomcat. */
class TomcatTest extends ContainerContract {
  TomcatTest() {
    super(new TomcatContainer());
  }
}
