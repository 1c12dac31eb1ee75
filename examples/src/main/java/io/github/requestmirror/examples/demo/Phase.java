package io.github.requestmirror.examples.demo;

/** What the secondary does, in the order of the demo. */
enum Phase {
  STEADY("steady", "The secondary responds. Every sample goes to both clusters."),
  HANGS("hangs", "The secondary takes requests and never responses. Copies end after 1 s."),
  REFUSES("refuses", "The secondary refuses connections: its port is closed."),
  BACK(
      "back",
      "The secondary is back. The mirror finds out when it tries again, after 5 s at most.");

  private final String title;
  private final String text;

  Phase(String title, String text) {
    this.title = title;
    this.text = text;
  }

  String title() {
    return title;
  }

  String text() {
    return text;
  }
}
