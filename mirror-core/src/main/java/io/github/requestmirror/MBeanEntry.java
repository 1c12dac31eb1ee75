package io.github.requestmirror;

import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * The entry of a mirror in the platform's MBean server. The module {@code java.management} may be
 * missing; only this class and what it uses need it.
 */
final class MBeanEntry {
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

  /**
   * Removes the entry.
   *
   * @throws JMException most likely because something else has removed it
   */
  void remove() throws JMException {
    server.unregisterMBean(name);
  }
}
