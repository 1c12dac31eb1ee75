# Sourced by the commands of the benchmarks, from the root of the repository.

# Prints the class path of a source tree's benchmark or library.
class_path() { # DIRECTORY MODULE
  (cd "$1" && mvn -q -B -ntp -pl "$2" -am -Dspotless.check.skip \
    compile dependency:build-classpath -DincludeScope=runtime -Dmdep.outputFile=target/classpath >&2)
  echo "$1/$2/target/classes:$(cat "$1/$2/target/classpath")"
}

# Runs the main class of a part, which writes its results to benchmarks/target/PART. If the first
# argument is --before REVISION, passes the class path of that revision.
run_part() { # PART CLASS ARGUMENT...
  local part=$1 class=$2 before=()
  shift 2
  if [ "${1:-}" = --before ]; then
    before_tree=$(mktemp -d)
    git worktree add -q --detach "$before_tree" "$2"
    trap 'git worktree remove --force "$before_tree"' EXIT
    before=(--before "$(class_path "$before_tree" mirror-servlet)")
    shift 2
  fi
  # BENCHMARK_CLASS_PATH saves the build, for several runs of the same sources.
  local path=${BENCHMARK_CLASS_PATH:-$(class_path "$PWD" benchmarks)}
  java -cp "$path" "io.github.requestmirror.benchmarks.$class" \
    --output "benchmarks/target/$part" "${before[@]}" "$@"
}
