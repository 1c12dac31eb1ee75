/**
 * Step 4, dispatch: in-flight limit, age, health of the target, drain. Owns the one thread that
 * steps 3 and 4 run on.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.dispatch;
