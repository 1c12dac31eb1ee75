package io.github.requestmirror.spring.boot;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;

/** Logs a line when the application starts. */
record StartWarning(String text) implements SmartInitializingSingleton {
  private static final Logger LOG = LoggerFactory.getLogger(StartWarning.class);

  @Override
  public void afterSingletonsInstantiated() {
    LOG.warn("{}", text);
  }
}
