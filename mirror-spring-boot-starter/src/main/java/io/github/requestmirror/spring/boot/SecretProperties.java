package io.github.requestmirror.spring.boot;

import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;

/**
 * Masks values that may be secret where the actuator shows properties. Names come in every relaxed
 * form, from variables also without their dots, so that a name that ends like a secret one, such as
 * {@code remove-header}, is masked with it.
 */
final class SecretProperties implements SanitizingFunction {
  private static final Pattern SEPARATORS = Pattern.compile("[^a-z0-9]");
  private static final Pattern INDEX = Pattern.compile("[\\[_.]\\d+[\\]_]?$");

  private final List<String> endings =
      MirrorSettings.all().stream()
          .filter(Setting::secret)
          .map(setting -> setting.name().toLowerCase(Locale.ROOT))
          .toList();

  @Override
  public SanitizableData apply(SanitizableData data) {
    return isSecret(data.getKey()) ? data.withSanitizedValue() : data;
  }

  private boolean isSecret(String key) {
    String name = uniform(INDEX.matcher(key).replaceFirst(""));
    return name.startsWith(PropertyNames.ROOT.toString())
        && endings.stream().anyMatch(name::endsWith);
  }

  private static String uniform(String key) {
    return SEPARATORS.matcher(key.toLowerCase(Locale.ROOT)).replaceAll("");
  }
}
