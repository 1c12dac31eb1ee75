package io.github.requestmirror.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.testing.Conservation;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The servlet-context attribute with the mirror that a filter has started. */
class MirrorAttributeTest {
  private static final String TARGET = "http://127.0.0.1:9";
  private static final String PREFIX = "io.github.requestmirror.servlet.MirrorFilter.mirror.";

  private final Map<String, Object> attributes = new HashMap<>();

  @AfterEach
  void noThreadIsLeft() {
    Conservation.awaitNoThreads();
  }

  private MirrorFilter start(String name) throws Exception {
    MirrorFilter filter = new MirrorFilter();
    filter.init(config(name, attributes));
    return filter;
  }

  private static ContextAttributes.Config config(String name, Map<String, Object> attributes) {
    return new ContextAttributes.Config(
        name,
        ContextAttributes.context("/app", attributes),
        Map.of("target", TARGET, "name", name));
  }

  private @Nullable Object attribute(String name) {
    return attributes.get(PREFIX + name);
  }

  @Test
  void startedMirrorIsInAnAttributeUntilTheFilterIsDestroyed() throws Exception {
    assertThat(MirrorFilter.MIRROR_ATTRIBUTE_PREFIX).isEqualTo(PREFIX);
    MirrorFilter filter = start("copies");
    assertThat(attribute("copies"))
        .isInstanceOfSatisfying(
            Mirror.class, mirror -> assertThat(mirror.stats().target("copies").up()).isTrue());
    filter.destroy();
    assertThat(attributes).isEmpty();
  }

  @Test
  void eachFilterHasAnAttributeOfItsOwn() throws Exception {
    MirrorFilter first = start("first");
    MirrorFilter second = start("second");
    assertThat(attribute("first")).isNotNull().isNotSameAs(attribute("second"));
    first.destroy();
    assertThat(attributes).containsOnlyKeys(PREFIX + "second");
    second.destroy();
    assertThat(attributes).isEmpty();
  }

  @Test
  void mirrorOfTheApplicationHasNoAttribute() throws Exception {
    try (Mirror mirror =
        Mirror.start(MirrorTarget.of(URI.create(TARGET)), MirrorPolicy.builder().build())) {
      MirrorFilter filter = new MirrorFilter(mirror);
      filter.init(config("copies", attributes));
      assertThat(attributes.values()).doesNotContain(mirror);
      filter.destroy();
    }
  }

  @Test
  void attributeListenerThatThrowsLeavesNoMirror() {
    Map<String, Object> hostile =
        new HashMap<>() {
          private static final long serialVersionUID = 1;

          @Override
          public @Nullable Object put(String name, Object value) {
            throw new IllegalStateException("hostile");
          }
        };
    MirrorFilter filter = new MirrorFilter();
    assertThatThrownBy(() -> filter.init(config("copies", hostile)))
        .isInstanceOf(IllegalStateException.class);
    Conservation.awaitNoThreads();
    filter.destroy();
  }

  @Test
  void attributeListenerThatThrowsAtTheEndDoesNotKeepTheMirrorOpen() throws Exception {
    Map<String, Object> hostile =
        new HashMap<>() {
          private static final long serialVersionUID = 1;

          @Override
          public @Nullable Object remove(@Nullable Object name) {
            throw new IllegalStateException("hostile");
          }
        };
    MirrorFilter filter = new MirrorFilter();
    filter.init(config("copies", hostile));
    assertThatThrownBy(filter::destroy).isInstanceOf(IllegalStateException.class);
    Conservation.awaitNoThreads();
  }
}
