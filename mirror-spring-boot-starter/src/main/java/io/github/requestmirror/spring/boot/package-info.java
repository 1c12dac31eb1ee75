/**
 * The request mirror in Spring Boot applications: a mirror with the properties below {@code
 * requestmirror}, and its servlet filter, metrics, actuator endpoint and health details.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.spring.boot;
