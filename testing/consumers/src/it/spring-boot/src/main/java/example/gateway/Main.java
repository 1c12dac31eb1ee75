package example.gateway;

import example.server.Server;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A gateway on Spring Boot with the registration of the documentation. */
@SpringBootApplication(proxyBeanMethods = false)
@RestController
public class Main {
  @PostMapping("/api/v1/push")
  String push(@RequestBody String body) {
    return "read " + body.length();
  }

  @Bean(destroyMethod = "close")
  Server secondary() throws IOException {
    return new Server();
  }

  @Bean
  Mirror mirror(Server secondary) {
    return Mirror.start(MirrorTarget.of(secondary.uri()), Cortex.writes().build());
  }

  @Bean
  FilterRegistrationBean<MirrorFilter> mirrorFilter(Mirror mirror) {
    FilterRegistrationBean<MirrorFilter> filter =
        new FilterRegistrationBean<>(new MirrorFilter(mirror));
    filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
    filter.setAsyncSupported(true);
    filter.setOrder(0);
    return filter;
  }

  public static void main(String[] args) throws Exception {
    try (ConfigurableApplicationContext context =
        SpringApplication.run(Main.class, "--server.port=0")) {
      URI uri =
          URI.create(
              "http://127.0.0.1:"
                  + context.getEnvironment().getProperty("local.server.port")
                  + "/api/v1/push");
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(uri)
                      .header("Content-Type", "text/plain")
                      .POST(HttpRequest.BodyPublishers.ofString("samples"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      if (!response.body().equals("read 7")) {
        throw new IllegalStateException("the primary responded " + response.body());
      }
      context.getBean(Server.class).expect("POST /api/v1/push samples");
    }
  }
}
