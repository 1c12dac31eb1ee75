package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.MirrorTarget;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewayOptionsTest {
  private static GatewayOptions parse(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("--primary=http://p:1", "--mirror=http://m:2"));
    arguments.addAll(List.of(more));
    return GatewayOptions.parse(arguments.toArray(String[]::new));
  }

  @Test
  void defaults() {
    GatewayOptions options = parse();

    assertThat(options.listen()).isEqualTo(9900);
    assertThat(options.admin()).isEqualTo(9901);
    assertThat(options.bind()).isNull();
    assertThat(options.primary()).isEqualTo(URI.create("http://p:1"));
    assertThat(options.primaryTimeout()).isEqualTo(Duration.ofSeconds(15));
    assertThat(options.primaryConnectTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(options.policy().toString())
        .contains("methods=[POST]", "fraction=1.0", "order=by method", "forwardCredentials=false");
  }

  @Test
  void defaultsInHelpMatchTheLibrary() {
    MirrorTarget target = parse().targets().get(0);
    assertThat(target.callTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(target.maxBodyBytes()).isEqualTo(16 << 20);
    assertThat(target.bufferBytes()).isEqualTo(64 << 20);
    assertThat(target.maxInFlight()).isEqualTo(64);
    assertThat(target.maxQueueTime()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void everyOptionIsApplied() {
    GatewayOptions options =
        parse(
            "--listen=0",
            "--admin=1",
            "--bind=127.0.0.1",
            "--fraction=0.25",
            "--order=fifo",
            "--when-primary-responds=2,4",
            "--match=all",
            "--credentials=forward",
            "--primary-timeout=2s",
            "--primary-connect-timeout=300ms",
            "--mirror-timeout=3s",
            "--max-body=1MiB",
            "--buffer=2MiB",
            "--max-in-flight=4",
            "--max-queue-time=1m",
            "--max-retries=3");

    assertThat(options.listen()).isZero();
    assertThat(options.admin()).isEqualTo(1);
    assertThat(options.bind()).isEqualTo("127.0.0.1");
    assertThat(options.policy().toString())
        .contains("methods=all", "fraction=0.25", "order=FIFO", "forwardCredentials=true")
        .contains("primaryStatuses=[2xx, 4xx]");
    assertThat(options.primaryTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(options.primaryConnectTimeout()).isEqualTo(Duration.ofMillis(300));
    MirrorTarget target = options.targets().get(0);
    assertThat(target.callTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(target.maxBodyBytes()).isEqualTo(1 << 20);
    assertThat(target.bufferBytes()).isEqualTo(2 << 20);
    assertThat(target.maxInFlight()).isEqualTo(4);
    assertThat(target.maxQueueTime()).isEqualTo(Duration.ofMinutes(1));
    assertThat(target.maxRetries()).isEqualTo(3);
  }

  @Test
  void mirrorsOnOneHost_areNamedByPath() {
    assertThat(parse("--mirror=http://m:2/base").targets())
        .extracting(MirrorTarget::name)
        .containsExactly("m:2", "m:2/base");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--listen=abc | --listen | abc",
        "--listen=65536 | --listen | 65536",
        "--admin=-1 | --admin | -1",
        "--fraction=1.5 | --fraction | 1.5",
        "--fraction=x | --fraction | x",
        "--order=random | --order | random",
        "--match=reads | --match | reads",
        "--credentials=yes | --credentials | yes",
        "--primary-timeout=15 | --primary-timeout | 15",
        "--primary-timeout=0s | --primary-timeout | 0ms",
        "--primary-connect-timeout=25h | --primary-connect-timeout | 90000000ms",
        "--mirror-timeout=0s | --mirror-timeout | PT0S",
        "--max-body=1MB | --max-body | 1MB",
        "--max-body=1GiB | --max-body | 1073741824",
        "--buffer=1 | --buffer | 1",
        "--max-in-flight=0 | --max-in-flight | 0",
        "--max-queue-time=never | --max-queue-time | never",
        "--max-retries=-1 | --max-retries | -1",
        "--mirror=ftp://h | --mirror | ftp://h",
        "--mirror=http://m:2 | --mirror | http://m:2",
        "--mirror=http://u:secret@h | --mirror | http://***@h",
        "--when-primary-responds=, | --when-primary-responds | ,",
        "--when-primary-responds= | --when-primary-responds | ''",
        "--nonsense=1 | --nonsense | 1",
        "stray | stray | stray",
      })
  void invalidOption_messageNamesOptionAndValue(String argument, String option, String value) {
    assertThatThrownBy(() -> parse(argument))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains(option)
        .contains(value)
        .doesNotContain("secret")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource({"--primary=http://p:1,--mirror", "--mirror=http://m:2,--primary"})
  void missingOption_messageNamesOption(String given, String missing) {
    assertThatThrownBy(() -> GatewayOptions.parse(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(missing);
  }

  @ParameterizedTest
  @CsvSource({"http://", "/path", "p:1", "http://p:1/?q", "http://p|q"})
  void invalidPrimary_messageNamesOptionAndValue(String primary) {
    assertThatThrownBy(() -> GatewayOptions.parse("--primary=" + primary, "--mirror=http://m:2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--primary")
        .hasMessageContaining(primary);
  }

  @Test
  void help_showsEveryOptionWithItsDefault() {
    StringWriter help = new StringWriter();
    new GatewayOptions().commandLine().usage(new java.io.PrintWriter(help, true));
    String flat = help.toString().replaceAll("\\s+", " ");

    for (String option :
        List.of(
            "listen",
            "admin",
            "bind",
            "fraction",
            "order",
            "match",
            "credentials",
            "primary-timeout",
            "primary-connect-timeout",
            "mirror-timeout",
            "max-body",
            "buffer",
            "max-in-flight",
            "max-queue-time",
            "max-retries")) {
      assertThat(flat).containsPattern(" --" + option + "=\\S+ [^=]*?Default: ");
    }
    assertThat(flat).contains(" --primary=URL ", " --mirror=URL ").doesNotContain("${");
  }
}
