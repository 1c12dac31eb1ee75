package io.github.requestmirror.servlet.contract;

/** All contracts. */
class UndertowTest extends ContainerContract {
  UndertowTest() {
    super(new UndertowContainer());
  }
}
