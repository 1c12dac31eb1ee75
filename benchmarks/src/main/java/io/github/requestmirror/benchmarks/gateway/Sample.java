package io.github.requestmirror.benchmarks.gateway;

/**
 * One measurement of a variant.
 *
 * @param round the same for all variants that were measured one after another
 * @param cpu microseconds of the gateway for each request, the copies included
 * @param allocated bytes for each request, 0 for what is not a JVM
 * @param delivered share of the copies that have reached the secondary
 * @param drainMillis time between the last response and the last copy
 */
record Sample(
    Variant variant,
    int round,
    double cpu,
    double requestsPerSecond,
    double p50,
    double p99,
    double allocated,
    double delivered,
    double drainMillis) {}
