package io.github.requestmirror.benchmarks.sender;

/**
 * One measurement.
 *
 * @param cpu microseconds of the process for each request
 * @param pipelineCpu of these, microseconds of the mirror's threads
 * @param allocated bytes for each request
 * @param delivered requests at the sink for each request
 */
record SenderSample(
    String sender,
    int bodyBytes,
    int fork,
    int round,
    double requestsPerSecond,
    double cpu,
    double pipelineCpu,
    double allocated,
    double delivered) {}
