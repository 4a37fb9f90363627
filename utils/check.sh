#!/usr/bin/env bash
# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what is missing, builds, and runs every check and test. The last
# line is `N passed, N failed`; the exit status is 0 when nothing failed and
# something ran. Arguments are handed to lit, for example `--filter reduce`.

set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

passed=0 failed=0 skipped=0

# Whatever happens, the last line counts it. A script that stops half-way
# has failed.
complete=no
finish() {
  local status=$?
  [ "$complete" = yes ] || failed=$((failed + 1))
  [ "$status" -eq 0 ] && [ "$failed" -ne 0 ] && status=1
  [ "$status" -eq 0 ] && [ "$passed" -eq 0 ] && status=1
  if [ "$skipped" -ne 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  exit "$status"
}
trap finish EXIT

# check NAME COMMAND...: one check of our own, counted like a test.
check() {
  local name=$1
  shift
  if "$@"; then
    echo "PASS: $name"
    passed=$((passed + 1))
  else
    echo "FAIL: $name"
    failed=$((failed + 1))
  fi
}

source utils/setup.sh || { echo "check.sh: set-up failed" >&2; exit 1; }
build=${OWL_BUILD_DIR:-build}

cmake --build "$build" --target owl-test-depends owl-unittests ||
  { echo "check.sh: the build failed" >&2; exit 1; }

check_format() {
  git ls-files -z '*.cpp' '*.h' '*.c' |
    xargs -0 -r clang-format-22 --dry-run -Werror
}

check_tools() {
  local missing=0 tool
  for tool in clang-22 clang-format-22 node qemu-aarch64 qemu-system-x86_64 \
    qemu-system-aarch64; do
    command -v "$tool" >/dev/null ||
      { echo "check.sh: '$tool' is not installed" >&2; missing=1; }
  done
  /usr/bin/python3 -c 'import numpy' || missing=1
  return "$missing"
}

check "the tools that the tests run are installed" check_tools
check "the C++ files are formatted" check_format

lit_args=(-j2 --show-unsupported)
if [ -n "${CI:-}" ] || [ ! -t 1 ]; then
  lit_args+=(-v --no-progress-bar)
else
  lit_args+=(-sv)
fi
results=$build/test-results.json
rm -f "$results"
/usr/bin/python3 /usr/lib/llvm-22/bin/lit "${lit_args[@]}" "$@" \
  --output "$results" "$build/test" "$build/unittests"
lit_status=$?

read -r lit_passed lit_failed lit_skipped < <(/usr/bin/python3 - "$results" <<'PYTHON'
import collections, json, sys
try:
    with open(sys.argv[1]) as file:
        tests = json.load(file)["tests"]
except (OSError, ValueError):
    tests = []
count = collections.Counter(test["code"] for test in tests)
passed = count["PASS"]
skipped = count["SKIPPED"] + count["UNSUPPORTED"] + count["EXCLUDED"]
# Where lit did not run at all, that is the failure.
print(passed, len(tests) - passed - skipped if tests else 1, skipped)
PYTHON
) || exit 1
passed=$((passed + lit_passed))
failed=$((failed + lit_failed))
skipped=$((skipped + lit_skipped))
# Where lit is not content, something has failed, whatever it listed.
[ "$lit_status" -eq 0 ] || [ "$lit_failed" -ne 0 ] || failed=$((failed + 1))
complete=yes
exit 0
