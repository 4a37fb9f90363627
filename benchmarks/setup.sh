#!/usr/bin/env bash
# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs the peers that the benchmarks compare with (PyTorch and the onnx
# package from Debian, ONNX Runtime and TensorFlow.js from npm into
# benchmarks/node_modules) and builds Owl's compiler. Where everything is there it
# only looks.

set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source utils/setup.sh

owl_packages=(python3-torch python3-onnx)
# Other packages of Node than Debian's bring an npm that conflicts with Debian's.
command -v npm >/dev/null || owl_packages+=(npm)
owl_install

# Install scripts would fetch GPU runtimes; the CPU's is in the package itself.
if [ ! benchmarks/node_modules/.package-lock.json -nt benchmarks/package.json ]; then
  owl_say "Installing the packages of benchmarks/package.json"
  npm install --prefix benchmarks --ignore-scripts --no-package-lock \
    --no-audit --no-fund
  touch benchmarks/node_modules/.package-lock.json
fi

cmake --build "${OWL_BUILD_DIR:-build}" --target owl-translate
