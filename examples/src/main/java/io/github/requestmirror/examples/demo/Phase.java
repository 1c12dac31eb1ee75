package io.github.requestmirror.examples.demo;

/** The states of the secondary, in the order of the demo. */
enum Phase {
  STEADY("steady", "The secondary responds. Every sample reaches both clusters."),
  HANGS("hangs", "The secondary accepts requests and never responds. Copies time out after 1 s."),
  REFUSES("refuses", "The secondary refuses connections: its port is closed."),
  BACK("back", "The secondary is back. The mirror probes it again within 5 s.");

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
