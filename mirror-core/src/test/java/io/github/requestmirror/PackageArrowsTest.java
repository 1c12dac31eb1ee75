package io.github.requestmirror;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The internal packages depend on each other in one direction only. */
class PackageArrowsTest {
  private static final String ROOT = "io.github.requestmirror";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @ParameterizedTest
  @CsvSource({
    "capture, ''",
    "ordering, ''",
    "accounting, ''",
    "remotewrite, ''",
    // send uses accounting only for GuardedLog.
    "send, capture accounting",
    "policy, capture send",
    "dispatch, capture ordering accounting send policy"
  })
  void internalPackageDependsOnlyOnListedPackages(String name, String allowed) {
    String[] outside =
        Stream.concat(Stream.of(name), Arrays.stream(allowed.split(" ")).filter(s -> !s.isEmpty()))
            .map(other -> ROOT + ".internal." + other)
            .toArray(String[]::new);
    noClasses()
        .that(resideInAPackage(ROOT + ".internal." + name))
        .should()
        .dependOnClassesThat(
            resideInAPackage(ROOT + ".internal..").and(resideOutsideOfPackages(outside)))
        .check(CLASSES);
  }

  @Test
  void everyInternalPackageIsListed() {
    Set<String> packages = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      if (type.getPackageName().startsWith(ROOT + ".internal.")) {
        packages.add(type.getPackageName().substring((ROOT + ".internal.").length()));
      }
    }
    assertThat(packages)
        .containsExactly(
            "accounting", "capture", "dispatch", "ordering", "policy", "remotewrite", "send");
  }

  @Test
  void internalPackagesHaveNoCycle() {
    slices().matching(ROOT + ".internal.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyListedPublicTypesDependOnInternalPackages() {
    List<String> reachInside =
        List.of("Mirror", "MirrorPolicy", "Capture", "Cortex", "RequestHead", "Require");
    for (JavaClass type : CLASSES) {
      String topLevel = topLevelName(type);
      if (type.getPackageName().equals(ROOT) && !reachInside.contains(topLevel)) {
        assertThat(type.getDirectDependenciesFromSelf())
            .as("dependencies of %s", topLevel)
            .noneMatch(
                dependency ->
                    dependency.getTargetClass().getPackageName().startsWith(ROOT + ".internal"));
      }
    }
  }

  private static String topLevelName(JavaClass type) {
    String name = type.getName().substring(type.getPackageName().length() + 1);
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }
}
