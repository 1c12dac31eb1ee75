package io.github.requestmirror.servlet.contract;

import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A servlet container, as the contracts see it. */
interface Container {

  /** Starts a root context; see {@link #startAt}. */
  default Running start(Servlet servlet, Mapped... filters) throws Exception {
    return startAt("", servlet, filters);
  }

  /**
   * Starts a context in which one servlet, with async and multipart supported, receives all
   * requests. Restrictions on paths are disabled as far as possible.
   *
   * @param contextPath where the context is deployed; empty for the root
   * @param filters in the order of the filter chain
   * @throws Exception if the container reports that it did not start
   */
  Running startAt(String contextPath, Servlet servlet, Mapped... filters) throws Exception;

  /** Returns the container's name in the documentation. */
  String documentedName();

  /**
   * Returns this container with each request in a virtual thread, or null if it has no such
   * setting. Called only on a JDK that has them.
   */
  default @Nullable Container onVirtualThreads() {
    return null;
  }

  /** Tells whether the mirror treats a forward as the begin of the response. */
  default boolean forwardBeginsTheResponse() {
    return false;
  }

  /** Tells whether fields with different names keep their order; those with the same name must. */
  default boolean keepsOrderOfHeaders() {
    return true;
  }

  /** Stops a container. */
  interface Stop {
    void run() throws Exception;
  }

  /** A started container. */
  record Running(int port, Stop stop) implements AutoCloseable {
    @Override
    public void close() {
      try {
        stop.run();
      } catch (Exception e) {
        throw new IllegalStateException("the container does not stop", e);
      }
    }
  }

  /**
   * A filter mapped to all paths.
   *
   * @param filter the instance, or null to let the container create a {@link MirrorFilter} as for a
   *     {@code web.xml}
   * @param times the number of mappings
   */
  record Mapped(
      String name,
      @Nullable Filter filter,
      Map<String, String> initParams,
      Set<DispatcherType> dispatches,
      int times) {

    static Mapped of(Filter filter) {
      return named("mirror", filter);
    }

    static Mapped named(String name, Filter filter) {
      return new Mapped(name, filter, Map.of(), usual(), 1);
    }

    static Mapped fromWebXml(Map<String, String> initParams) {
      return new Mapped("mirror", null, initParams, usual(), 1);
    }

    private static Set<DispatcherType> usual() {
      return EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC);
    }

    Mapped times(int times) {
      return new Mapped(name, filter, initParams, dispatches, times);
    }

    Mapped dispatches(Set<DispatcherType> dispatches) {
      return new Mapped(name, filter, initParams, dispatches, times);
    }
  }
}
