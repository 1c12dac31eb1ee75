/** The statistics of a mirror as Micrometer meters. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.micrometer;
