package io.github.requestmirror.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.Outcome;
import java.io.UncheckedIOException;

/** Writes the statistics of a mirror as JSON. */
final class StatsJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private StatsJson() {}

  static String write(MirrorStats stats) {
    ObjectNode root = MAPPER.createObjectNode();
    for (MirrorStats.Target target : stats.targets()) {
      root.withArray("targets").add(node(target));
    }
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode node(MirrorStats.Target target) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("name", target.name());
    node.put("offered", target.offered());
    ObjectNode outcomes = node.putObject("outcomes");
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome.name(), target.count(outcome));
    }
    MirrorStats.Rejection rejection = target.lastRejection();
    if (rejection == null) {
      node.putNull("lastRejection");
    } else {
      node.putObject("lastRejection")
          .put("time", rejection.time().toString())
          .put("status", rejection.status())
          .put("text", rejection.text());
    }
    return node.put("responded", target.responded())
        .put("failed", target.failed())
        .put("dropped", target.dropped())
        .put("skipped", target.skipped())
        .put("pending", target.pending())
        .put("queued", target.queued())
        .put("inFlight", target.inFlight())
        .put("retries", target.retries())
        .put("reencoded", target.reencoded())
        .put("waitingForOrder", target.waitingForOrder())
        .put("waitingForPlace", target.waitingForPlace())
        .put("waitingForRetry", target.waitingForRetry())
        .put("oldestWaitSeconds", target.oldestWait().toNanos() / 1e9)
        .put("bodiesRead", target.bodiesRead())
        .put("bodiesUnreadable", target.bodiesUnreadable())
        .put("bufferedBytes", target.bufferedBytes())
        .put("up", target.up());
  }
}
