package io.github.requestmirror;

import java.util.Arrays;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.InvalidAttributeValueException;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanInfo;
import javax.management.MBeanNotificationInfo;
import javax.management.MBeanOperationInfo;
import javax.management.ReflectionException;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenMBeanAttributeInfo;
import javax.management.openmbean.OpenMBeanAttributeInfoSupport;
import javax.management.openmbean.OpenMBeanConstructorInfo;
import javax.management.openmbean.OpenMBeanInfoSupport;
import javax.management.openmbean.OpenMBeanOperationInfo;
import javax.management.openmbean.OpenMBeanOperationInfoSupport;
import javax.management.openmbean.OpenMBeanParameterInfo;
import javax.management.openmbean.OpenMBeanParameterInfoSupport;
import javax.management.openmbean.SimpleType;
import org.jspecify.annotations.Nullable;

/**
 * The MBean of a mirror: its statistics and its switches, in open types. A dynamic one needs no
 * public interface. Its methods run on threads of the management client.
 */
final class MirrorBean implements DynamicMBean {
  private static final String ENABLED = "Enabled";
  private static final String TARGETS = "Targets";
  private static final String SET_FRACTION = "setFraction";

  private final Mirror mirror;
  private final TargetTable table;
  private final MBeanInfo info;

  MirrorBean(Mirror mirror) throws OpenDataException {
    this.mirror = mirror;
    this.table = new TargetTable();
    this.info =
        new OpenMBeanInfoSupport(
            Mirror.class.getName(),
            "A request mirror",
            new OpenMBeanAttributeInfo[] {
              new OpenMBeanAttributeInfoSupport(
                  ENABLED,
                  "Whether requests are mirrored; pending copies are sent in any case",
                  SimpleType.BOOLEAN,
                  true,
                  true,
                  true),
              new OpenMBeanAttributeInfoSupport(
                  TARGETS, "The statistics of each target", table.type(), true, false, false)
            },
            new OpenMBeanConstructorInfo[0],
            new OpenMBeanOperationInfo[] {
              new OpenMBeanOperationInfoSupport(
                  SET_FRACTION,
                  "Changes the fraction of matching requests that is copied, from 0 to 1",
                  new OpenMBeanParameterInfo[] {
                    new OpenMBeanParameterInfoSupport(
                        "target", "The name of the target", SimpleType.STRING),
                    new OpenMBeanParameterInfoSupport("fraction", "From 0 to 1", SimpleType.DOUBLE)
                  },
                  SimpleType.VOID,
                  MBeanOperationInfo.ACTION)
            },
            new MBeanNotificationInfo[0]);
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    return info;
  }

  @Override
  public Object getAttribute(String name) throws AttributeNotFoundException, ReflectionException {
    if (name.equals(ENABLED)) {
      return mirror.enabled();
    }
    if (!name.equals(TARGETS)) {
      throw new AttributeNotFoundException(name);
    }
    try {
      return table.of(mirror);
    } catch (OpenDataException e) {
      throw new ReflectionException(e);
    }
  }

  @Override
  public void setAttribute(Attribute attribute)
      throws AttributeNotFoundException, InvalidAttributeValueException {
    if (!attribute.getName().equals(ENABLED)) {
      throw new AttributeNotFoundException(attribute.getName() + " cannot be set");
    }
    if (!(attribute.getValue() instanceof Boolean enabled)) {
      throw new InvalidAttributeValueException(ENABLED + " must be a boolean");
    }
    mirror.enabled(enabled);
  }

  /** Leaves out what cannot be read, as the interface demands. */
  @Override
  public AttributeList getAttributes(String[] names) {
    AttributeList values = new AttributeList();
    for (String name : names) {
      try {
        values.add(new Attribute(name, getAttribute(name)));
      } catch (JMException | JMRuntimeException e) {
        // Left out.
      }
    }
    return values;
  }

  /** Leaves out what cannot be set, as the interface demands. */
  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    AttributeList changed = new AttributeList();
    for (Attribute attribute : attributes.asList()) {
      try {
        setAttribute(attribute);
        changed.add(attribute);
      } catch (JMException | JMRuntimeException e) {
        // Left out.
      }
    }
    return changed;
  }

  @Override
  public @Nullable Object invoke(String name, Object[] arguments, String[] signature)
      throws ReflectionException {
    if (!name.equals(SET_FRACTION)
        || arguments.length != 2
        || !(arguments[0] instanceof String target)
        || !(arguments[1] instanceof Double fraction)) {
      throw new ReflectionException(
          new NoSuchMethodException(name + Arrays.toString(signature)),
          "the only operation is " + SET_FRACTION + "(String, double)");
    }
    mirror.fraction(target, fraction);
    return null;
  }
}
