#!/usr/bin/env bash
# The installed tree works where the clone and the user's cache are out of sight.
# install_test.sh BUILD_FOLDER
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/cli/expect.sh
build=$1

cmake --install "$build" --prefix "$work/md2" >"$work/log" 2>&1 || fail "cmake --install"$'\n'"$(cat "$work/log")"

found=$(cd / && env -i HOME="$work/nobody" PATH=/usr/bin:/bin "$work/md2/bin/md2-worker" --version 2>&1)
expected=$("$build/bin/md2-worker" --version)
[ "$found" = "$expected" ] || fail "--version of the installed program"$'\n'"  expected: $expected"$'\n'"  found: $found"

# Everything that is neither the system's nor in the tree.
outside=$(ldd "$work/md2/bin/md2-worker" | awk '$3 ~ "^/" { print $3 }' | while read -r library; do realpath "$library"; done |
  grep -v -e "^/usr/lib/" -e "^$work/md2/lib/md2/")
[ -z "$outside" ] || fail "libraries from outside the tree: $outside"

for file in share/md2/LICENSE share/md2/THIRD_PARTY.md share/md2/libtorch/LICENSE \
  share/md2/nvidia_cuda_runtime/License.txt lib/md2/libtorch_cpu.so; do
  [ -f "$work/md2/$file" ] || fail "no $file in the tree"
done

# --- The GPU's libraries, with a LibTorch of empty files.
libtorch=$work/libtorch
for file in torch/lib/libtorch_cuda.so torch/lib/libc10_cuda.so torch/lib/libcaffe2_nvrtc.so torch/lib/libtorch_nvshmem.so \
  torch/lib/libtorch_cpu.so torch/lib/libshm.so nvidia/cu13/lib/libcublas.so.13 nvidia/cu13/lib/libculibos.a \
  nvidia/nccl/lib/libnccl.so.2.99 nvidia_cublas-13.1.dist-info/licenses/License.txt nvidia_nccl_cu13-2.99.dist-info/License.txt; do
  mkdir -p "$libtorch/$(dirname "$file")" && : >"$libtorch/$file"
done
ln -s libnccl.so.2.99 "$libtorch/nvidia/nccl/lib/libnccl.so.2"

# expect_installed NAME FILE...: these files alone, by their names in the tree.
expect_installed() {
  local name=$1 found expected
  shift
  rm -rf "$work/gpu"
  cmake -D MD2_LIBTORCH_DIR="$libtorch" -D MD2_LIBRARIES_TO="$work/gpu/lib" -D MD2_LICENCES_TO="$work/gpu/share" \
    -P cmake/Md2InstallCuda.cmake >"$work/log" 2>&1 || fail "$name"$'\n'"$(cat "$work/log")"
  found=$(cd "$work/gpu" && find . -not -type d -printf '%P\n' | sort)
  expected=$(printf '%s\n' "$@" | sort)
  [ "$found" = "$expected" ] || fail "$name"$'\n'"  expected: $expected"$'\n'"  found: $found"
}

licences=(share/nvidia_cublas/License.txt share/nvidia_nccl_cu13/License.txt)
expect_installed "without deploy/setup --cuda" "${licences[@]}"
: >"$libtorch/md2-pins-cuda.txt"
expect_installed "after deploy/setup --cuda" "${licences[@]}" lib/libtorch_cuda.so lib/libc10_cuda.so \
  lib/libcaffe2_nvrtc.so lib/libtorch_nvshmem.so lib/libcublas.so.13 lib/libnccl.so.2 lib/libnccl.so.2.99
exit $failed
