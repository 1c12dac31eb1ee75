/**
 * Step 1: decides whether a request is copied, on the primary's thread, and rewrites the head of
 * the copy, on the dispatcher's thread.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.policy;
