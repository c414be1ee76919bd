# shellcheck shell=bash
# How a preset is configured and built here and in .ci/run.

# As many compilers as there are cores, but no more than memory holds: one over LibTorch's headers takes 2 GB.
compile_jobs() {
  local cores by_memory
  cores=$(nproc)
  by_memory=$(awk '/^MemAvailable:/ { print int($2 / (2 * 1024 * 1024)) }' "${MD2_MEMINFO:-/proc/meminfo}")
  if [ "$by_memory" -lt 1 ]; then
    echo 1
  elif [ "$by_memory" -lt "$cores" ]; then
    echo "$by_memory"
  else
    echo "$cores"
  fi
}

# compile PRESET [TARGET [configure options]]
compile() {
  local preset=$1 target=${2:-all}
  cmake --preset "$preset" --log-level=NOTICE "${@:3}" &&
    cmake --build --preset "$preset" --target "$target" --parallel "$(compile_jobs)"
}

# workflow PRESET: configures, builds and tests it; shows the end of what that said only when it fails.
workflow() {
  local preset=$1 log
  log=$(mktemp)
  CMAKE_BUILD_PARALLEL_LEVEL=$(compile_jobs) CTEST_PARALLEL_LEVEL=$(nproc) \
    cmake --workflow --preset "$preset" >"$log" 2>&1 || { tail -n 80 "$log"; rm "$log"; return 1; }
  rm "$log"
}
