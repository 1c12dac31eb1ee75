package io.github.requestmirror;

import io.github.requestmirror.internal.accounting.GuardedLog;
import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * The entry of a mirror in the platform's MBean server. The module {@code java.management} may be
 * missing; only this class and what it uses need it.
 */
final class MBeanEntry implements AutoCloseable {
  private static final GuardedLog logger = new GuardedLog(Mirror.class);
  private static final Pattern NEEDS_QUOTES = Pattern.compile("[,=:\"*?\\n]");

  private final MBeanServer server;
  private final ObjectName name;

  private MBeanEntry(MBeanServer server, ObjectName name) {
    this.server = server;
    this.name = name;
  }

  /**
   * Registers a mirror.
   *
   * @throws JMException when the name is taken
   */
  static MBeanEntry register(Mirror mirror, String name) throws JMException {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    // Some servers register it under a name with further keys.
    return new MBeanEntry(
        server, server.registerMBean(new MirrorBean(mirror), objectName(name)).getObjectName());
  }

  private static ObjectName objectName(String name) throws JMException {
    String value = NEEDS_QUOTES.matcher(name).find() ? ObjectName.quote(name) : name;
    return new ObjectName("io.github.requestmirror:type=Mirror,name=" + value);
  }

  /** Removes the entry. Throws nothing, because it must not keep the mirror from closing. */
  @Override
  public void close() {
    try {
      server.unregisterMBean(name);
    } catch (Throwable t) {
      // Most likely, something else has removed it.
      logger.debug("failed to unregister {}", name, t);
    }
  }
}
