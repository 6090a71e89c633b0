#!/bin/sh
# Hostile files, found by coverage: libFuzzer under the address and undefined behaviour sanitizers.
#   sh tests/fuzz/fuzz.sh [runs of each reader = 1000000 [reader ...]]
# build/moonstem makes the seeds. Prints what was tried and lost; status 1 where something was. What
# was lost lies in build-fuzz/found/,
# what reached new lines in build-fuzz/corpus/, from which the next call goes on.
# No block is larger than 96 MiB for a file of at most 16 KiB, no file takes longer than a minute.
set -u
cd "$(dirname "$0")/../.."
runs=${1:-1000000}
[ $# -gt 0 ] && shift
build=build-fuzz
CC=clang cmake -S . -B $build -DMS_FUZZ=ON -DCMAKE_C_FLAGS_RELEASE="-O1 -g1" >/dev/null &&
  cmake --build $build --parallel "$(nproc)" --target fuzz >/dev/null || exit 1
seeds=$(mktemp -d)
readers=$(build/moonstem tests/fuzz/seeds.lua "$seeds") || exit 1
export UBSAN_OPTIONS=print_stacktrace=1
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=8
[ -w /dev/shm ] && export TMPDIR=/dev/shm
lost=0 tried=0
for reader in ${@:-$readers}; do
  mkdir -p $build/corpus/$reader $build/found
  log=$build/found/$reader.log
  # No other program is to read a file in our place.
  if MOONSTEM_READER=$reader PATH=/none $build/fuzz -runs="$runs" -max_len=16384 -timeout=60 \
    -malloc_limit_mb=96 -rss_limit_mb=4096 -detect_leaks=0 -print_final_stats=1 -dict="$seeds/$reader.dict" \
    -artifact_prefix=$build/found/$reader- $build/corpus/$reader "$seeds/$reader" >"$log" 2>&1; then
    state=whole
  else
    state="LOST, see $log" lost=$((lost + 1))
  fi
  number=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
  tried=$((tried + ${number:-0}))
  echo "$reader: ${number:-some} files, $state"
done
rm -rf "$seeds"
echo "$tried files: $lost readers lost one"
[ $lost = 0 ]
