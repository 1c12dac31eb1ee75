package io.github.requestmirror.servlet.contract;

/** All contracts. */
class TomcatTest extends ContainerContract {
  TomcatTest() {
    super(new TomcatContainer());
  }
}
