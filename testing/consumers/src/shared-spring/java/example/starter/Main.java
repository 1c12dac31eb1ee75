package example.starter;

import example.server.Server;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A gateway with the starter as its dependency and one property; it has no code for the mirror. */
@SpringBootApplication(proxyBeanMethods = false)
@RestController
public class Main {
  @PostMapping("/api/v1/push")
  String push(@RequestBody String body) {
    return "read " + body.length();
  }

  public static void main(String[] args) throws Exception {
    try (Server secondary = new Server();
        ConfigurableApplicationContext context =
            SpringApplication.run(
                Main.class,
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--requestmirror.targets.secondary.url=" + secondary.uri())) {
      Application application =
          new Application(context.getEnvironment().getProperty("local.server.port"));
      application.push("samples");
      secondary.expect("POST /api/v1/push samples");
      application.awaitMore("ACCEPTED", () -> application.push("more"));
      application.expect(
          "/actuator/metrics/http.mirror.requests?tag=outcome:accepted", "\"value\":[1-9]");
      switchUnderLoad(application);
      keepReadyWithoutSecondary(secondary, application);
      RequestFactory.expectTheSameWithoutTheStarter(context);
    }
  }

  private static void switchUnderLoad(Application application) throws Exception {
    Load load = new Load(application);
    application.awaitMore("ACCEPTED");
    application.set("", "{\"enabled\":false}");
    application.awaitValue("pending", 0);
    long accepted = application.value("ACCEPTED");
    application.awaitMore("DISABLED");
    if (application.value("ACCEPTED") != accepted) {
      throw new IllegalStateException("mirrored although it is switched off");
    }
    application.set("", "{\"enabled\":true}");
    application.awaitMore("ACCEPTED");
    application.set("/secondary", "{\"fraction\":0}");
    application.awaitMore("NOT_SAMPLED");
    application.set("/secondary", "{\"fraction\":1}");
    application.awaitMore("ACCEPTED");
    load.stop();
    System.out.println("switched under load");
  }

  private static void keepReadyWithoutSecondary(Server secondary, Application application)
      throws Exception {
    secondary.close();
    application.awaitMore("CONNECT_FAILED", () -> application.push("lost"));
    application.expect("/actuator/mirror/secondary", "\"up\":false");
    for (String path : List.of("/actuator/health", "/actuator/health/readiness")) {
      application.expect(path, "\"status\":\"UP\"");
    }
    System.out.println("ready without the secondary");
  }
}
