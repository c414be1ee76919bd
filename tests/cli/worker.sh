# shellcheck shell=bash
# What the tests of md2-worker share besides expect.sh: they set `worker`, an absolute path, include this in the
# repository's root, and run in the folder `work` then; what md2-worker reads from stdin lies in the file `in`, what it printed in `out` and `err`.
. tests/cli/expect.sh
root=$PWD
# shellcheck disable=SC2034  # read by the scripts that include this
tokenizer=$root/tests/golden/tokenizer/tiny-tokenizer.json
cd "$work" || exit 1
unset "${!MD2_@}"
: >in

# gives NAME EXIT_CODE STDOUT STDERR arguments...: md2-worker with these arguments ends with the code and prints this.
gives() {
  local name=$1 code=$2 out=$3 err=$4 status
  shift 4
  "${worker:?}" "$@" >out 2>err <in
  status=$?
  if [ "$status" != "$code" ] || [ "$(cat out)" != "$out" ] || [ "$(cat err)" != "$err" ]; then
    fail "$name"$'\n'"  expected ($code): $out"$'\n'"  and on stderr: $err"
    printf '  found (%s): %s\n  and on stderr: %s\n' "$status" "$(cat out)" "$(cat err)"
  fi
}

# matches NAME EXIT_CODE STREAM REGEX arguments...: likewise, and a line of out or err matches.
matches() {
  local name=$1 code=$2 stream=$3 regex=$4 status
  shift 4
  "$worker" "$@" >out 2>err <in
  status=$?
  if [ "$status" != "$code" ] || ! grep -qE -- "$regex" "$stream"; then
    fail "$name"$'\n'"  expected ($code) in std$stream: $regex"
    printf '  found (%s): %s\n  and on stderr: %s\n' "$status" "$(cat out)" "$(cat err)"
  fi
}

# ends NAME EXIT_CODE LAST_LINE arguments...: likewise, and this is the last line of err.
ends() {
  local name=$1 code=$2 line=$3 status
  shift 3
  "$worker" "$@" >out 2>err <in
  status=$?
  [ "$status" = "$code" ] && [ "$(tail -n 1 err)" = "$line" ] && return
  fail "$name"$'\n'"  expected ($code) as the last line of stderr: $line"
  printf '  found (%s) stderr: %s\n' "$status" "$(cat err)"
}
