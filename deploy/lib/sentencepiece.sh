# shellcheck shell=bash
# SentencePiece as a static library of its source package.

fill_sentencepiece() {
  local tree=$1 use=$2 source
  fetch deploy/sentencepiece.txt "$use" 3 --no-binary=:all: --no-build-isolation
  tar -xf "$use"/sentencepiece-*.tar.gz -C "$use"
  source=$use/sentencepiece-0.2.0/sentencepiece
  say "building SentencePiece"
  build_sentencepiece "$source" "$use/build" >"$use/build.log" 2>&1 ||
    { tail -n 20 "$use/build.log" >&2; stop "SentencePiece did not build (its words are above): mend that, then run deploy/setup again."; }
  mkdir "$tree"/{include,lib,share}
  cp "$use/build/src/libsentencepiece.a" "$tree/lib/"
  cp "$source/src/sentencepiece_processor.h" "$use/build/src/sentencepiece_model.pb.h" "$tree/include/"
  cp "$source/LICENSE" "$tree/share/"
  local part
  for part in absl darts_clone esaxx; do cp "$source/third_party/$part/LICENSE" "$tree/share/LICENSE.$part"; done
}

build_sentencepiece() {
  cmake -S "$1" -B "$2" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
    -DSPM_PROTOBUF_PROVIDER=package -DSPM_ENABLE_SHARED=OFF -DSPM_ENABLE_TCMALLOC=OFF &&
    cmake --build "$2" --target sentencepiece-static
}

install_sentencepiece() { make_folder "$1" deploy/sentencepiece.txt fill_sentencepiece; }
