#!/usr/bin/env bash
# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what is missing, builds Owl, and sends a photograph through a model
# on every target: natively, on AArch64, in WebAssembly and in both unikernels.
# The pictures go to demo-out/.

set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source utils/setup.sh

owl_say "Building"
cmake --build "${OWL_BUILD_DIR:-build}" --target owl-translate owl-run

owl_say "Running utils/demo/model.mlir on every target"
"$OWL_PYTHON" utils/demo/demo.py "${OWL_BUILD_DIR:-build}" demo-out
