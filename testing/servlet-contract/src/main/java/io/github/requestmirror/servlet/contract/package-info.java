/** What the filter promises in every servlet container. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.servlet.contract;
