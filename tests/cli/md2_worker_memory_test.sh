#!/usr/bin/env bash
# A job under a limit on its memory: what does not fit is computed in smaller pieces to the same weights, or refused
# with figures.
# md2_worker_memory_test.sh PATH_OF_MD2_WORKER
set -u
worker=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/cli/worker.sh

# Of 32 rows at a time the activations are most of what the process needs.
rows=32
cat >sizes.json <<'JSON'
{"bos_id":0,"eos_id":0,"projector_dim":64,
 "text":{"dim":256,"eps":1e-05,"heads":4,"layers":4,"max_positions":256,"mlp_dim":1024,"rotary_dim":16,
         "rotary_theta":10000.0,"vocab":420},
 "vision":{"crop":126,"depth":1,"dim":32,"eps":1e-05,"heads":2,"mlp_dim":48,"patch":14}}
JSON
if ! "$worker" datagen model --sizes sizes.json --tokenizer "$tokenizer" --seed 1 --dtype f32 --out base >out 2>err ||
  ! "$worker" datagen captcha --out data --train $rows --val 0 --test 0 --seed 4 >out 2>err; then
  fail "the model and the captchas could not be made: $(cat err)"
  exit 1
fi

# run_job DIR BATCH_SIZE GRAD_ACCUM [MEGABYTES]: a job of three updates, under that limit, in out and err.
run_job() {
  local limit=()
  [ $# = 4 ] && limit=(prlimit --data=$(($4 << 20)))
  rm -rf "$1"
  "${limit[@]}" "$worker" train --model base --data data/train.jsonl --threads 1 --lr 1e-3 --activation-checkpointing none \
    --output-dir "$1" --batch-size "$2" --grad-accum "$3" >out 2>err
}
halvings() { grep -c '"code":"micro_batch_halved"' out; }

# --- The least limit, to a sixteenth of the peak, under which all rows fit at once.
run_job whole $rows 1 4096 || fail "with 4096 MB: $(tail -n 1 err)"
peak=$(($(grep -oE '"peak_bytes":[0-9]+' whole/metrics.jsonl | tail -n 1 | tr -dc 0-9) >> 20))
few=$((peak / 2)) enough=$((peak * 2))
while [ $((enough - few)) -gt $((peak / 16)) ]; do
  tried=$(((few + enough) / 2))
  if run_job tried $rows 1 $tried && [ "$(halvings)" = 0 ]; then enough=$tried; else few=$tried; fi
done

# --- With less, fewer rows are computed at a time, to the weights of a run that began so. Near the limit a later update
# may be the one that does not fit, so less is given until all halvings are the first update's.
halvings_at_once() { grep -c '"code":"micro_batch_halved".*"update":1}' out; }
for _ in 1 2 3 4; do
  run_job halved $rows 1 $few || fail "with $few MB: $(tail -n 1 err)"
  halved=$(halvings)
  [ "$halved" -ge 1 ] && [ "$halved" = "$(halvings_at_once)" ] && break
  few=$((few - peak / 16))
done
echo "$rows rows at once fit into $enough MB; with $few MB they were halved $halved times"
[ "$halved" -ge 1 ] || fail "with $few MB nothing was halved"
message="memory ran out; from now on $((rows / 2)) rows are computed at a time, with the same rows in an update"
grep -qF "{\"code\":\"micro_batch_halved\",\"event\":\"warning\",\"message\":\"$message\",\"update\":1}" out ||
  fail "the event: $(grep micro_batch_halved out)"
run_job fewer $((rows >> halved)) $((1 << halved)) 4096 || fail "fewer rows: $(cat err)"
cmp halved/model/model.safetensors fewer/model/model.safetensors || fail "halving changes the model"

# --- With too little for one row it ends with figures and advice; how little that is depends on the machine.
text='^md2-worker: one row at a time with activation_checkpointing full does not fit into memory, of which [0-9]+ MB were in'
text+=' use at most; use a machine with more, method lora, moment_bits 8 or a lower precision: .+$'
status=0
while [ $few -gt 16 ]; do
  few=$((few - peak / 8))
  run_job few $rows 1 $few
  status=$?
  grep -qE "$text" err && break
done
echo "with $few MB one row does not fit: exit code $status"
[ $status = 8 ] || fail "too little for one row: exit code $status"
[ "$(halvings)" = 5 ] || fail "too little for one row: $(halvings) halvings of $rows rows"
grep -qE "$text" err || fail "too little for one row: $(tail -n 1 err)"
grep -qE '"event":"finished".*"reason":"OUT_OF_MEMORY"' out || fail "too little for one row: $(tail -n 1 out)"
exit $failed
