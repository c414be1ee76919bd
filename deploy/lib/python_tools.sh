# shellcheck shell=bash
# The Python tools with which tests/golden is remade; no part of the product, and without torch.

fill_python_tools() {
  # shellcheck disable=SC2154  # fetch.sh sets it
  "$md2_python" -m venv "$1" || return
  "$1/bin/pip" install --no-cache-dir --disable-pip-version-check --quiet --no-deps --only-binary=:all: \
    --require-hashes -r deploy/python-tools.txt
}

# Made in its place: an environment knows its own path.
install_python_tools() {
  local final=$1
  say "making a Python environment for tests/golden"
  rm -rf "$final"
  fill_python_tools "$final" ||
    stop "Could not fetch what deploy/python-tools.txt names (pip says why above): check the network and pip's package index, then run deploy/setup --dev again."
  cp deploy/python-tools.txt "$final/md2-pins.txt"
}
