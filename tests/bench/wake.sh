# wake.sh: the part of run that wakes runs of 30 steps: the wait is over, the journal read and replayed, one step more taken, the run
# ended. All of them are due at once; what they waited for is put into the past by SQL, so that nobody has to wait.
say "waking runs of 30 steps"
runs=$(size 10000)
mkdir -p "$work/wake/playbooks" "$work/wake/mappings"
cat >"$work/wake/playbooks/thirty.lua" <<'LUA'
return playbook {
  name = "thirty", summary = "Take thirty steps, wait, take one more", api = 1, subject = "account", outcomes = { "done" },
  start_when = { event = "account.created" },
  steps = function(run)
    for i = 1, 29 do run:log("step " .. i, "done") end
    run:sleep("step 30", { days = 300 })
    run:log("over", "done")
    return "done"
  end,
}
LUA
playing wake thirty "$runs"
"$tend" -C "$work/wake" once >/dev/null
sqlite3 "$work/wake/tend.db" "UPDATE waits SET due_at = 1" # the store's last writer has ended
timed wake "$tend" -C "$work/wake" once
woken=$(sqlite3 -readonly "$work/wake/tend.db" "SELECT count(*) FROM runs WHERE state = 'ended'")
[ "$woken" = "$runs" ] || { echo "tests/bench/run: $woken runs were woken, $runs should have been" >&2; exit 1; }
timed bare_wake "$build/tests/bench/bench_wake" "$work/wake.db" "$runs" 30
for field in 1 2; do
    base=$(cut -d ' ' -f $field "$work/bare_wake.out")
    ours=$(awk -v n="$runs" -v ms="$(figure wake $field)" 'BEGIN { printf "%.1f", ms * 1e3 / n }')
    [ $field = 1 ] && title="waking a run of 30 steps" || title="  by processor"
    beside "$title" "$runs" "$ours us" "$base us" "$(ratio "$ours" "$base")" "at most 2"
done
rm -rf "$work/wake"
