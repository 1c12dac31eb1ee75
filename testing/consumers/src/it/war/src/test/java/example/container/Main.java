package example.container;

import example.server.Server;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;

/** Deploys the WAR in a Tomcat without the mirror on its own class path. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    Path war = Path.of(args[0]);
    try (Server secondary = new Server()) {
      System.setProperty("mirror.target", secondary.uri().toString());
      Tomcat tomcat = new Tomcat();
      tomcat.setBaseDir(Files.createTempDirectory(war.getParent(), "tomcat").toString());
      tomcat.getHost().setAppBase(war.getParent().toString());
      tomcat.setPort(0);
      StandardContext context = (StandardContext) tomcat.addWebapp("", war.toString());
      // The classes of the application are those of the WAR only.
      context.setParentClassLoader(StandardContext.class.getClassLoader());
      tomcat.start();
      try {
        URI uri =
            URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/api/v1/push");
        HttpResponse<String> response =
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(uri)
                        .POST(HttpRequest.BodyPublishers.ofString("samples"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString());
        if (!response.body().equals("read 7")) {
          throw new IllegalStateException("the primary responded " + response.body());
        }
        secondary.expect("POST /api/v1/push samples");
      } finally {
        tomcat.stop();
        tomcat.destroy();
      }
    }
  }
}
