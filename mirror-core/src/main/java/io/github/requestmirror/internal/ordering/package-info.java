/** Step 3: decides which copies may be sent next. Runs only on the dispatcher's thread. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.ordering;
