#!/usr/bin/env bash
# What deploy/setup says before it changes anything, on machines that it cannot use, and that it leaves nothing
# half made.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/cli/expect.sh

printf 'ID=ubuntu\nVERSION_ID="24.04"\n' >"$work/os"
printf 'flags : sse2 avx\n' >"$work/cpu"
printf 'Iface\tDestination\nlo\t0000007F\n' >"$work/routes"
printf 'Iface\tDestination\neth0\t00000000\n' >"$work/routes-out"
printf '#!/bin/sh\necho "no such host" >&2\nexit 1\n' >"$work/python"
chmod +x "$work/python"
mkdir "$work/cache"
bare=(env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY "XDG_CACHE_HOME=$work/cache"
  MD2_FREE_KIB=100000000 "MD2_ROUTES=$work/routes-out" "MD2_PYTHON=$work/python")

expect "another distribution stops it" 1 \
  "md2: Expected Debian 12, found ubuntu 24.04: use a Debian 12 machine or container." \
  env MD2_OS_RELEASE="$work/os" deploy/setup
expect "an unsupported processor stops it" 1 \
  "md2: Expected an x86-64 processor with AVX2, found one without: use another machine." \
  env MD2_CPUINFO="$work/cpu" deploy/setup
expect "no network stops it before anything is made" 1 \
  "md2: Expected a network to fetch what is missing, found no route: connect this machine, then run deploy/setup again." \
  "${bare[@]}" XDG_CACHE_HOME="$work/none" MD2_ROUTES="$work/routes" deploy/setup
[ ! -e "$work/none" ] || fail "no network, and yet a folder was made"
expect "too little disk stops it" 1 \
  "md2: Expected 8 GB of free disk for $work/cache/md2, found 10 MB: free some, or set XDG_CACHE_HOME to a larger disk." \
  "${bare[@]}" MD2_FREE_KIB=10240 deploy/setup
expect "a package index out of reach stops it" 1 \
  "md2: fetching what deploy/libtorch.txt names (about 570 MB)
no such host
md2: Could not fetch what deploy/libtorch.txt names (pip says why above): check the network and pip's package index, then run deploy/setup again." \
  "${bare[@]}" deploy/setup
expect "what failed leaves nothing but the lock" 0 "setup.lock" ls "$work/cache/md2"
expect "--check says what is missing and changes nothing" 1 \
  "$(printf 'md2: missing: LibTorch 2.14.1\nmd2: missing: SentencePiece 0.2.0')" \
  env XDG_CACHE_HOME="$work/empty" deploy/setup --check
[ ! -e "$work/empty" ] || fail "--check made a folder"
begin=$(date +%s%N)
expect "a machine that is set up is left alone" 0 "md2: set up; nothing is missing." deploy/setup
took=$((($(date +%s%N) - begin) / 1000000))
[ "$took" -lt 1000 ] || fail "a machine that is set up is left alone within a second: took $took ms"
expect "a set-up of --cuda is told apart" 1 "md2: missing: NVIDIA's libraries for LibTorch" \
  env CACHE="$work/cuda" bash -c 'cache=$CACHE; mkdir -p "$cache/md2"/{libtorch-2.14.1,sentencepiece-0.2.0}
    cp deploy/libtorch.txt "$cache/md2/libtorch-2.14.1/md2-pins.txt"
    cp deploy/sentencepiece.txt "$cache/md2/sentencepiece-0.2.0/md2-pins.txt"
    XDG_CACHE_HOME=$cache deploy/setup --cuda --check'
expect "an option that it does not know" 1 "md2: Unknown option --fast: use one of those above." \
  bash -c 'deploy/setup --fast 2>&1 >/dev/null | tail -n 1; exit "${PIPESTATUS[0]}"'

printf '# a comment\ngit\nmd2-no-such-package\n' >"$work/list"
expect "only missing packages are named" 0 "md2-no-such-package" script "missing_packages '$work/list'"
printf 'a==1\n' >"$work/pins"
expect "other pins mean that a folder is made anew, whole" 0 "first
second
no old one" \
  script "
    fill() { echo \"\$what\" >\"\$1/file\"; }
    what=first; make_folder '$work/made' '$work/pins' fill; cat '$work/made/file'
    echo 'a==2' >'$work/pins'; ! is_made '$work/made' '$work/pins'
    what=second; make_folder '$work/made' '$work/pins' fill; cat '$work/made/file'
    is_made '$work/made' '$work/pins'; [ \"\$(ls -d '$work'/made*)\" = '$work/made' ] && echo 'no old one'"
expect "a folder whose making fails stays as it was" 0 "second" \
  bash -c ". deploy/lib/say.sh; . deploy/lib/fetch.sh
    (set -e; fill() { echo half >\"\$1/file\"; false; }; make_folder '$work/made' '$work/pins' fill)
    cat '$work/made/file'; [ \"\$(ls -d '$work'/made*)\" = '$work/made' ]"

exit $failed
