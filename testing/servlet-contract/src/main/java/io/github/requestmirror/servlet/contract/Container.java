package io.github.requestmirror.servlet.contract;

import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All that the contracts need to know of a servlet container. */
interface Container {

  /** Starts a root context; see {@link #startAt}. */
  default Running start(Servlet servlet, Mapped... filters) throws Exception {
    return startAt("", servlet, filters);
  }

  /**
   * Starts a context in which one servlet, async and multipart supported, gets all requests. Paths
   * are not restricted more than the container insists on.
   *
   * @param contextPath where the context is deployed; empty for the root
   * @param filters in the order of their chain
   * @throws Exception when the container says that it did not start
   */
  Running startAt(String contextPath, Servlet servlet, Mapped... filters) throws Exception;

  /** Returns the name that the documentation has for it. */
  String documentedName();

  /** Tells whether a response counts as begun with a forward, before there is one. */
  default boolean stampsAForwardAtItsBegin() {
    return false;
  }

  /** Tells whether fields of different names keep their order. Those of one name always do. */
  default boolean keepsTheOrderOfHeaders() {
    return true;
  }

  /** What can fail when a container stops. */
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
   * @param filter the instance, or null to let the container make a {@link MirrorFilter} as it does
   *     for a {@code web.xml}
   * @param times how many mappings it has
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
