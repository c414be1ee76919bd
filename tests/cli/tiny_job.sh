# shellcheck shell=bash
# What the tests of training share besides worker.sh: a tiny model in `base` (f32), captchas in `data`, and `job`, the
# flags of a job that makes 600 updates in a few seconds.
cat >sizes.json <<'JSON'
{"bos_id":0,"eos_id":0,"projector_dim":48,
 "text":{"dim":32,"eps":1e-05,"heads":2,"layers":2,"max_positions":96,"mlp_dim":64,"rotary_dim":8,
         "rotary_theta":10000.0,"vocab":420},
 "vision":{"crop":112,"depth":1,"dim":24,"eps":1e-05,"heads":2,"mlp_dim":40,"patch":28}}
JSON
if ! "${worker:?}" datagen model --sizes sizes.json --tokenizer "${tokenizer:?}" --seed 1 --dtype f32 --out base >out 2>err ||
  ! "$worker" datagen captcha --out data --train 48 --val 8 --test 4 --seed 4 >out 2>err; then
  fail "the model and the captchas could not be made: $(cat err)"
  exit 1
fi
# One thread: the last bits depend on their number.
# shellcheck disable=SC2034  # read by the scripts that include this
job=(--model base --data data/train.jsonl --val data/val.jsonl --threads 1 --epochs 25 --batch-size 2 --grad-accum 1
  --save-every 50 --eval-every 200 --eval-samples 4 --seed 3)
