#!/usr/bin/env bash
# A training job as its users see it: the check before it, its lines, kills and going on, what it leaves, what is refused.
# md2_worker_train_test.sh PATH_OF_MD2_WORKER
set -u
worker=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/cli/worker.sh
# shellcheck source=tests/cli/tiny_job.sh
. "$root/tests/cli/tiny_job.sh"

# without_measures FILE...: lines of metrics or evaluations without what is measured.
without_measures() { sed -E 's/"peak_bytes":[0-9]+,//; s/,?"seconds":\{[^}]*\}//' "$@"; }

# expect_same NAME RUN OTHER: both runs left the same results.
expect_same() {
  local part
  for part in model adapter; do
    [ -e "$2/$part" ] || [ -e "$3/$part" ] || continue
    diff -rq "$2/$part" "$3/$part" || fail "$1: $part/ differs"
  done
  for part in metrics evals; do
    diff <(without_measures "$2/$part.jsonl") <(without_measures "$3/$part.jsonl") || fail "$1: $part.jsonl differs"
  done
}

# kill_at NAME REGEX arguments...: md2-worker train, killed once a line of its output matches. It cannot end before: a
# pipe that nobody reads holds less than half of its lines.
kill_at() {
  local name=$1 regex=$2 line seen=
  shift 2
  coproc RUN { exec "$worker" train "$@" 2>err; }
  local pid=$RUN_PID from_worker=${RUN[0]}
  while read -r -t 120 line <&"$from_worker"; do
    [[ $line =~ $regex ]] && seen=yes && break
  done
  {
    kill -9 "$pid"
    cat <&"$from_worker" >rest
    wait "$pid"
    status=$?
  } 2>noise # bash says that it was killed
  [ $status = 137 ] || fail "$name: ended with $status before it could be killed: $(cat err)"
  [ -n "$seen" ] || fail "$name: no line $regex: $(cat err)"
  ! grep -q '"event":"finished"' rest || fail "$name: it finished before it was killed"
}

# --- The check.
matches "the check" 0 out $'^updates\t600$' check "${job[@]}" --init random --output-dir full
grep -qE $'^disk of output_dir\t[0-9.]+ MB, fits into ' out || fail "the check says nothing of the disk: $(cat out)"
[ ! -e full ] || fail "the check made the output folder"
"$worker" check "${job[@]}" --init random -o json >out 2>err || fail "the check as JSON: $(cat err)"
for part in '"rows":48' '"val_rows":8' '"errors":\[\]' '"updates":600' '"images":56' '"epochs":25' \
  '"output_dir":\{"bytes":[0-9]+,"fits":true,"free_bytes":[0-9]+\}'; do
  grep -qE "$part" out || fail "the check as JSON: no $part: $(cat out)"
done

# --- Runs that were killed twice end as one that was not.
modes=("fp32 --method full --init random --precision fp32" "bf16 --method full --init random --precision bf16"
  "lora --method lora --lora-rank 4 --precision fp32" "lora_bf16 --method lora --lora-rank 4 --precision bf16")
for mode in "${modes[@]}"; do
  read -r name flags <<<"$mode"
  # shellcheck disable=SC2206  # flags are words
  run=("${job[@]}" $flags)
  "$worker" train "${run[@]}" --output-dir "$name" >out 2>err || fail "$name: $(cat err)"
  events=$(grep -oE '"event":"[a-z]+"' out | sort -u | cut -d '"' -f 4 | paste -sd ' ')
  [ "$events" = "checkpoint evaluation finished phase progress" ] || fail "$name: events: $events"
  [ "$(wc -l <"$name/metrics.jsonl")" = 600 ] || fail "$name: lines of metrics"
  kill_at "$name, after a checkpoint" '"event":"checkpoint".*"update":100' "${run[@]}" --output-dir "$name-killed"
  kill_at "$name, while a checkpoint is written" '"event":"progress".*"update":[0-9]*[05]0}' "${run[@]}" \
    --output-dir "$name-killed" --resume
  "$worker" train "${run[@]}" --output-dir "$name-killed" --resume >out 2>err || fail "$name: gone on: $(cat err)"
  ! grep -q '"event":"progress".*"update":1}' out || fail "$name: it began anew"
  expect_same "$name" "$name" "$name-killed"
done

# --- What a run leaves is used from another folder.
question='What does the captcha say?'
image=$work/data/images/test/000000.png
mkdir elsewhere
(cd elsewhere && "$worker" export --checkpoint "$work/fp32/checkpoints/000600" --out hf >out 2>err) ||
  fail "export from another folder: $(cat elsewhere/err)"
matches "a model that was exported" 0 out '^\{"answer":' answer --model elsewhere/hf --image "$image" --question "$question" -o json
answer_of() { "$worker" answer "$@" --image "$image" --question "$question" --precision fp32 2>err || fail "answer: $(cat err)"; }
[ "$(answer_of --model lora/model)" = "$(answer_of --model base --adapter lora/adapter)" ] ||
  fail "the adapter beside its base answers otherwise than the merged model"
best=$(printf %06d "$(grep -oE '"best":[0-9]+' lora/checkpoints/index.json | tr -dc 0-9)")
(cd elsewhere && "$worker" export --checkpoint "$work/lora/checkpoints/$best" --format adapter --out a >out 2>err) ||
  fail "export of an adapter from another folder: $(cat elsewhere/err)"
diff -rq elsewhere/a lora/adapter || fail "the adapter of the best checkpoint is not the run's"
grep -qF "\"base_model_name_or_path\":\"$work/base\"" <(tr -d ' \n' <lora/adapter/adapter_config.json) ||
  fail "the adapter's base: $(cat lora/adapter/adapter_config.json)"

# --- One run a folder, and a run that is asked to stop.
coproc RUN { exec "$worker" train "${job[@]}" --output-dir stopped 2>stopped-err; }
pid=$RUN_PID from_worker=${RUN[0]}
until read -r -t 120 line <&"$from_worker" && [[ $line =~ '"event":"progress"' ]]; do kill -0 "$pid" || break; done
ends "a second run in the folder" 6 \
  "md2-worker: another run writes to this output folder; wait for it, stop it, or give another output_dir: stopped" \
  train "${job[@]}" --output-dir stopped
tail -n 1 out | grep -q '^{"event":"finished",.*"reason":"OUTPUT_IN_USE"' || fail "a second run in the folder: $(tail -n 1 out)"
begin=$SECONDS
kill -TERM "$pid"
cat <&"$from_worker" >rest
wait "$pid"
status=$?
[ "$status" = 2 ] || fail "SIGTERM: exit code $status: $(cat stopped-err)"
[ $((SECONDS - begin)) -le 20 ] || fail "SIGTERM: it took $((SECONDS - begin)) s to stop"
[ "$(tail -n 1 stopped-err)" = "md2-worker: cancelled" ] || fail "SIGTERM: $(cat stopped-err)"
last=$(grep -oE '"update":[0-9]+}' stopped/metrics.jsonl | tail -n 1 | tr -dc 0-9)
[ -e "stopped/checkpoints/$(printf %06d "$last")/manifest.json" ] || fail "SIGTERM: no checkpoint of update $last"

# --- A run that goes on wants what it began with.
resume=(train --output-dir stopped --resume "${job[@]}")
changed='md2-worker: cannot go on with a run whose inputs changed (give those it began with, or begin anew in another output_dir):'
expect_changed() {
  local name=$1 regex=$2
  shift 2
  "$worker" "$@" >out 2>err
  local status=$?
  [ "$status" = 6 ] && [ "$(grep -cF "$changed" err)" = 1 ] && grep -qxE "  $regex" err && return
  fail "$name ($status): $(cat err)"
}
digest='\(SHA-256 [0-9a-f]{12}\.\.\.\)'
expect_changed "another hyperparameter" 'learning_rate: begun with [0-9.e-]+, asked to go on with 0\.5' "${resume[@]}" --lr 0.5
cp data/train.jsonl kept
tail -n +2 kept >data/train.jsonl
expect_changed "other data" "the data: begun with $work/data/train.jsonl $digest, found $work/data/train.jsonl $digest" "${resume[@]}"
mv kept data/train.jsonl
cp -r base other
printf '\1' | dd of=other/model.safetensors bs=1 seek=$(($(stat -c %s other/model.safetensors) - 1)) conv=notrunc status=none
expect_changed "another base" "the base model: begun with $work/base $digest, found $work/other $digest" \
  train --output-dir stopped --resume --model other "${job[@]:2}"
cp -r base moved
"$worker" train --output-dir stopped --resume --model moved "${job[@]:2}" >out 2>err || fail "a base that moved: $(cat err)"
exit $failed
