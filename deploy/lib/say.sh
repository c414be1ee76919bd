# shellcheck shell=bash
# How the scripts of this folder and .ci/run speak: one prefix, errors as one sentence, a time for each part.

say() { echo "md2: $*"; }

# The one way to give up: says what was expected, what was found and what to do.
stop() {
  echo "md2: $*" >&2
  exit 1
}

# part NAME command...: runs it and says how long it took, whatever came of it. A function stops at its first
# command that fails, as the script around it does (`set -e`, which this leaves on).
part() {
  local name=$1 start=$SECONDS status
  shift
  say "$name ..."
  set +e
  (set -e; "$@")
  status=$?
  set -e
  if [ "$status" = 0 ]; then
    say "$name: $((SECONDS - start)) s"
  else
    say "$name: failed after $((SECONDS - start)) s"
  fi
  return "$status"
}

# with_growth DIR MB command...: where no terminal shows the command's own progress, says every few seconds how
# much lies in DIR, of about MB.
with_growth() {
  local dir=$1 total=$2 ticker status=0
  shift 2
  if [ -t 1 ]; then
    "$@"
    return
  fi
  # The sleep outlives the loop for a moment: it must hold neither the caller's pipe nor its lock.
  while sleep 5 >/dev/null 2>&1 9>&-; do
    say "  $(du -sm "$dir" | cut -f1) of about $total MB"
  done &
  ticker=$!
  "$@" || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  return "$status"
}
