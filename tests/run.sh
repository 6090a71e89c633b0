#!/bin/sh
# Everything that must hold: installs what is missing, builds, runs all tests through ctest.
#   sh tests/run.sh [--sanitize] [--long] [ctest arguments, e.g. -R lua]
# --sanitize: the same with the address and undefined behaviour sanitizers, in a build of its own.
# --long: then the long forms, too, each a program with its arguments, at the lengths of README.md:
# two to three days on two idle cores. Each can be run by itself, with a smaller number.
set -eu
cd "$(dirname "$0")/.."
. recipes/packages.sh

long_forms="
  tests/separation.lua
  tests/cluster/hosts.lua
  tests/cluster/mpi.lua
  tests/cluster/shared_folder.lua
  tests/real_music.lua
  tests/valid_files.lua 400 1
  tests/museval.lua
  tests/torch_values.lua
  tests/notebooks/examples.lua
  tests/hostile.lua 5000000
  tests/hostile_files.lua
  tests/bad_data.lua 600
  tests/same_bits.lua
  tests/survival/allocations.lua
  tests/musicnn.lua
  tests/survival/kills.lua
  tests/survival/faults.lua
  tests/survival/signals.lua
  tests/survival/concurrency.lua
  tests/survival/soak.lua
"

build=build options="" long=""
while :; do
  case "${1:-}" in
    --sanitize)
      build=build-sanitize options="-DMS_SANITIZE=ON"
      export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
      ;;
    --long) long=yes ;;
    *) break ;;
  esac
  shift
done
install_packages $build_packages $run_packages $corpora_packages $notebook_packages $test_packages

# Fresh fixtures need the peer's generator and PyTorch; without them the stored ones are used.
if [ -z "${MOONSTEM_PARITY:-}" ] && [ -f ../shared/peers/torch/parity.py ]; then
  export MOONSTEM_PARITY="$(cd .. && pwd)/shared/peers/torch/parity.py"
fi
export MOONSTEM_FIXTURES="${MOONSTEM_FIXTURES:-$PWD/$build/fixtures}"

cmake -S . -B "$build" $options
cmake --build "$build" --parallel "$(nproc)" --target moonstem moonstem-double c-tests
ctest --test-dir "$build" --output-on-failure --parallel "$(nproc)" "$@"
[ -n "$long" ] || exit 0
echo "$long_forms" | while read -r form; do
  [ -z "$form" ] || "$build/moonstem" $form </dev/null || exit 1
done
sh tests/fuzz/fuzz.sh
sh tests/analysis.sh --long
