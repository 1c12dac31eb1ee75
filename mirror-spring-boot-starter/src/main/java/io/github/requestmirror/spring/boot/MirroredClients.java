package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** Adds interceptors to the clients that have one of the given names. */
final class MirroredClients
    implements BeanPostProcessor, SmartInitializingSingleton, BeanFactoryAware {
  private final Set<String> names;
  private final ObjectProvider<Mirror> mirror;
  private final ObjectProvider<ClientKind> kinds;
  private @Nullable BeanFactory beans;

  MirroredClients(
      Set<String> names, ObjectProvider<Mirror> mirror, ObjectProvider<ClientKind> kinds) {
    this.names = names;
    this.mirror = mirror;
    this.kinds = kinds;
  }

  @Override
  public void setBeanFactory(BeanFactory beans) {
    this.beans = beans;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (!names.contains(name)) {
      return bean;
    }
    List<ClientKind> known = kinds.stream().toList();
    Mirror running = mirror.getIfAvailable();
    if (running == null) {
      // No target is set, for example in development.
      return bean;
    }
    for (ClientKind kind : known) {
      Object mirrored = kind.mirrored(bean, running);
      if (mirrored != null) {
        return mirrored;
      }
    }
    throw invalid(
        name,
        known.isEmpty()
            ? "mirror-okhttp or mirror-httpclient5 must be on the class path"
            : "must be a bean of type "
                + known.stream().map(ClientKind::types).collect(Collectors.joining(", "))
                + ", is "
                + bean.getClass().getName());
  }

  /** Of a misspelled name nothing else would be seen. */
  @Override
  public void afterSingletonsInstantiated() {
    for (String name : names) {
      if (beans != null && !beans.containsBean(name)) {
        throw invalid(name, "there is no bean with this name");
      }
    }
  }

  private static InvalidMirrorPropertyException invalid(String name, String reason) {
    return new InvalidMirrorPropertyException(
        PropertyNames.ROOT.append(PropertyNames.CLIENTS) + " = '" + name + "': " + reason,
        List.of(),
        null);
  }
}
