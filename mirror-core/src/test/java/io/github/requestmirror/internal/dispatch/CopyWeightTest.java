package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Headers;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.HeapBytes;
import io.github.requestmirror.internal.ordering.IntrusiveList;
import io.github.requestmirror.internal.ordering.Ticket;
import io.github.requestmirror.internal.send.OutboundRequest;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever adds a field or a node to a copy finds the weight of it here. */
class CopyWeightTest {
  static List<Arguments> weights() {
    return List.of(
        Arguments.of(Copy.class.getName(), CopyWeight.COPY),
        Arguments.of(CopyEvent.class.getName(), CopyWeight.EVENT),
        Arguments.of(Ticket.class.getName(), CopyWeight.TICKET),
        Arguments.of(IntrusiveList.Node.class.getName(), CopyWeight.LIST_NODE),
        Arguments.of(IntrusiveList.class.getName(), CopyWeight.LIST),
        Arguments.of(Body.class.getName(), CopyWeight.BODY),
        Arguments.of(BodyCapture.class.getName(), CopyWeight.BODY_CAPTURE),
        Arguments.of("io.github.requestmirror.internal.capture.OpenRoom", CopyWeight.OPEN_ROOM),
        Arguments.of(OutboundRequest.class.getName(), CopyWeight.OUTBOUND_REQUEST),
        Arguments.of(Headers.class.getName(), CopyWeight.HEADERS),
        Arguments.of("io.github.requestmirror.internal.ordering.Scope", CopyWeight.SCOPE));
  }

  @ParameterizedTest
  @MethodSource("weights")
  void weightIsThatOfTheFields(String type, int weight) throws ClassNotFoundException {
    assertThat(weight)
        .isEqualTo(
            HeapBytes.object(
                fields(Class.forName(type)).mapToInt(field -> bytes(field.getType())).sum()));
  }

  @Test
  void everyPartIsCounted() throws ClassNotFoundException {
    assertThat(count(Copy.class, CopyEvent.class)).isEqualTo(CopyWeight.EVENTS);
    assertThat(
            count(Copy.class, IntrusiveList.Node.class)
                + count(Ticket.class, IntrusiveList.Node.class))
        .isEqualTo(CopyWeight.LIST_NODES);
    Class<?> scope = Class.forName("io.github.requestmirror.internal.ordering.Scope");
    assertThat(count(scope, IntrusiveList.class)).isEqualTo(CopyWeight.SCOPE_LISTS);
    // Without the frontier, which is a node of a ticket.
    assertThat(count(scope, IntrusiveList.Node.class) - 1).isEqualTo(CopyWeight.SCOPE_NODES);
  }

  private static Stream<Field> fields(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()));
  }

  private static int count(Class<?> type, Class<?> fieldType) {
    return (int) fields(type).filter(field -> field.getType() == fieldType).count();
  }

  private static int bytes(Class<?> type) {
    if (type == long.class || type == double.class) {
      return Long.BYTES;
    }
    return type == boolean.class || type == byte.class ? 1 : Integer.BYTES;
  }
}
