package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import java.net.URI;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SpringBootSnippet {
  @Bean
  Mirror mirror() {
    return Mirror.start(
        MirrorTarget.builder(URI.create("http://cortex-2:9009")).name("secondary").build(),
        Cortex.writes().build());
  }

  @Bean
  FilterRegistrationBean<MirrorFilter> mirrorFilter(Mirror mirror) {
    FilterRegistrationBean<MirrorFilter> filter =
        new FilterRegistrationBean<>(new MirrorFilter(mirror));
    filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
    filter.setAsyncSupported(true);
    filter.setOrder(0); // after Spring Security, which has -100
    return filter;
  }
}
