package example.starter;

import java.io.File;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** Prints the request factory that Spring Boot gives to the RestClient of the application. */
public final class RequestFactory {
  private static final String RESULT = "request factory: ";

  private RequestFactory() {}

  public static void main(String[] args) throws Exception {
    try (ConfigurableApplicationContext context =
        SpringApplication.run(Main.class, "--server.port=0", "--server.address=127.0.0.1")) {
      System.out.println(RESULT + of(context));
    }
  }

  private static String of(ApplicationContext context) throws IllegalAccessException {
    RestClient client = context.getBean(RestClient.Builder.class).build();
    for (Field field : client.getClass().getDeclaredFields()) {
      if (field.getType() == ClientHttpRequestFactory.class) {
        field.setAccessible(true);
        return field.get(client).getClass().getName();
      }
    }
    throw new IllegalStateException("no request factory in " + client.getClass());
  }

  /** Starts the same application again, with what the starter brings removed. */
  static void expectTheSameWithoutTheStarter(ApplicationContext context) throws Exception {
    String classPath = System.getProperty("java.class.path");
    String without =
        Arrays.stream(classPath.split(File.pathSeparator))
            .filter(entry -> !entry.replace('\\', '/').contains("/io/github/requestmirror/"))
            .filter(entry -> !entry.replace('\\', '/').contains("/org/apache/httpcomponents/"))
            .collect(Collectors.joining(File.pathSeparator));
    if (without.length() >= classPath.length()) {
      throw new IllegalStateException("the starter is not on the class path: " + classPath);
    }
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-classpath",
                without,
                RequestFactory.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String expected = RESULT + of(context);
    if (process.waitFor() != 0 || !output.contains(expected)) {
      throw new IllegalStateException("expected " + expected + " without the starter: " + output);
    }
    System.out.println(expected + ", with and without the starter");
  }
}
