package io.github.requestmirror.internal.ordering;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.MirrorOrder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Replays schedules recorded from an independent model of the order, see {@code order/README.txt}
 * in the test resources: after each step the same copies go. The system property {@code
 * order.recorded} names another file with schedules.
 */
class RecordedSchedulesTest {
  private static final Ordering.Gate OPEN = (scope, running) -> 0;

  private static final class Request {
    final int id;
    final String keys;
    final Ticket<Request> ticket;
    boolean released;
    boolean captured;

    Request(int id, boolean held, String keys) {
      this.id = id;
      this.keys = keys;
      this.released = !held;
      this.ticket = new Ticket<>(this, MirrorOrder.CAUSAL, null, "source");
    }
  }

  private final Map<Integer, Request> requests = new HashMap<>();
  private Ordering<Request> ordering = new Ordering<>(Integer.MAX_VALUE, 0, 1 << 20);

  @Test
  void sendsWhatTheModelSends() throws IOException {
    List<String> schedules = schedules();
    assertThat(schedules).isNotEmpty();
    for (String schedule : schedules) {
      requests.clear();
      ordering = new Ordering<>(Integer.MAX_VALUE, 0, 1 << 20);
      replay(Arrays.asList(schedule.split(" ", -1)));
    }
  }

  private static List<String> schedules() throws IOException {
    String other = System.getProperty("order.recorded");
    if (other != null) {
      return Files.readAllLines(Path.of(other));
    }
    try (InputStream in = RecordedSchedulesTest.class.getResourceAsStream("/order/schedules.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8).lines().toList();
    }
  }

  private void replay(List<String> steps) {
    String name = steps.get(0) + " " + steps.get(1);
    for (int i = 2; i < steps.size(); i++) {
      String step = steps.get(i);
      if (step.startsWith("s")) {
        continue;
      }
      apply(step);
      String next = i + 1 < steps.size() ? steps.get(i + 1) : "";
      // The model decides after each step but those that only open copies.
      if (!isFollowedWithoutDecision(step, next)) {
        assertThat(sent()).as("%s after %s (%s)", name, step, i).isEqualTo(expected(next));
      }
    }
  }

  private static boolean isFollowedWithoutDecision(String step, String next) {
    return step.startsWith("o") && !next.startsWith("s");
  }

  private static Set<Integer> expected(String step) {
    Set<Integer> expected = new TreeSet<>();
    if (step.startsWith("s")) {
      for (String id : step.substring(1).split(",", -1)) {
        expected.add(Integer.valueOf(id));
      }
    }
    return expected;
  }

  private void apply(String step) {
    if (step.startsWith("o")) {
      String[] parts = step.substring(1).split(":", -1);
      boolean held = parts[0].endsWith("h");
      int id = Integer.parseInt(held ? parts[0].substring(0, parts[0].length() - 1) : parts[0]);
      requests.put(id, new Request(id, held, parts[1]));
      return;
    }
    Request request = Objects.requireNonNull(requests.get(Integer.valueOf(step.substring(1))));
    switch (step.charAt(0)) {
      case 'c' -> {
        request.captured = true;
        ordering.captured(request.ticket);
      }
      case 'r' -> ordering.responded(request.ticket);
      case 'l' -> request.released = true;
      case 'd' -> ordering.finished(request.ticket);
      default -> throw new IllegalArgumentException(step);
    }
    if (request.captured && request.released) {
      ordering.enqueue(request.ticket, 0);
    }
  }

  /** Sends all that may go, and reads keys as long as that lets more go. */
  private Set<Integer> sent() {
    Set<Integer> sent = new TreeSet<>();
    while (true) {
      Request next = ordering.poll(OPEN, 0);
      if (next != null) {
        sent.add(next.id);
      } else if (!read()) {
        return sent;
      }
    }
  }

  private boolean read() {
    Ticket<Request> ticket = ordering.nextToRead(0);
    if (ticket == null) {
      return false;
    }
    KeySet<Request> keys = ordering.newKeySet();
    List<String> known = new ArrayList<>(List.of(ticket.copy().keys.split(",", -1)));
    boolean readable = !known.contains("*");
    if (readable) {
      known.forEach(key -> keys.accept(Long.parseLong(key)));
    }
    keys.seal(readable);
    ordering.read(ticket, keys);
    return true;
  }
}
