package io.github.requestmirror.internal.dispatch;

/**
 * The captured copies of a target that are not in flight.
 *
 * @param forOrder a copy could be sent, but the order permits none of these
 * @param forPlace no copy can be sent: too many are in flight, or the circuit breaker is open
 * @param forRetry waiting for another attempt
 * @param forPrimary waiting for the primary's response
 * @param oldestNanos for how long the oldest has waited that does not wait for a retry; 0 if none
 */
public record WaitingCopies(
    int forOrder, int forPlace, int forRetry, int forPrimary, long oldestNanos) {
  public int all() {
    return forOrder + forPlace + forRetry + forPrimary;
  }
}
