#!/bin/sh
# From a fresh Debian 12 to the quickstart's report: packages, build, recipe. Arguments go to the recipe.
set -eu
cd "$(dirname "$0")/.."
. recipes/packages.sh

install_packages $build_packages $run_packages $corpora_packages
cmake -S . -B build -DCMAKE_BUILD_TYPE=Release
cmake --build build --parallel "$(nproc)" --target moonstem
exec build/moonstem recipes/quickstart.lua "$@"
