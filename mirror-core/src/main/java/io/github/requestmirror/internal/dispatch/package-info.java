/**
 * Step 4: decides when a copy is sent or given up: in-flight limit, timeouts, retries, circuit
 * breaker, shutdown. Has one thread for each target, on which steps 3 and 4 run.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.dispatch;
