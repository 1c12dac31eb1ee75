package io.github.requestmirror.gateway.prometheus;

import java.util.Locale;

/**
 * The results of one run.
 *
 * @param atPrimary samples that the primary holds
 * @param missing those of them that the secondary does not hold
 * @param outOfOrder samples that the secondary rejected
 * @param maxConcurrency the largest number of copies that the secondary handled at once
 * @param medianLag milliseconds from a request's arrival at the primary to its copy's at the
 *     secondary
 * @param lag99 the 99th percentile of the same
 * @param backlog the largest number of copies queued in the gateway
 * @param backlogAtEnd the number of queued copies in the last part of the run, 95th percentile: a
 *     single look may meet the moment in which the sender pushes out a scrape
 * @param retries attempts after the first of each copy
 * @param bodiesRead bodies whose series were read, or were tried to be read, in the last part of
 *     the run
 * @param offered all requests in the last part of the run
 */
record OrderRun(
    int atPrimary,
    int missing,
    double outOfOrder,
    int maxConcurrency,
    double medianLag,
    double lag99,
    int backlog,
    int backlogAtEnd,
    long retries,
    long bodiesRead,
    long offered) {

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "parity %.2f %% of %d samples, %.0f out of order, at most %d at once, lag p50 %.0f ms p99"
            + " %.0f ms, backlog %d, at the end %d, %d retries, %d of %d bodies read",
        100.0 * (atPrimary - missing) / atPrimary,
        atPrimary,
        outOfOrder,
        maxConcurrency,
        medianLag,
        lag99,
        backlog,
        backlogAtEnd,
        retries,
        bodiesRead,
        offered);
  }
}
