package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.OpenMBeanInfo;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The mirror among the MBeans of the JVM. */
class MBeanTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  @RegisterExtension final LogGuard log = new LogGuard();
  private final TestTarget server = new TestTarget();
  private final MBeanServer beans = ManagementFactory.getPlatformMBeanServer();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private Set<ObjectName> registered() throws JMException {
    return beans.queryNames(new ObjectName("io.github.requestmirror:*"), null);
  }

  private Mirror.Builder builder() {
    return Mirror.builder()
        .target(
            MirrorTarget.builder(server.uri())
                .name("secondary")
                .bufferBytes(1 << 20)
                .maxBodyBytes(1000)
                .build(),
            MirrorPolicy.builder().path("/push").build());
  }

  private static ObjectName name(String name) throws JMException {
    return new ObjectName("io.github.requestmirror:type=Mirror,name=" + name);
  }

  private CompositeData secondary(ObjectName name) throws JMException {
    return ((TabularData) beans.getAttribute(name, "Targets")).get(new Object[] {"secondary"});
  }

  @Test
  void mbeanHasTheStatisticsOfEachTarget() throws JMException {
    Mirror mirror =
        builder()
            .target(
                MirrorTarget.builder(server.uri()).name("third").build(), Cortex.writes().build())
            .mbeanName("gw")
            .start();
    conservation.watch(mirror);
    Wire.post(mirror, "/push", new byte[10]);
    Wire.get(mirror, "/other");
    Conservation.awaitSettled(mirror);
    assertThat(((TabularData) beans.getAttribute(name("gw"), "Targets")).size()).isEqualTo(2);
    CompositeData target = secondary(name("gw"));
    assertThat(target.get("offered")).isEqualTo(2L);
    assertThat(target.get("responded")).isEqualTo(1L);
    assertThat(target.get("pending")).isEqualTo(0L);
    assertThat(target.get("inFlight")).isEqualTo(0L);
    assertThat(target.get("waitingForOrder")).isEqualTo(0L);
    assertThat(target.get("bufferedBytes")).isEqualTo(0L);
    assertThat(target.get("bufferBytes")).isEqualTo(1L << 20);
    assertThat(target.get("up")).isEqualTo(true);
    assertThat(target.get("fraction")).isEqualTo(1.0);
    assertThat(target.get("policy").toString()).contains("/push");
    CompositeData outcomes = (CompositeData) target.get("outcomes");
    assertThat(outcomes.getCompositeType().keySet()).hasSize(Outcome.values().length);
    assertThat(outcomes.get("ACCEPTED")).isEqualTo(1L);
    assertThat(outcomes.get("NOT_MATCHED")).isEqualTo(1L);
  }

  @Test
  void infoDescribesOpenTypes() throws JMException {
    Mirror mirror = conservation.watch(builder().mbeanName("gw").start());
    assertThat(beans.getMBeanInfo(name("gw"))).isInstanceOf(OpenMBeanInfo.class);
    assertThat(beans.getAttributes(name("gw"), new String[] {"Enabled", "Targets", "Other"}))
        .hasSize(2);
    assertThat(mirror.enabled()).isTrue();
  }

  @Test
  void switchesAct() throws JMException {
    Mirror mirror = conservation.watch(builder().mbeanName("gw").start());
    beans.setAttribute(name("gw"), new Attribute("Enabled", false));
    assertThat(mirror.enabled()).isFalse();
    assertThat(beans.getAttribute(name("gw"), "Enabled")).isEqualTo(false);
    beans.invoke(
        name("gw"),
        "setFraction",
        new Object[] {"secondary", 0.25},
        new String[] {String.class.getName(), double.class.getName()});
    assertThat(mirror.policy("secondary").fraction()).isEqualTo(0.25);
    assertThat(mirror.policy("secondary").toString()).contains("/push");
    assertThat(secondary(name("gw")).get("fraction")).isEqualTo(0.25);
    assertThatThrownBy(
            () ->
                beans.invoke(
                    name("gw"),
                    "setFraction",
                    new Object[] {"secondary", 2.0},
                    new String[] {String.class.getName(), double.class.getName()}))
        .isInstanceOf(RuntimeMBeanException.class)
        .hasRootCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mirrorWithoutANameIsNotRegistered() throws JMException {
    conservation.watch(builder().start());
    assertThat(registered()).isEmpty();
  }

  @Test
  void closeRemovesTheMBeanBeforeItDrains() throws JMException {
    server.behave(server.hang());
    Mirror mirror = builder().mbeanName("gw").start();
    Wire.post(mirror, "/push", new byte[10]);
    Thread closing = new Thread(mirror::close);
    closing.start();
    await().until(() -> registered().isEmpty());
    server.close();
    assertThat(closing).satisfies(Thread::join);
    mirror.close();
  }

  @Test
  void nameThatIsTakenIsLoggedOnceAndTheFirstMirrorKeepsIt() throws JMException {
    Mirror first = conservation.watch(builder().mbeanName("gw").start());
    Mirror second = builder().mbeanName("gw").start();
    assertThat(log.warnings())
        .singleElement()
        .asString()
        .contains("no MBean 'gw'", "InstanceAlreadyExistsException");
    second.close();
    assertThat(registered()).containsExactly(name("gw"));
    first.enabled(false);
    assertThat(beans.getAttribute(name("gw"), "Enabled")).isEqualTo(false);
  }

  @Test
  void nameIsFreeAgainAfterClose() throws JMException {
    for (int i = 0; i < 2; i++) {
      try (Mirror mirror = builder().mbeanName("gw").start()) {
        assertThat(registered()).containsExactly(name("gw"));
        assertThat(mirror.enabled()).isTrue();
      }
    }
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void removedMBeanDoesNotKeepTheMirrorFromClosing() throws JMException {
    Mirror mirror = builder().mbeanName("gw").start();
    beans.unregisterMBean(name("gw"));
    mirror.close();
    Conservation.awaitNoThreads();
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void anyNameIsPossibleAndQuotedIfNecessary() throws JMException {
    Mirror mirror = conservation.watch(builder().mbeanName("a=b,c:*?\"").start());
    assertThat(mirror.enabled()).isTrue();
    assertThat(registered())
        .singleElement()
        .satisfies(
            found ->
                assertThat(ObjectName.unquote(found.getKeyProperty("name")))
                    .isEqualTo("a=b,c:*?\""));
    assertThatThrownBy(() -> builder().mbeanName(" "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mbeanName");
  }

  @Test
  void mirrorStartsWithoutTheManagementModule(@TempDir Path folder) throws Exception {
    String printed =
        ChildJvm.run(
            folder, List.of("--limit-modules", "java.naming,java.xml"), WithoutManagement.class);
    assertThat(printed)
        .contains("INFO", "no MBean 'gw': the module java.management is missing")
        .contains("closed");
  }

  /** Runs in a JVM without the module. */
  static final class WithoutManagement {
    public static void main(String[] args) {
      Logger logger = (Logger) LoggerFactory.getLogger(Mirror.class);
      logger.setLevel(Level.INFO);
      AppenderBase<ILoggingEvent> printer =
          new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
              System.out.println(event);
            }
          };
      printer.start();
      logger.addAppender(printer);
      Mirror mirror =
          Mirror.builder()
              .target(
                  MirrorTarget.of(URI.create("http://127.0.0.1:9")), MirrorPolicy.builder().build())
              .mbeanName("gw")
              .start();
      mirror.close();
      System.out.println("closed");
    }
  }
}
