/**
 * Settings in the form of text, for {@code web.xml}, command lines, environment variables and
 * property files. The same names, units, ranges and defaults everywhere.
 */
package io.github.requestmirror.settings;
