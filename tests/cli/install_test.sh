#!/usr/bin/env bash
# The installed tree works where the clone and the user's cache are out of sight.
# install_test.sh BUILD_FOLDER
set -u
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
  printf 'FAILED %s\n' "$*"
  failed=1
}

cmake --install "$build" --prefix "$work/md2" >"$work/log" 2>&1 || fail "cmake --install"$'\n'"$(cat "$work/log")"

found=$(cd / && env -i HOME="$work/nobody" PATH=/usr/bin:/bin "$work/md2/bin/md2-worker" --version 2>&1)
expected=$("$build/bin/md2-worker" --version)
[ "$found" = "$expected" ] || fail "--version of the installed program"$'\n'"  expected: $expected"$'\n'"  found: $found"

# Everything that is neither the system's nor in the tree.
outside=$(ldd "$work/md2/bin/md2-worker" | awk '$3 ~ "^/" { print $3 }' | while read -r library; do realpath "$library"; done |
  grep -v -e "^/usr/lib/" -e "^$work/md2/lib/md2/")
[ -z "$outside" ] || fail "libraries from outside the tree: $outside"

for file in share/md2/LICENSE share/md2/THIRD_PARTY.md share/md2/libtorch/LICENSE lib/md2/libtorch_cpu.so; do
  [ -f "$work/md2/$file" ] || fail "no $file in the tree"
done
exit $failed
