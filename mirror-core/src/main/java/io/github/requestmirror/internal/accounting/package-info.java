/** Step 6: counts one outcome for each request, reports it to the listener, and logs losses. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.accounting;
