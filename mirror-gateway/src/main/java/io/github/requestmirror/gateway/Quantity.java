package io.github.requestmirror.gateway;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses sizes, durations and URLs of the command line. */
final class Quantity {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18})(|KiB|MiB|GiB)");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h)");

  private Quantity() {}

  /** A number of bytes. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      Matcher matcher = SIZE.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + value + "' must be a size such as 1048576, 512KiB, 16MiB or 1GiB");
      }
      long factor =
          switch (matcher.group(2)) {
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            default -> 1;
          };
      try {
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
      } catch (ArithmeticException e) {
        throw new TypeConversionException("'" + value + "' is too large");
      }
    }
  }

  /** A duration with one unit. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      Matcher matcher = DURATION.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + value + "' must be a duration such as 500ms, 15s or 1m");
      }
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        default -> Duration.ofHours(number);
      };
    }
  }

  /** A URL. {@link GatewayOptions#check} decides whether it is valid for its option. */
  static final class Url implements ITypeConverter<URI> {
    @Override
    public URI convert(String value) {
      try {
        return new URI(value);
      } catch (URISyntaxException e) {
        // The user info may contain a password.
        String shown = value.replaceFirst("//[^/]*@", "//***@");
        throw new TypeConversionException("'" + shown + "' must be a URL such as http://host:9009");
      }
    }
  }
}
