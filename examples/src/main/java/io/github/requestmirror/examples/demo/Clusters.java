package io.github.requestmirror.examples.demo;

/**
 * What the two clusters hold at one moment.
 *
 * @param primary samples
 * @param secondary samples
 * @param rejectedByPrimary requests that came out of order
 * @param rejectedBySecondary requests that came out of order
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
