#!/usr/bin/env bash
# md2-worker as its users see it: what it prints where, and its exit codes.
# md2_worker_test.sh PATH_OF_MD2_WORKER
set -u
worker=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/cli/worker.sh

base64 -d >small.png <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAIAAACDRijCAAAANklEQVR42t3MMREAAAwCsQpDGGNFIbB73wF3mTMz+wgMgWmOtI/A
EKiOvI/AEKiOso/AECiODrZLzhBhu7VzAAAAAElFTkSuQmCC
PNG
base64 -d >wide.png <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAAPAAAABkCAIAAAA3wCqQAAAB4ElEQVR42u3SMbGEMABFUWzEBvU6SIMIRPwmNqhxkGZFYAMnK+An
RWZeee5cCWfbQpXQe+g6/Vj6DN1CX8vfw3voJ/QbegMaaKCBBhpooIEGGmiggQYaaKCBBhpooIEGGmiggQYaaKCBBhpooIEGGmig
gQYaaKCBBhpooIEGGmiggQYaaKCBBhpooIEGGmiggQYaaKCBBhpooAegP5lL6D10nX4sfYZuoa/l7+E99BP6DQ000EADDTTQQAMN
NNBAAw000EADDTTQQAMNNNBAAw000EADDTTQQAMNNNBAAw000EADDTTQQAMNNNBAAw000EADDTTQQAMNNNBAAw000EADDTTQQI9A
/2UuoffQdfqx9Bm6hb6Wv4f30E/oNzTQQAMNNNBAAw000EADDTTQQAMNNNBAAw000EADDTTQQAMNNNBAAw000EADDTTQQAMNNNBA
Aw000EADDTTQQAMNNNBAAw000EADDTTQQAMNNNBAAz0C/c1cQu+h6/Rj6TN0C30tfw/voZ/Qb2iggQYaaKCBBhpooIEGGmiggQYa
aKCBBhpooIEGGmiggQYaaKCBBhpooIEGGmiggQYaaKCBBhpooIEGGmiggQYaaKCBBhpooIEGGmiggQYaaKCBBvr/P/yxemqXGZg3
AAAAAElFTkSuQmCC
PNG

# --- The program.
"$worker" --version | tr '\n' '|' >out
grep -qE '^md2-worker [0-9.]+\|commit [0-9a-z-]+\|compiler [A-Za-z]+ [0-9.]+\|LibTorch [0-9.]+[^|]*\|$' out || fail "version: $(cat out)"
matches "help" 0 out '^Usage: md2-worker COMMAND' --help
for command in inspect tokenize probe answer "datagen model" "datagen captcha"; do
  # shellcheck disable=SC2086  # two words are two arguments
  matches "help of $command" 0 out "^  (echo .* \| )?md2-worker $command " $command --help
done
matches "no command" 3 err '^md2-worker: expected a command, found none$'
gives "unknown command" 3 "" \
  'md2-worker: expected a command, found "inspekt"; did you mean inspect? (md2-worker --help lists them)' inspekt
gives "unknown flag, and what is missing" 3 "" 'md2-worker: command line of "inspect" that cannot be used (its --help says what can):
  modle: no such setting, in flag --modle; did you mean model?
  model: expected --model DIR or the variable MD2_MODEL, found none' inspect --modle nano

# --- datagen model, inspect.
matches "a nano model" 0 out $'^sizes.text.vocab\t420$' \
  datagen model --sizes nano --tokenizer "$tokenizer" --seed 1 --out nano
cmp -s "$tokenizer" nano/tokenizer.json || fail "the model's tokenizer is another"
gives "a model that is there already" 6 "" 'md2-worker: expected a folder without a model, name another; found in nano:
  model.safetensors
  tokenizer.json
  config.json' datagen model --sizes nano --tokenizer "$tokenizer" --out nano
matches "the same bytes with another number of threads" 0 out . \
  datagen model --sizes nano --tokenizer "$tokenizer" --seed 1 --threads 1 --out again
cmp -s nano/model.safetensors again/model.safetensors || fail "threads change the weights"
gives "inspect as JSON" 0 '{"bytes":5905928,"dtype":"f16","image_tokens":81,"parameters":2952964,"revision":"2024-07-23","sizes":{"bos_id":0,"eos_id":0,"projector_dim":384,"text":{"dim":160,"eps":1e-05,"heads":5,"layers":4,"max_positions":2048,"mlp_dim":640,"rotary_dim":16,"rotary_theta":10000.0,"vocab":420},"vision":{"crop":126,"depth":5,"dim":160,"eps":1e-05,"heads":5,"mlp_dim":480,"patch":14}},"tensors":114}' \
  "" inspect --model nano -o json
MD2_MODEL=nano matches "a variable instead of a flag" 0 out $'^tensors\t114$' inspect
gives "inspect of nothing" 5 "" "md2-worker: cannot look up, no such file or folder: none" inspect --model none
gives "inspect of a file" 6 "" "md2-worker: expected a model folder, found a file: in" inspect --model in
mkdir -p cut && cp nano/config.json cut/ && head -c 1000 nano/model.safetensors >cut/model.safetensors
matches "inspect of truncated weights" 3 err 'cut/model.safetensors' inspect --model cut

# --- tokenize.
printf 'Hi\n\n a  b' >in
gives "lines of text" 0 "$(printf '[40,73]\n[]\n[284,221,308]')" "" tokenize --model nano
"$worker" tokenize --model nano <in 2>/dev/null | "$worker" tokenize --model nano --decode >back
[ "$(cat back)" = "$(cat in)" ] || fail "tokenize --decode is not the inverse: $(cat back)"
printf '"a\\nb"\n' >in
gives "a newline within a text" 0 "[65,199,66]" "" tokenize --model nano --json-texts
printf '[1,"a"]\n' >in
gives "what is no list of ids" 3 "" \
  'md2-worker: line 1: expected a JSON list of token ids, such as [15496,995], found "\"a\""' tokenize --model nano --decode
coproc ASKED { "$worker" tokenize --model nano; }
echo Hi >&"${ASKED[1]}"
read -r -t 60 line <&"${ASKED[0]}"
[ "$line" = "[40,73]" ] || fail "who asks line by line is not answered line by line: $line"
to_worker=${ASKED[1]}
exec {to_worker}>&-
wait "$ASKED_PID"
: >in

# --- datagen captcha.
"$worker" datagen captcha --out captchas --train 6 --val 2 --test 1 --seed 4 --contact-sheet sheet.png -o json >out 2>err ||
  fail "captchas: $(cat err)"
grep -q '"images":9,' out || fail "report of captchas: $(cat out)"
matches "the same captchas again" 0 out $'^train\t3$' \
  datagen captcha --out again-captchas --train 6 --val 2 --test 1 --seed 4 --subset 3
sed -n '1p;3p;5p' captchas/train.jsonl | cmp -s - again-captchas/train.jsonl || fail "a subset is not every second row"
for file in val.jsonl images/train/000004.png images/test/000000.png; do
  cmp -s "captchas/$file" "again-captchas/$file" || fail "another $file for the same seed"
done
grep -qxE '(\{"image":"images/train/[0-9]{6}\.png","question":"What does the captcha say\?","answer":"[0-9]{6}"\}.?){1}' \
  captchas/train.jsonl || fail "rows of captchas: $(cat captchas/train.jsonl)"
gives "captchas where something is already" 6 "" "md2-worker: expected an empty or new folder, name another or remove it; found in captchas: images, test.jsonl, train.jsonl, val.jsonl" \
  datagen captcha --out captchas
matches "captchas are pictures" 0 out '"prompt_tokens"' \
  answer --model nano --image sheet.png --question 'Who?' --max-new-tokens 1 -o json
"$worker" datagen captcha --out cancelled --train 1000000 2>err >out &
pid=$!
until [ -s cancelled/images/train/000099.png ]; do kill -0 "$pid" || break; sleep 0.1; done
kill -INT "$pid"
wait "$pid"
status=$?
[ "$status" = 2 ] || fail "Ctrl-C while drawing captchas: exit code $status"
[ "$(tail -n 1 err)" = "md2-worker: cancelled" ] || fail "Ctrl-C while drawing captchas: $(cat err)"
[ "$(ls cancelled)" = images ] || fail "Ctrl-C while drawing captchas left $(ls cancelled)"

# --- A full disk behind stdout.
"$worker" --version >/dev/full 2>err
[ $? = 7 ] || fail "results that cannot be written: exit code"
[ "$(cat err)" = "md2-worker: cannot write to stdout, the results are incomplete; look for a full disk" ] ||
  fail "results that cannot be written: $(cat err)"

# --- probe.
gives "probe" 0 "$(printf 'out\tp\ncrops\t3x3x126x126\ntiles\t2\nvit\t3x81x160\nfeatures\t81x160\nhidden\t85x160\nlast_logits\t420')" \
  "" probe --model nano --image wide.png --tokens 1,2,3 --out p
[ -s p ] || fail "probe wrote no file"
gives "probe of an id that there is not" 3 "" \
  "md2-worker: expected token ids from 0 to 419, the rows of the model's vocabulary, found 420" \
  probe --model nano --image small.png --tokens 420 --out q
[ ! -e q ] || fail "a probe that failed left a file"

# --- answer.
matches "answer as JSON" 0 out '^\{"answer":".*","finish_reason":"(stop|length)","prompt_tokens":[0-9]+,"seconds":\{.*\},"tokens":\[[0-9,]*\]\}$' \
  answer --model nano --image small.png --question 'Who?' --max-new-tokens 4 -o json
gives "no such image" 5 "" "md2-worker: cannot open for reading, no such file or folder: none.png" \
  answer --model nano --image none.png --question 'Who?'
gives "a folder for an image" 6 "" "md2-worker: expected a file, found a folder: nano" \
  answer --model nano --image nano --question 'Who?'
matches "a text for an image" 3 err '^md2-worker: image "nano/config.json": expected a JPEG or PNG file' \
  answer --model nano --image nano/config.json --question 'Who?'
gives "a reserved marker" 3 "" \
  'md2-worker: expected a question without reserved markers; take out "<image>" at byte 3' \
  answer --model nano --image small.png --question 'Is <image> one?'
gives "an empty question" 3 "" 'md2-worker: command line of "answer" that cannot be used (its --help says what can):
  question: expected a text, found "" in flag --question' answer --model nano --image small.png --question ''
printf '{"image":"small.png","question":"Who?"}\n{"image":"none.png","question":"Who?"}\n{"image":"wide.png","question":"Who?"}\n' >rows.jsonl
matches "a bad row among others" 3 err '^md2-worker: 1 of 3 rows have an error instead of an answer; see the output$' \
  answer --model nano --questions rows.jsonl --max-new-tokens 4
grep -qxF '{"error":{"message":"cannot open for reading, no such file or folder: none.png","reason":"FILE_NOT_FOUND"},"row":2}' out ||
  fail "the bad row: $(cat out)"
[ "$(wc -l <out)" = 3 ] || fail "an object a row"

# --- Ctrl-C, once the first row shows that it is at work.
yes '{"image":"small.png","question":"Who?"}' | head -n 100000 >many.jsonl
coproc WORKING { exec "$worker" answer --model nano --questions many.jsonl 2>err; }
pid=$WORKING_PID
read -r -t 60 _ <&"${WORKING[0]}" || fail "no first row"
kill -INT "$pid"
cat <&"${WORKING[0]}" >/dev/null
wait "$pid"
status=$?
[ "$status" = 2 ] || fail "Ctrl-C: exit code $status"
[ "$(cat err)" = "md2-worker: cancelled" ] || fail "Ctrl-C: $(cat err)"

# --- Ctrl-C, once the temporary file of the weights shows that it is at work.
"$worker" datagen model --sizes real --tokenizer "$tokenizer" --out stopped >/dev/null 2>err &
pid=$!
until compgen -G 'stopped/*.tmp.*' >/dev/null || ! kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
kill -INT "$pid"
wait "$pid"
status=$?
[ "$status" = 2 ] || fail "Ctrl-C in datagen: exit code $status"
[ "$(cat err)" = "md2-worker: cancelled" ] || fail "Ctrl-C in datagen: $(cat err)"
[ -z "$(ls -A stopped)" ] || fail "Ctrl-C in datagen left files: $(ls -A stopped)"
exit $failed
