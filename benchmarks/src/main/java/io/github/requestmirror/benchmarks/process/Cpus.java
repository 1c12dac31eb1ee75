package io.github.requestmirror.benchmarks.process;

/** Which CPU runs what. */
public final class Cpus {
  /** Runs what is measured, and nothing else. */
  public static final int MEASURED = 0;

  /** Runs the load, the clusters, and the JIT compilers. */
  public static final int LOAD = 1;

  private Cpus() {}
}
