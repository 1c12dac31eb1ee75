/** Step 6, account: the one counted outcome of every request, and the one log line about losses. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.accounting;
