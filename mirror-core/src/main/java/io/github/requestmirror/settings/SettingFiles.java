package io.github.requestmirror.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the files that settings name, once, when they are parsed. */
final class SettingFiles {
  private SettingFiles() {}

  static Path path(String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("must be the path of a file", e);
    }
  }

  /** Returns the content without white space at its ends, such as the line break of editors. */
  static String secret(String value) {
    Path file = path(value);
    try {
      String secret = Files.readString(file).strip();
      if (secret.isEmpty()) {
        throw new IllegalArgumentException("file " + file + " is empty");
      }
      return secret;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static IllegalArgumentException unreadable(Path file, IOException e) {
    String reason = e instanceof NoSuchFileException ? "does not exist" : "cannot be read: " + e;
    return new IllegalArgumentException("file " + file + " " + reason, e);
  }
}
