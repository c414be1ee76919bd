# shellcheck shell=bash
# LibTorch: the libraries and headers of the torch wheel, and NVIDIA's libraries that it loads, in one folder:
# torch/ and nvidia/ side by side, where the libraries look for each other.

fill_libtorch() {
  local tree=$1 use=$2 wheel
  fetch_wheels deploy/libtorch.txt "$use" 570
  say "unpacking LibTorch (1.1 GB)"
  unzip -q "$use"/torch-*.whl 'torch/lib/*' 'torch/include/*' '*.dist-info/*' -x torch/lib/libtorch_python.so -d "$tree"
  for wheel in "$use"/nvidia_*.whl; do unzip -q "$wheel" -d "$tree"; done
}

install_libtorch() { make_folder "$1" deploy/libtorch.txt fill_libtorch; }

# The same folder with the GPU's libraries added; hard links make the copy free, and programs that run keep what
# they have open.
fill_libtorch_cuda() {
  local tree=$1 use=$2 wheel
  # shellcheck disable=SC2154  # make_folder's FINAL
  cp -al "$final/." "$tree/"
  fetch_wheels deploy/libtorch-cuda.txt "$use" 2300
  say "unpacking NVIDIA's libraries (3.3 GB)"
  for wheel in "$use"/nvidia_*.whl; do
    unzip -q -o "$wheel" 'nvidia/*/lib/*' '*.dist-info/*' -d "$tree"
    rm "$wheel"
  done
  rm -f "$tree/md2-pins.txt"
  cp deploy/libtorch-cuda.txt "$tree/md2-pins-cuda.txt"
}

install_libtorch_cuda() { make_folder "$1" deploy/libtorch.txt fill_libtorch_cuda; }
