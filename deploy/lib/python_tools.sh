# shellcheck shell=bash
# The Python tools with which tests/golden is remade; no part of the product, and without torch.

install_python_tools() {
  local final=$1
  say "making a Python environment for tests/golden"
  rm -rf "$final"
  "$md2_python" -m venv "$final" &&
    "$final/bin/pip" install --no-cache-dir --disable-pip-version-check --quiet --no-deps --only-binary=:all: \
      --require-hashes -r deploy/python-tools.txt ||
    stop "Could not fetch what deploy/python-tools.txt names (pip says why above): check the network and pip's package index, then run deploy/setup --dev again."
  cp deploy/python-tools.txt "$final/md2-pins.txt"
}
