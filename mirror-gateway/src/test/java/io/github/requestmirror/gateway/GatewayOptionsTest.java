package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    assertThat(options.mirror())
        .hasToString(MirrorSettings.parse(Map.of("target", "http://m:2")).toString());
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
            "--forward-credentials=true",
            "--primary-timeout=2s",
            "--primary-connect-timeout=300ms",
            "--call-timeout=3s",
            "--max-body-bytes=1MiB",
            "--buffer-bytes=2MiB",
            "--max-in-flight=4",
            "--max-queue-time=1m",
            "--max-retries=3");

    assertThat(options.listen()).isZero();
    assertThat(options.admin()).isEqualTo(1);
    assertThat(options.bind()).isEqualTo("127.0.0.1");
    assertThat(options.mirror().toString())
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
  void targetsOnOneHost_areNamedByPath() {
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
        "--forward-credentials=yes | --forward-credentials | yes",
        "--primary-timeout=15 | --primary-timeout | 15",
        "--primary-timeout=0s | --primary-timeout | 0s",
        "--primary-connect-timeout=25h | --primary-connect-timeout | 25h",
        "--call-timeout=0s | --call-timeout | 0s",
        "--max-body-bytes=1MB | --max-body-bytes | 1MB",
        "--max-body-bytes=1GiB | --max-body-bytes | 1073741824",
        "--buffer-bytes=1 | --buffer-bytes | 1",
        "--max-in-flight=0 | --max-in-flight | 0",
        "--max-queue-time=never | --max-queue-time | never",
        "--max-retries=-1 | --max-retries | -1",
        "--mirror=ftp://h | --target | ftp://h",
        "--mirror=http://m:2 | --target | http://m:2",
        "--target=http://u:secret@h | --target | http://***@h",
        "--when-primary-responds=, | --when-primary-responds | ,",
        "--when-primary-responds= | --when-primary-responds | ''",
        "--max-retries=1 --max-retries=2 | --max-retries | once",
        "--primary-host=a/b | --primary-host | 'a/b'",
        "--primary-ca-file=/none | --primary-ca-file | /none",
        "--primary-certificate-file=/none | --primary-certificate-file | --primary-private-key-file",
        "--listen-private-key-file=/none | --listen-private-key-file | --listen-certificate-file",
        "--admin-token-file=/none | --admin-token-file | /none",
        "--losses-by-scope=51 | --losses-by-scope | 0 to 50",
        "--drain-delay=11m | --drain-delay | 0s to 10m",
        "--target=http://p:1 | --target | is the primary",
        "--target=HTTP://P:1/ | --target | is the primary",
        "--set=b | --set | NAME.SETTING=VALUE",
        "--set=basicAuth=u:secret | --set | basicAuth",
        "--set=b.target=http://p:1 | --set b.target | is the primary",
        "--set=maxRetries=1 | --set | 'maxRetries'",
        "--set=b.maxRetries=1 | --set b.target | missing",
        "--set=b.target=http://b --set=b.maxRetries=x | --set b.maxRetries | whole number",
        "--set=b.targt=http://b | --set b.targt | unknown",
        "--keep-context-path=true | --keep-context-path | true",
        "--nonsense=1 | --nonsense | 1",
        "stray | stray | stray",
      })
  void invalidOption_messageNamesOptionAndValue(String argument, String option, String value) {
    assertThatThrownBy(() -> parse(argument.split(" ", -1)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains(option)
        .contains(value)
        .doesNotContain("secret")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource({"--primary=http://p:1,--target", "--target=http://m:2,--primary"})
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

  private static GatewayOptions parse(Map<String, String> environment, String... arguments) {
    return GatewayOptions.parse(environment, arguments);
  }

  @Test
  void variablesAreOptions_andOptionsWin() {
    GatewayOptions options =
        parse(
            Map.of(
                "MIRROR_GATEWAY_PRIMARY", "http://p:1",
                "MIRROR_GATEWAY_TARGET", "http://m:2\nhttp://n:3",
                "MIRROR_GATEWAY_LISTEN", "1",
                "MIRROR_GATEWAY_MAX_RETRIES", "2",
                "MIRROR_GATEWAY_FRACTION", "",
                "MIRROR_GATEWAY_SET", "b.target=http://b\nb.maxRetries=4",
                "PATH", "/bin"),
            "--max-retries=3",
            "--listen=5");
    assertThat(options.primary()).isEqualTo(URI.create("http://p:1"));
    assertThat(options.listen()).isEqualTo(5);
    assertThat(options.targets()).extracting(MirrorTarget::name).containsExactly("m:2", "n:3", "b");
    assertThat(options.targets()).extracting(MirrorTarget::maxRetries).containsExactly(3, 3, 4);
  }

  @Test
  void settingOfOneTarget_mayBeRepeated() {
    assertThat(
            parse(
                    "--set",
                    "b.target=http://b",
                    "--set=b.setHeader=X-A: 1",
                    "--set=b.setHeader=X-B: 2=3",
                    "--set-header=X-C: 4")
                .mirror())
        .hasToString(
            MirrorSettings.parse(
                    Map.of(
                        "target", "http://m:2",
                        "setHeader", "X-C: 4",
                        "b.target", "http://b",
                        "b.setHeader", "X-A: 1\nX-B: 2=3"))
                .toString());
  }

  @Test
  void argumentsOfAFile(@TempDir Path dir) throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("arguments"),
            "# comment\n--max-retries=3\n--set-header=X-A: 1\n--fraction=0.5\n");
    assertThat(parse("@" + file).mirror())
        .hasToString(
            MirrorSettings.parse(
                    Map.of(
                        "target", "http://m:2",
                        "maxRetries", "3",
                        "fraction", "0.5",
                        "setHeader", "X-A: 1"))
                .toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MAX_RETRIES | x | MIRROR_GATEWAY_MAX_RETRIES = 'x': must be a whole number from 0 to 100",
        "LISTEN | x | MIRROR_GATEWAY_LISTEN = 'x': must be a whole number from 0 to 65535",
        "MAX_RETRY | 1 | MIRROR_GATEWAY_MAX_RETRY is unknown, must be one of",
        "TARGET | http://u:secret@m | MIRROR_GATEWAY_TARGET = 'http://***@m'",
        "BASIC_AUTH | secret | MIRROR_GATEWAY_BASIC_AUTH: must have the form",
      })
  void invalidVariable_messageNamesVariableAndValue(String name, String value, String message) {
    assertThatThrownBy(
            () ->
                parse(
                    Map.of("MIRROR_GATEWAY_PRIMARY", "http://p:1", "MIRROR_GATEWAY_" + name, value),
                    name.equals("TARGET") ? "--listen=0" : "--target=http://m:2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("secret");
  }

  @Test
  void variablesThatKubernetesSetsForAServiceAreIgnored() {
    parse(
        Map.of(
            "MIRROR_GATEWAY_SERVICE_HOST", "10.0.0.1",
            "MIRROR_GATEWAY_SERVICE_PORT_HTTP", "80",
            "MIRROR_GATEWAY_PORT", "tcp://10.0.0.1:80",
            "MIRROR_GATEWAY_PORT_80_TCP_ADDR", "10.0.0.1"),
        "--primary=http://p:1",
        "--target=http://m:2");
  }

  @Test
  void help_showsEveryOptionWithItsDefaultAndRange() {
    StringWriter help = new StringWriter();
    GatewayCommand.commandLine().usage(new PrintWriter(help, true));
    String flat = help.toString().replaceAll("\\s+", " ");

    List<Setting> all = new ArrayList<>(GatewayOptions.own());
    all.addAll(MirrorSettings.all());
    for (Setting setting : all) {
      if (!setting.name().equals("keepContextPath")) {
        String names =
            setting.name().equals("target")
                ? "--target, --mirror"
                : GatewayCommand.option(setting.name());
        assertThat(flat).contains(" " + names + "=" + setting.form() + " " + setting.effect());
        if (setting.range() != null) {
          assertThat(flat).contains(" From " + setting.range() + ".");
        }
        if (setting.defaultValue() != null) {
          assertThat(flat).contains(" Default: " + setting.defaultValue() + ".");
        }
      }
    }
  }
}
