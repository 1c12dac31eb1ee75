package io.github.requestmirror.benchmarks.gateway;

import io.github.requestmirror.benchmarks.load.LoadResult;
import java.util.List;

/** A gateway with a small heap and a secondary that misbehaves. */
record MemoryRun(String variant, List<Second> seconds, LoadResult load) {

  /**
   * What was seen at the end of a second.
   *
   * @param heap bytes in use
   * @param gcMillis time of the garbage collector in this second
   * @param resident bytes of the process
   * @param pending copies without an outcome
   * @param replying whether the gateway had replied to the last question
   */
  record Second(
      int second, long heap, long gcMillis, long resident, long pending, boolean replying) {}
}
