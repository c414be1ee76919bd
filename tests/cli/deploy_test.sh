#!/usr/bin/env bash
# What deploy/build, deploy/test, deploy/demo and the parts of .ci/run say and do; nothing is built here: cmake and
# ctest are stand-ins.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/cli/expect.sh
unset MD2_TIDY_SINCE MD2_TIDY_ALL MD2_TIDY_MINUTES  # of the one who runs this

# A clone whose set-up and build are stand-ins, and whose long forms are slow_a and slow_b.
mkdir "$work/clone" "$work/bin"
cp -r deploy "$work/clone/"
printf '#!/bin/sh\necho "built"\n' >"$work/clone/deploy/build"
cat >"$work/bin/ctest" <<'SH'
#!/bin/sh
case "$*" in
  "--preset long -N") printf '  Test #7: slow_a\n  Test #9: slow_b\n\nTotal Tests: 2\n' ;;
  *) echo "ctest $*" ;;
esac
SH
printf '#!/bin/sh\necho 2\n' >"$work/bin/nproc"
chmod +x "$work"/bin/*
clone_test() { PATH="$work/bin:$PATH" "$work/clone/deploy/test" "$@"; }
usage_of_test="Usage: deploy/test [--long NAME]

Sets the machine up, builds, and runs all tests but the long forms.

  --long NAME   runs the long form of that name alone; without a known name, lists them"

expect "deploy/test builds and runs all tests" 0 \
  $'built\nmd2: tests ...\nctest --preset release --parallel 2' clone_test
expect "deploy/test --help builds nothing" 0 "$usage_of_test" clone_test --help
expect "deploy/test refuses what it does not know" 1 \
  "$usage_of_test"$'\n''md2: Unknown option --fast: use one of those above.' clone_test --fast
expect "deploy/test takes one long form" 1 \
  "$usage_of_test"$'\n''md2: Unknown option slow_b: use one of those above.' clone_test --long slow_a slow_b
expect "deploy/test --long runs that form alone" 0 \
  $'built\nctest --preset long -R ^slow_b$ --verbose' clone_test --long slow_b
expect "deploy/test --long lists the forms" 1 \
  $'built\nmd2: Expected the name of a long form, found "": use one of: slow_a slow_b' clone_test --long
expect "deploy/test --long takes whole names" 1 \
  $'built\nmd2: Expected the name of a long form, found "slow": use one of: slow_a slow_b' clone_test --long slow
printf '#!/bin/sh\nexit 3\n' >"$work/clone/deploy/build"
expect "deploy/test runs no test when the build fails" 3 "" clone_test

expect "deploy/build --help builds nothing" 0 \
  "Usage: deploy/build   sets the machine up and builds all programs into build/release/bin/" deploy/build --help
expect "deploy/build refuses what it does not know" 1 \
  "md2: Expected no argument but --help, found --fast: run deploy/build alone." deploy/build --fast
expect "the demo says what is missing" 1 \
  "md2: the demo needs the daemon and the small base model, and neither exists yet." \
  deploy/demo

expect "a part says how long it took" 0 $'md2: a ...\nx\nmd2: a: 0 s' script 'part a echo x'
expect "a part ends at its first command that fails, and so does the script" 1 \
  $'md2: a ...\nbefore\nmd2: a: failed after 0 s' \
  script 'f() { echo before; false; echo after; }; part a f; echo next'
expect "a failing part keeps its exit code" 7 $'md2: a ...\nmd2: a: failed after 0 s' script 'part a sh -c "exit 7"'

printf 'MemAvailable: %s kB\n' 5000000 >"$work/memory"
printf 'MemAvailable: %s kB\n' 900000 >"$work/small"
printf 'MemAvailable: %s kB\n' 90000000 >"$work/large"
jobs_at() { MD2_MEMINFO="$1" PATH="$work/bin:$PATH" script compile_jobs; }
expect "as many compilers as memory holds" 0 2 jobs_at "$work/memory"
expect "one compiler at least" 0 1 jobs_at "$work/small"
expect "no more compilers than cores" 0 2 jobs_at "$work/large"

printf '#!/bin/sh\nseq 1 200\nexit "$CODE"\n' >"$work/bin/cmake"
chmod +x "$work/bin/cmake"
workflow_with() { CODE=$1 PATH="$work/bin:$PATH" script 'workflow asan'; }
expect "a workflow that passes is silent" 0 "" workflow_with 0
expect "a workflow that fails shows its end" 1 "$(seq 121 200)" workflow_with 1

# A history of three days: a.cc is old, b.h and c.h are of the last day; new.cc is not committed.
(
  set -e
  mkdir "$work/history" && cd "$work/history" && git init -q
  commit() {
    git add .
    GIT_COMMITTER_DATE="$1" GIT_AUTHOR_DATE="$1" git -c user.name=t -c user.email=t@t commit -qm "$2"
  }
  touch a.cc gone.cc && commit 2026-01-01T10:00:00Z one
  touch b.h b.cc && rm gone.cc && commit 2026-01-03T09:00:00Z two
  touch c.h e.h && commit 2026-01-03T10:00:00Z three
  touch new.cc readme.md
  mkdir db
  printf '  "file": "%s"\n' "$PWD/a.cc" "$PWD/b.cc" "$PWD/db/x_verify_interface_header_sets/c.h.cxx" \
    >db/compile_commands.json
) || fail "the history could not be made"
since() { script "cd '$work/history'; git log -1 --format=%s \"\$(tidy_since)\""; }
changed() { script "cd '$work/history'; changed_sources $1"; }
expect "clang-tidy reads what the last day changed" 0 one since
expect "clang-tidy reads what changed since a commit" 0 two env MD2_TIDY_SINCE=HEAD^ bash -c "$(declare -f since script); work='$work'; since"
expect "a commit that is none is refused" 1 \
  "md2: Expected a commit in MD2_TIDY_SINCE, found nowhere: use one of git log." \
  env MD2_TIDY_SINCE=nowhere bash -c "$(declare -f script); script tidy_since"
expect "the newest changes come first" 0 $'new.cc\nc.h\ne.h\nb.cc\nb.h' changed 'HEAD~2'
expect "without a commit all files count, those that are gone aside" 0 $'new.cc\nc.h\ne.h\nb.cc\nb.h\na.cc' changed ''
expect "a header is read through the .cc beside it, or else alone" 0 \
  "$work/history/b.cc
$work/history/db/x_verify_interface_header_sets/c.h.cxx
$work/history/a.cc" \
  script "cd '$work/history'; printf '%s\n' b.h c.h e.h b.cc a.cc | tidy_units db"
exit $failed
