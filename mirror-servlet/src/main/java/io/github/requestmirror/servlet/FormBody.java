package io.github.requestmirror.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a form again that the container has parsed: the same names and values, in the same order
 * for each name, but not the same bytes.
 *
 * <p>Containers merge the parameters of the query and of the form, those of the query first
 * (Jakarta Servlet 6.0, 3.1). This class removes the query's parameters again. If that is
 * ambiguous, there is no form.
 */
final class FormBody {
  /** Request attribute that Tomcat sets after it ignored parameters. */
  private static final String PARSE_FAILED = "org.apache.catalina.parameter_parse_failed";

  private static final char REPLACEMENT = '\ufffd';

  private FormBody() {}

  static boolean isForm(HttpServletRequest request) {
    return hasType(request, "application/x-www-form-urlencoded");
  }

  static boolean isMultipart(HttpServletRequest request) {
    return hasType(request, "multipart/");
  }

  private static boolean hasType(HttpServletRequest request, String type) {
    String actual = request.getContentType();
    return actual != null && actual.regionMatches(true, 0, type, 0, type.length());
  }

  /**
   * Returns the form of a request whose parameters the container has parsed.
   *
   * @param query the query string as it arrived, or null
   * @return the form, empty if all parameters come from the query, or null if it cannot be
   *     reconstructed without loss
   */
  static byte @Nullable [] of(HttpServletRequest request, @Nullable String query) {
    boolean unchanged =
        request.getAttribute(PARSE_FAILED) == null
            && request.getHeader("Content-Encoding") == null
            && Objects.equals(query, request.getQueryString());
    return unchanged ? of(request.getParameterMap(), query, request.getCharacterEncoding()) : null;
  }

  static byte @Nullable [] of(
      Map<String, String[]> parameters, @Nullable String query, @Nullable String encoding) {
    Map<String, List<String>> fromQuery = parse(query);
    // Containers differ in their default charset, but agree on ASCII.
    Charset charset = encoding == null ? StandardCharsets.US_ASCII : Charset.forName(encoding);
    StringBuilder form = new StringBuilder();
    for (Map.Entry<String, String[]> parameter : parameters.entrySet()) {
      String name = parameter.getKey();
      List<String> values = Arrays.asList(parameter.getValue());
      List<String> before = fromQuery.getOrDefault(name, List.of());
      if (before.size() > values.size() || !values.subList(0, before.size()).equals(before)) {
        return null;
      }
      for (String value : values.subList(before.size(), values.size())) {
        if (!isFaithful(name, charset) || !isFaithful(value, charset)) {
          return null;
        }
        form.append(form.isEmpty() ? "" : "&")
            .append(URLEncoder.encode(name, charset))
            .append('=')
            .append(URLEncoder.encode(value, charset));
      }
    }
    return form.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Tells whether the text was decoded without loss and can be encoded without loss. */
  private static boolean isFaithful(String text, Charset charset) {
    return text.indexOf(REPLACEMENT) < 0 && charset.newEncoder().canEncode(text);
  }

  private static Map<String, List<String>> parse(@Nullable String query) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String pair : (query == null ? "" : query).split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      if (!name.isEmpty()) {
        parameters.computeIfAbsent(decode(name), key -> new ArrayList<>()).add(decode(value));
      }
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
