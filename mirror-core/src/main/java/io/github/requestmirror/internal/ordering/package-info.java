/** Step 3, order: which copies may go now. Runs on the dispatcher's thread only. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.ordering;
