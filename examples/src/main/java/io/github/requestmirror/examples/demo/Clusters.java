package io.github.requestmirror.examples.demo;

/**
 * The contents of both clusters at one time.
 *
 * @param primary samples at the primary
 * @param secondary samples at the secondary
 * @param rejectedByPrimary requests that the primary rejected as out of order
 * @param rejectedBySecondary requests that the secondary rejected as out of order
 * @param equal whether both hold the same samples
 */
record Clusters(
    long primary, long secondary, long rejectedByPrimary, long rejectedBySecondary, boolean equal) {

  static Clusters of(SampleStore primary, SampleStore secondary) {
    return new Clusters(
        primary.samples(),
        secondary.samples(),
        primary.rejected(),
        secondary.rejected(),
        primary.contents().equals(secondary.contents()));
  }

  long missing() {
    return primary - secondary;
  }
}
