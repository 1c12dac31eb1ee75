package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Heads;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A request must meet all kinds of criteria, but only one of the paths and of the methods. */
class PolicyMatchTest {

  private static boolean matches(
      MirrorPolicy.Builder policy, String method, String target, String... headers) {
    return policy.build().compiled().refusal(Heads.head(method, target, headers)) == null;
  }

  private static MirrorPolicy.Builder policy() {
    return MirrorPolicy.builder();
  }

  @Test
  void everythingMatchesByDefault() {
    assertThat(matches(policy(), "GET", "/any?q")).isTrue();
    assertThat(matches(policy(), "made-up", "*")).isTrue();
  }

  @Test
  void matchesOneOfTheMethodsCaseSensitively() {
    MirrorPolicy.Builder policy = policy().methods("POST").methods("PUT", "purge");
    assertThat(matches(policy, "POST", "/")).isTrue();
    assertThat(matches(policy, "PUT", "/")).isTrue();
    assertThat(matches(policy, "purge", "/")).isTrue();
    assertThat(matches(policy, "post", "/")).isFalse();
    assertThat(matches(policy, "GET", "/")).isFalse();
  }

  @Test
  void matchesOneOfThePathsOrPrefixes() {
    MirrorPolicy.Builder policy = policy().path("/a").path("/b").pathPrefix("/c/").pathPrefix("/d");
    for (String path : List.of("/a", "/b", "/c/", "/c/x", "/d", "/dx", "/a?q=1")) {
      assertThat(matches(policy, "GET", path)).as(path).isTrue();
    }
    for (String path : List.of("/", "/a/", "/ax", "/c", "/A", "/%61")) {
      assertThat(matches(policy, "GET", path)).as(path).isFalse();
    }
  }

  @Test
  void requiresAllHeadersWithExactValues() {
    MirrorPolicy.Builder policy = policy().header("X-One", "1").header("x-two", "2");
    assertThat(matches(policy, "GET", "/", "x-one", "1", "X-Two", "2")).isTrue();
    assertThat(matches(policy, "GET", "/", "X-One", "0", "X-One", "1", "X-Two", "2")).isTrue();
    assertThat(matches(policy, "GET", "/", "X-One", "1")).isFalse();
    assertThat(matches(policy, "GET", "/", "X-One", "1, 0", "X-Two", "2")).isFalse();
  }

  @Test
  void requiresAllPredicates() {
    MirrorPolicy.Builder policy =
        policy()
            .when(head -> head.rawPath().length() > 1)
            .when(head -> "1".equals(head.rawQuery()));
    assertThat(matches(policy, "GET", "/x?1")).isTrue();
    assertThat(matches(policy, "GET", "/x?2")).isFalse();
    assertThat(matches(policy, "GET", "/?1")).isFalse();
  }

  @Test
  void requiresAllKindsOfCriteria() {
    MirrorPolicy.Builder policy =
        policy().methods("POST").path("/a").header("X", "1").when(head -> true);
    assertThat(matches(policy, "POST", "/a", "X", "1")).isTrue();
    assertThat(matches(policy, "GET", "/a", "X", "1")).isFalse();
    assertThat(matches(policy, "POST", "/b", "X", "1")).isFalse();
    assertThat(matches(policy, "POST", "/a", "X", "2")).isFalse();
    assertThat(matches(policy.when(head -> false), "POST", "/a", "X", "1")).isFalse();
  }

  @Test
  void samplesByTenantAfterAllOtherCriteria() {
    MirrorPolicy.Builder none = policy().fraction(0);
    assertThat(none.build().compiled().refusal(Heads.head("GET", "/")))
        .isEqualTo(Outcome.NOT_SAMPLED);
    assertThat(none.deny("*", "/").build().compiled().refusal(Heads.head("GET", "/")))
        .isEqualTo(Outcome.DENIED);
    MirrorPolicy.Builder half = policy().fraction(0.5);
    for (int i = 0; i < 50; i++) {
      String tenant = "tenant-" + i;
      boolean first = matches(half, "POST", "/a", "X-Scope-OrgID", tenant);
      assertThat(matches(half, "GET", "/b?c", "X-Scope-OrgID", tenant)).isEqualTo(first);
    }
  }

  @Test
  void samplesByAnotherKey() {
    MirrorPolicy.Builder half = policy().fraction(0.5).sampleBy(RequestHead::rawPath);
    boolean differs = false;
    for (int i = 0; i < 50; i++) {
      differs |= matches(half, "GET", "/" + i) != matches(half, "GET", "/0");
    }
    assertThat(differs).isTrue();
  }
}
