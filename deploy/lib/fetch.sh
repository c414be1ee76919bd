# shellcheck shell=bash
# How LibTorch, SentencePiece and the developers' Python tools come: fetched by pip under a pinned hash, made
# beside, then renamed, so that what stands under its final name is complete. A folder keeps the pins that it was
# made from; other pins mean that it is made anew.

# Debian's own Python: whatever else is first in PATH may be too old or too new for the pinned wheels.
md2_python=${MD2_PYTHON:-/usr/bin/python3}

# is_made FOLDER PINS [NAME]: FOLDER was made from exactly these pins.
is_made() { cmp -s "$2" "$1/${3:-md2-pins.txt}"; }

# make_folder FINAL PINS FUNCTION: FUNCTION fills a folder beside FINAL, which then takes its place. It is called
# with that folder and with one for its own use.
make_folder() {
  local final=$1 pins=$2 fill=$3 work
  work=$(mktemp -d "$final.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  mkdir -p "$work/tree" "$work/use"
  "$fill" "$work/tree" "$work/use"
  cp "$pins" "$work/tree/md2-pins.txt"
  chmod 755 "$work/tree"
  take_place "$work/tree" "$final" "$work/old"
  rm -rf "$work"
  trap - EXIT
}

# take_place NEW FINAL OLD: NEW is renamed to FINAL; what stood there goes to OLD.
take_place() {
  [ ! -e "$2" ] || mv "$2" "$3"
  mv "$1" "$2"
}

# fetch PINS DIR MB [pip options]: downloads what a pinned requirements file names; about MB in all.
fetch() {
  local pins=$1 into=$2 total=$3
  shift 3
  mkdir -p "$into" "$into/tmp"
  say "fetching what $pins names (about $total MB)"
  with_growth "$into" "$total" env TMPDIR="$into/tmp" "$md2_python" -m pip download --no-cache-dir \
    --disable-pip-version-check --retries 2 --no-deps --require-hashes -r "$pins" -d "$into" "$@" ||
    stop "Could not fetch what $pins names (pip says why above): check the network and pip's package index, then run deploy/setup again."
}

# Wheels for the oldest Debian that we know, whatever Python runs pip.
fetch_wheels() {
  local platforms=() tag
  for tag in 2_28 2_27 2_25 2_18 2_17 2_12 2_5; do platforms+=(--platform "manylinux_${tag}_x86_64"); done
  for tag in 2014 2010 1; do platforms+=(--platform "manylinux${tag}_x86_64"); done
  fetch "$@" --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi none "${platforms[@]}"
}
