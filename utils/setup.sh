# shellcheck shell=bash
# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What demo.sh and check.sh begin with: `source utils/setup.sh` in the root of
# the repository installs the Debian packages that are missing (asking for
# nothing; through sudo when not root) and configures a build in `build`, or in
# OWL_BUILD_DIR. Where everything is there it only looks, in a fraction of a
# second. It returns non-zero after one clear message when it cannot.

# To build; clang compiles what unikernels start with, for any architecture.
owl_packages=(
  cmake ninja-build g++ llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  liblld-22-dev lld-22 libpolly-22-dev clang-22 libgtest-dev libeigen3-dev
  libopenmpi-dev
)
# To test what was built: run the code for every target, compare with NumPy and
# CVXOPT.
owl_packages+=(
  clang-format-22 libclang-rt-22-dev python3 python3-numpy nodejs
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  qemu-user qemu-system-x86 qemu-system-arm
  openmpi-bin python3-cvxopt
)

# Debian's python3 is the one that has python3-numpy; another may stand before
# it on the PATH.
OWL_PYTHON=${OWL_PYTHON:-/usr/bin/python3}

owl_say() { printf '== %s\n' "$*"; }

# Prints those of owl_packages that are not installed.
owl_missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
    "${owl_packages[@]}" 2>/dev/null | sed -n 's/^installed //p')
  local package
  for package in "${owl_packages[@]}"; do
    grep -qxF -- "$package" <<<"$installed" || echo "$package"
  done
}

owl_install() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    owl_say "Not a Debian system: the equivalents of these are taken to be" \
      "installed: ${owl_packages[*]}"
    return 0
  fi
  local missing
  read -ra missing <<<"$(owl_missing_packages | tr '\n' ' ')"
  [ "${#missing[@]}" -eq 0 ] && return 0

  local root=(env DEBIAN_FRONTEND=noninteractive)
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "error: these packages are missing and there is neither root nor" \
        "sudo to install them: ${missing[*]}" >&2
      return 1
    fi
    root=(sudo "${root[@]}")
  fi
  owl_say "Installing ${missing[*]}"
  # A list that cannot be refreshed may still be good enough.
  "${root[@]}" apt-get -qq update </dev/null ||
    echo "warning: apt-get update failed" >&2
  local log
  if ! log=$("${root[@]}" apt-get -qq install -y --no-install-recommends \
    "${missing[@]}" </dev/null 2>&1); then
    tail -n 20 <<<"$log" >&2
    echo "error: apt-get could not install these packages (LLVM 22 is in" \
      "Debian 12's security archive, bookworm-security)" >&2
    return 1
  fi
}

owl_configure() {
  local build=${OWL_BUILD_DIR:-build}
  # A build that is there reconfigures itself when a CMakeLists.txt changes.
  [ -f "$build/build.ninja" ] && return 0
  owl_say "Configuring $build"
  mkdir -p "$build"
  if ! cmake --preset default -B "$build" >"$build/configure.log" 2>&1; then
    cat "$build/configure.log" >&2
    return 1
  fi
}

owl_setup() { owl_install && owl_configure; }

owl_setup
