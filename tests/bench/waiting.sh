# waiting.sh: the part of run that has a run wait on every account, and looks at what that costs: disk, memory, the time until an
# engine answers, and the time it takes to find those that are due. 100000 of them where the part is not asked for by name.
waiting=$([ -n "$parts" ] && echo "$accounts" || echo 100000)
say "$waiting waiting runs"
mkdir -p "$work/waiting/playbooks" "$work/waiting/mappings"
cat >"$work/waiting/playbooks/later.lua" <<'LUA'
return playbook {
  name = "later", summary = "Wait for a day that is long off", api = 1, subject = "account", outcomes = { "done" },
  start_when = { event = "account.created" },
  steps = function(run) run:sleep("later", { days = 3000 }) return "done" end,
}
LUA
playing waiting later "$waiting"
store_bytes() { sqlite3 "$work/waiting/tend.db" "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null; bytes_of "$work"/waiting/tend.db*; }
store_before=$(store_bytes)
timed to_wait "$tend" -C "$work/waiting" once
of_them=$(sqlite3 -readonly "$work/waiting/tend.db" "SELECT count(*) FROM runs WHERE state = 'waiting'")
[ "$of_them" = "$waiting" ] || { echo "tests/bench/run: $of_them runs wait, $waiting should" >&2; exit 1; }
each=$((($(store_bytes) - store_before) / waiting))
beside "waiting runs, disk for each" "$waiting" "$each B" "2048 B" "$(ratio $each 2048)" "at most 1"

# From the start of the engine to its first answer; then its memory, with that of what it started.
"$build/tests/bench/bench_time" "$work/answer.time" "$here/answer" "$tend" "$work/waiting" "$work/serving" >"$work/answer.out"
read -r answered resident <"$work/serving"
beside "  resident, engine and all" "$waiting" "$(awk -v k="$resident" 'BEGIN { printf "%.1f MiB", k / 1024 }')" "64 MiB" \
    "$(ratio "$resident" 65536)" "at most 1"
beside "  until it answers" "$waiting" "$answered ms" "1000 ms" "$(ratio "$answered" 1000)" "at most 1"

# None is due, then a hundred, then ten times as many: what is left of the time is theirs.
due() { # NAME COUNT
    sqlite3 "$work/waiting/tend.db" "UPDATE waits SET due_at = 1 WHERE run IN (SELECT run FROM waits WHERE due_at > 1 LIMIT $2)"
    timed "$1" "$tend" -C "$work/waiting" once
}
due none 0
due hundred 100
due thousand 1000
ended=$(sqlite3 -readonly "$work/waiting/tend.db" "SELECT count(*) FROM runs WHERE state = 'ended'")
[ "$ended" = 1100 ] || { echo "tests/bench/run: $ended runs ended, 1100 should have" >&2; exit 1; }
hundred=$(awk -v a="$(figure hundred 2)" -v b="$(figure none 2)" 'BEGIN { printf "%.2f", (a > b ? a - b : 0.01) }')
thousand=$(awk -v a="$(figure thousand 2)" -v b="$(figure none 2)" 'BEGIN { printf "%.2f", (a > b ? a - b : 0.01) }')
beside "  1000 due, beside 100" 1100 "$thousand ms" "$hundred ms" "$(ratio "$thousand" "$hundred")" "about 10"
beside "  a look when none is due" 0 "$(figure none 1) ms" "-" "-" "-"
rm -rf "$work/waiting"
