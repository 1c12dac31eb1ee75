/** Step 1, decide: does a policy want this request copied? Runs on the primary's thread. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.policy;
