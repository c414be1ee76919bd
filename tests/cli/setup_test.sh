#!/usr/bin/env bash
# What deploy/setup says before it changes anything, on machines that it cannot use.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect NAME EXIT_CODE TEXT command...: the command ends with the code and prints exactly the text.
expect() {
  local name=$1 code=$2 text=$3 found status
  shift 3
  found=$("$@" 2>&1)
  status=$?
  if [ "$status" != "$code" ] || [ "$found" != "$text" ]; then
    printf 'FAILED %s\n  expected (%s): %s\n  found    (%s): %s\n' "$name" "$code" "$text" "$status" "$found"
    failed=1
  fi
}

printf 'ID=ubuntu\nVERSION_ID="24.04"\n' >"$work/os"
printf 'flags : sse2 avx\n' >"$work/cpu"
mkdir "$work/cache"

expect "another distribution stops it" 1 \
  "md2: Expected Debian 12, found ubuntu 24.04: use a Debian 12 machine or container." \
  env MD2_OS_RELEASE="$work/os" deploy/setup
expect "an unsupported processor stops it" 1 \
  "md2: Expected an x86-64 processor with AVX2, found one without: use another machine." \
  env MD2_CPUINFO="$work/cpu" deploy/setup
expect "too little disk stops it" 1 \
  "md2: Expected 8 GB of free disk for $work/cache/md2, found 10 MB: free some, or set XDG_CACHE_HOME to a larger disk." \
  env XDG_CACHE_HOME="$work/cache" MD2_FREE_KIB=10240 deploy/setup
expect "--check says what is missing and changes nothing" 1 \
  "$(printf 'md2: missing: LibTorch 2.14.1\nmd2: missing: SentencePiece 0.2.0')" \
  env XDG_CACHE_HOME="$work/empty" deploy/setup --check
[ ! -e "$work/empty" ] || { echo "FAILED --check made a folder"; failed=1; }
expect "a machine that is set up is left alone" 0 "md2: set up; nothing is missing." deploy/setup
expect "the demo says what is missing" 1 \
  "md2: the demo needs the trainer, the daemon and the small base model, and none of them exists yet." \
  deploy/demo
exit $failed
