# steps.sh: the part of run that has a playbook take ten steps on each of 10,000 accounts (of fewer where there are fewer), all of them
# in flight at once: decided, played in the sandbox, journalled and on the disk when the engine ends.
say "durable steps"
runs=$(size 10000)
mkdir -p "$work/steps/playbooks" "$work/steps/mappings"
cat >"$work/steps/playbooks/ten.lua" <<'LUA'
return playbook {
  name = "ten", summary = "Take ten steps", api = 1, subject = "account", outcomes = { "done" },
  start_when = { event = "account.created" },
  steps = function(run)
    for i = 1, 10 do run:log("step " .. i, "done") end
    return "done"
  end,
}
LUA
playing steps ten "$runs"
timed steps "$tend" -C "$work/steps" once
taken=$(sqlite3 -readonly "$work/steps/tend.db" "SELECT count(*) FROM steps WHERE verb = 'log'")
[ "$taken" = $((runs * 10)) ] || { echo "tests/bench/run: $taken steps were taken, $((runs * 10)) should have been" >&2; exit 1; }
timed bare_steps "$build/tests/bench/bench_steps" "$work/steps.db" "$runs" 10
for field in 1 2; do
    ours=$(awk -v n="$taken" -v ms="$(figure steps $field)" 'BEGIN { printf "%.0f", n / ms * 1e3 }')
    base=$(awk -v n="$taken" -v ms="$(figure bare_steps $field)" 'BEGIN { printf "%.0f", n / ms * 1e3 }')
    [ $field = 1 ] && title="durable steps, 10 a run" || title="  by processor"
    beside "$title" "$taken" "$ours/s" "$base/s" "$(ratio "$ours" "$base")" "at least 50000/s"
done
rm -rf "$work/steps"
