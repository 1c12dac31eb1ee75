package io.github.requestmirror.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A mirror under faults of all kinds at the same time, for minutes, over real sockets: its targets
 * fail in every way, its primary and its clients do, its policies change, and its heap is full now
 * and then. Afterwards each request has one outcome, no memory is held, every further request
 * arrives, and nothing is left after the close.
 */
@Timeout(value = 5, unit = TimeUnit.HOURS)
class SoakIT {
  private final long seed = Long.getLong("soak.seed", new Random().nextInt());
  private final long seconds = Long.getLong("soak.seconds", 60);
  private final String fillsHeap = System.getProperty("soak.fillsHeap", "true");
  private final Random random = new Random(seed);

  private final List<FaultyTarget> targets = new ArrayList<>();
  private final Queue<String> damaged = new ConcurrentLinkedQueue<>();
  private final Map<String, List<String>> last = new ConcurrentHashMap<>();

  @AfterEach
  void closeTargets() {
    targets.forEach(FaultyTarget::close);
  }

  private void receive(String target, HttpMessage copy) {
    if (!Payloads.isWhole(copy)) {
      damaged.add(target + ": " + copy);
    }
    if (Payloads.isLast(copy)) {
      last.computeIfAbsent(target, name -> new CopyOnWriteArrayList<>()).add(copy.requestTarget());
    }
  }

  @Test
  void recoversFromAllFaults_withExactBooks() throws Exception {
    String replay = "-Dsoak.seed=%d -Dsoak.seconds=%d -Dsoak.fillsHeap=%s";
    String settings = replay.formatted(seed, seconds, fillsHeap);
    System.out.println("soak: " + settings);
    for (String name : SoakProgram.TARGETS) {
      targets.add(new FaultyTarget(random.nextLong(), copy -> receive(name, copy)));
    }
    RandomFaults randomFaults = new RandomFaults(targets, new Random(random.nextLong()));
    Process program = start();
    List<String> printed = new ArrayList<>();
    try (BufferedReader output = program.inputReader(StandardCharsets.UTF_8)) {
      randomFaults.start();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.equals(SoakProgram.CALM)) {
          randomFaults.heal();
          program.getOutputStream().write('\n');
          program.getOutputStream().flush();
        } else {
          System.out.println(line);
          printed.add(line);
        }
      }
    } finally {
      program.destroyForcibly();
    }
    assertThat(program.waitFor()).as("with %s it printed %s", settings, printed).isZero();
    assertThat(damaged).as("damaged copies with %s", settings).isEmpty();
    for (String name : SoakProgram.TARGETS) {
      assertThat(last.get(name))
          .as("last requests at %s with %s", name, settings)
          .containsAll(lastRequests());
    }
    await()
        .untilAsserted(
            () ->
                assertThat(targets)
                    .as("connections with %s", settings)
                    .allSatisfy(target -> assertThat(target.openConnections()).isZero()));
  }

  private static List<String> lastRequests() {
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < Payloads.TENANTS; i++) {
      for (int j = 0; j < SoakProgram.LAST_REQUESTS; j++) {
        requests.add(Payloads.lastTarget(Payloads.tenant(i), j));
      }
    }
    return requests;
  }

  /** The collector with the fewest threads, for a machine that does other things, too. */
  private Process start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx48m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(SoakProgram.class.getName());
    command.addAll(List.of(Long.toString(random.nextLong()), Long.toString(seconds), fillsHeap));
    targets.forEach(target -> command.add(target.uri().toString()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
