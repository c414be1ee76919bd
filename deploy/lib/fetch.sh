# How LibTorch and SentencePiece come: fetched by pip under a pinned hash, unpacked beside, then renamed,
# so that what stands under its final name is complete.

# fetch FILE DIR [pip options]: downloads what a pinned requirements file names.
fetch() {
  local pins=$1 into=$2
  shift 2
  python3 -m pip download --disable-pip-version-check --no-deps --require-hashes -r "$pins" -d "$into" "$@" ||
    stop "Could not fetch what $pins names: check the network and the package index that pip uses, then run it again."
}

install_libtorch() {
  local final=$1 work tag platforms=()
  work=$(mktemp -d "$(dirname "$final")/libtorch.XXXXXX")
  for tag in 2_28 2_25 2_17; do platforms+=(--platform "manylinux_${tag}_x86_64"); done
  platforms+=(--platform manylinux2014_x86_64)
  mkdir "$work/wheels" "$work/tree"
  fetch deploy/libtorch.txt "$work/wheels" --only-binary=:all: --python-version 3.11 \
    --implementation cp --abi cp311 --abi none "${platforms[@]}"
  echo "md2: unpacking LibTorch (1.1 GB)"
  for wheel in "$work"/wheels/*.whl; do unzip -q "$wheel" -d "$work/tree"; done
  rm -rf "$final"
  mv "$work/tree" "$final"
  rm -rf "$work"
}

install_sentencepiece() {
  local final=$1 work source
  work=$(mktemp -d "$(dirname "$final")/sentencepiece.XXXXXX")
  fetch deploy/sentencepiece.txt "$work" --no-binary=:all:
  tar -xf "$work"/sentencepiece-*.tar.gz -C "$work"
  source=$work/sentencepiece-0.2.0/sentencepiece
  echo "md2: building SentencePiece"
  { cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DSPM_PROTOBUF_PROVIDER=package -DSPM_ENABLE_SHARED=OFF -DSPM_ENABLE_TCMALLOC=OFF \
      -DCMAKE_POSITION_INDEPENDENT_CODE=ON && cmake --build "$work/build" --target sentencepiece-static; } \
    >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; stop "SentencePiece did not build: see above."; }
  mkdir -p "$work/tree"/{include,lib,share}
  cp "$work/build/src/libsentencepiece.a" "$work/tree/lib/"
  cp "$source/src/sentencepiece_processor.h" "$work/build/src/sentencepiece_model.pb.h" "$work/tree/include/"
  cp "$source/LICENSE" "$work/tree/share/"
  rm -rf "$final"
  mv "$work/tree" "$final"
  rm -rf "$work"
}
