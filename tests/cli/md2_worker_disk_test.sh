#!/usr/bin/env bash
# A job on real disks that take no more, or nothing at all.
# md2_worker_disk_test.sh PATH_OF_MD2_WORKER
set -u
worker=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/cli/worker.sh
# shellcheck source=tests/cli/tiny_job.sh
. "$root/tests/cli/tiny_job.sh"

# --- A disk that fills up in the middle.
mkdir small
if mount -t tmpfs -o size=6m tmpfs small 2>err; then
  trap 'umount "$work/small"; rm -rf "$work"' EXIT
  run=(train "${job[@]}" --feature-dir features --output-dir small/run)
  "$worker" "${run[@]}" >out 2>err
  status=$?
  [ $status = 8 ] || fail "a full disk: exit code $status: $(cat err)"
  full='md2-worker: the disk is full; what was saved stays, make room and go on with --resume: '
  tail -n 1 err | grep -qF "$full" || fail "a full disk: $(cat err)"
  [ -n "$(find small/run/checkpoints -path '*/manifest.json')" ] || fail "a full disk: no checkpoint is left"
  mount -o remount,size=64m small || fail "the disk could not be made larger"
  "$worker" "${run[@]}" --resume >out 2>err || fail "gone on after a full disk: $(cat err)"
  "$worker" train "${job[@]}" --output-dir unbroken >out 2>err || fail "a run with room: $(cat err)"
  cmp small/run/model/model.safetensors unbroken/model/model.safetensors || fail "a full disk changed the model"
else
  echo "SKIPPED a full disk: no file system can be mounted here: $(cat err)"
fi

# --- What is no folder, and a folder that may not be written.
ends "a file where the output is to be" 6 \
  "md2-worker: cannot list the folder, expected a folder, found a file in the path: sizes.json" \
  train "${job[@]}" --output-dir sizes.json
# The superuser may write everywhere but to a file system that is read-only.
mkdir theirs
if [ "$(id -u)" != 0 ]; then
  chmod 555 theirs
  why='permission denied (check the modes of the file and of its folders)'
elif mount -t tmpfs -o ro tmpfs theirs 2>err; then
  trap 'umount "$work/theirs"; umount "$work/small"; rm -rf "$work"' EXIT
  why='the file system is read-only'
else
  echo "SKIPPED a folder that may not be written: no file system can be mounted here: $(cat err)"
  exit $failed
fi
ends "a folder that may not be written" 4 "md2-worker: cannot create the folder, $why: theirs/run" \
  train "${job[@]}" --output-dir theirs/run
exit $failed
