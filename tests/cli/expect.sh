# shellcheck shell=bash
# What the tests of scripts share: they run in the repository's root, `work` is a folder of their own, and they end
# with `exit $failed`.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2034  # read by the scripts that include this
failed=0

fail() {
  printf 'FAILED %s\n' "$*"
  # shellcheck disable=SC2034
  failed=1
}

# expect NAME EXIT_CODE TEXT command...: the command ends with the code and prints exactly the text.
expect() {
  local name=$1 code=$2 text=$3 found status
  shift 3
  found=$("$@" 2>&1)
  status=$?
  if [ "$status" != "$code" ] || [ "$found" != "$text" ]; then
    fail "$name"$'\n'"  expected ($code): $text"$'\n'"  found    ($status): $found"
  fi
}

# script TEXT: a piece of bash run as our scripts are, with the functions of deploy/lib.
script() {
  bash -c "set -euo pipefail; for lib in deploy/lib/*.sh; do . \$lib; done; $1"
}
