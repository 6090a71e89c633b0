#!/bin/sh
# Everything that must hold: installs what is missing, builds, runs all tests through ctest.
#   sh tests/run.sh [--sanitize] [ctest arguments, e.g. -R lua]
# --sanitize: the same with the address and undefined behaviour sanitizers, in a build of its own.
set -eu
cd "$(dirname "$0")/.."
. recipes/packages.sh

build=build options=""
if [ "${1:-}" = --sanitize ]; then
  shift
  build=build-sanitize options="-DMS_SANITIZE=ON"
  export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
fi
install_packages $build_packages $run_packages $corpora_packages $test_packages

# Fresh fixtures need the peer's generator and PyTorch; without them the stored ones are used.
if [ -z "${MOONSTEM_PARITY:-}" ] && [ -f ../shared/peers/torch/parity.py ]; then
  export MOONSTEM_PARITY="$(cd .. && pwd)/shared/peers/torch/parity.py"
fi
export MOONSTEM_FIXTURES="${MOONSTEM_FIXTURES:-$PWD/$build/fixtures}"

cmake -S . -B "$build" $options
cmake --build "$build" --parallel "$(nproc)" --target moonstem moonstem-double c-tests
exec ctest --test-dir "$build" --output-on-failure "$@"
