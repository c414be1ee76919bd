# shellcheck shell=bash
# clang-tidy on what changed, with the compile database of the preset `tidy` (clang, with LibTorch; of it only generated
# headers are built). A file takes 4 to 60 s, hence: newest changes first, and none is begun after MD2_TIDY_MINUTES.

# The commit whose files are known to be clean: MD2_TIDY_SINCE, or the newest that is a day older than HEAD. Nothing
# when there is none, or with MD2_TIDY_ALL=1.
tidy_since() {
  local day=86400
  [ "${MD2_TIDY_ALL:-}" != 1 ] || return 0
  if [ -n "${MD2_TIDY_SINCE:-}" ]; then
    git rev-parse --verify --quiet "$MD2_TIDY_SINCE^{commit}" ||
      stop "Expected a commit in MD2_TIDY_SINCE, found $MD2_TIDY_SINCE: use one of git log."
  else
    git rev-list -1 --before=$(($(git log -1 --format=%ct) - day)) HEAD
  fi
}

# changed_sources [COMMIT]: .cc and .h files changed since, the newest first; all of them without COMMIT.
changed_sources() {
  local sources=('*.cc' '*.h') file
  {
    git diff --name-only HEAD -- "${sources[@]}"
    git ls-files --others --exclude-standard -- "${sources[@]}"
    git log --format= --name-only ${1:+"$1..HEAD"} -- "${sources[@]}"
  } | awk '!seen[$0]++' | while read -r file; do
    [ ! -e "$file" ] || echo "$file"
  done
}

# tidy_units DATABASE: the compiled file for each source of stdin that one reads: itself; for a header the .cc beside
# it, or else the unit that verifies the header set.
tidy_units() {
  local compiled file
  compiled=$(sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$1/compile_commands.json")
  while read -r file; do
    grep -xF -- "$PWD/${file%.h}" <<<"$compiled" || grep -xF -- "$PWD/${file%.*}.cc" <<<"$compiled" ||
      grep -F -- "_verify_interface_header_sets/$file.cxx" <<<"$compiled" || true
  done | awk '!seen[$0]++'
}

# tidy_one DATABASE UNIT DEADLINE LEFT
tidy_one() {
  if [ "$(date +%s)" -ge "$3" ]; then
    echo "${2#"$PWD/"}" >>"$4"
  else
    clang-tidy-19 -p "$1" --quiet "$2" 2> >(grep -v ' generated\.$' >&2)
  fi
}

tidy() {
  local database=build/tidy minutes=${MD2_TIDY_MINUTES:-5} since units left status=0
  [ "${MD2_TIDY_ALL:-}" != 1 ] || minutes=100000
  since=$(tidy_since)
  cmake --preset tidy --log-level=NOTICE >/dev/null
  cmake --build "$database" --target md2_commit >/dev/null  # the one generated header
  mapfile -t units < <(changed_sources "$since" | tidy_units "$database")
  say "${#units[@]} files changed since ${since:-the beginning}"
  [ "${#units[@]}" -gt 0 ] || return 0
  left=$(mktemp)
  export -f tidy_one
  printf '%s\0' "${units[@]}" | xargs -0 -P "$(compile_jobs)" -I UNIT \
    bash -c 'tidy_one "$@"' _ "$database" UNIT $(($(date +%s) + minutes * 60)) "$left" || status=1
  [ ! -s "$left" ] || say "not read within $minutes minutes (MD2_TIDY_ALL=1 reads all): $(paste -sd ' ' "$left")"
  rm "$left"
  return "$status"
}
