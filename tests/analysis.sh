#!/bin/sh
# What compilers and analysers see in the C. gcc, clang and cppcheck are in order; clang-tidy still has
# findings.
#   sh tests/analysis.sh [--long] [part ...]
# Parts: gcc, clang (warnings are errors), cppcheck; --long adds tidy (clang-tidy, by .clang-tidy),
# threads (ThreadSanitizer over what runs in several), sanitize (address and undefined behaviour, over
# the suite), valgrind (over a few tests). Prints each part and whether it is in order.
set -u
cd "$(dirname "$0")/.."
. recipes/packages.sh
parts="gcc clang cppcheck"
[ "${1:-}" = --long ] && { shift; parts="$parts tidy threads sanitize valgrind"; }
[ $# -gt 0 ] && parts="$*"
install_packages clang clang-tidy cppcheck valgrind || exit 1

# A build with a compiler and options: build_with FOLDER COMPILER TARGETS [options of cmake]
build_with() {
  folder=$1 compiler=$2 targets=$3
  shift 3
  CC=$compiler cmake -S . -B "$folder" "$@" && cmake --build "$folder" --parallel "$(nproc)" --target $targets
}

gcc() { build_with build-gcc gcc "moonstem moonstem-double c-tests"; }
clang() { build_with build-clang clang "moonstem moonstem-double c-tests"; }

cppcheck() {
  command cppcheck -q --enable=warning,performance,portability --std=c11 --error-exitcode=1 -j "$(nproc)" \
    -I core core tests/c tests/bench tests/fuzz tests/survival
}

# Kernels are left to the compilers: clang-tidy takes minutes for each of their unrolled loops. The door to
# MPI is left out: its headers come from a wrapper of the compiler.
tidy() {
  CC=clang cmake -S . -B build-clang &&
    find core -name '*.c' -not -path 'core/kernels/*' -not -path 'core/distributed/mpi/*' -print0 |
    xargs -0 -P "$(nproc)" -n 8 clang-tidy --quiet -p build-clang
}

threads() {
  build_with build-threads gcc moonstem -DCMAKE_C_FLAGS="-fsanitize=thread -g1" -DCMAKE_EXE_LINKER_FLAGS=-fsanitize=thread &&
    TSAN_OPTIONS=halt_on_error=1 build-threads/moonstem tests/lua/run.lua test_ops test_feed test_loader test_memory
}

sanitize() { sh tests/run.sh --sanitize -R '^lua-'; }

valgrind() {
  MOONSTEM_CPU=avx2 command valgrind -q --error-exitcode=1 --leak-check=full --errors-for-leak-kinds=definite \
    build/moonstem tests/lua/run.lua test_io test_arrays test_records test_audio
}

status=0
for part in $parts; do
  log=$(mktemp)
  if $part >"$log" 2>&1; then
    echo "$part: in order"
    rm "$log"
  else
    status=1
    tail -40 "$log"
    echo "$part: NOT in order, see $log"
  fi
done
exit $status
