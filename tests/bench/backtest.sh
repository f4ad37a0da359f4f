# backtest.sh: the part of run that has a playbook go over the two years that the files of the companies are about, as they were known
# then, beside a simulation of the same two years, on whose first day all of it is known. Counted are the rows that were told to the
# playbook and decided, a second. Neither publishes numbers, and nobody answers.
# Two years of 100,000 accounts would take hours: this part has 1,000 of its own where it is not asked for by name, and says so.
say "backtest"
few=$(size 1000)
"$build/tests/bench/bench_accounts" "$work/few" "$few"
played() { # NAME INIT-OPTION…: a workspace with the companies and one playbook
    played=$work/$1
    shift
    mkdir "$played"
    "$tend" -C "$played" init "$@" >/dev/null
    printf '[tend]\nname = bench\n[plugin.csv]\ngrant = files\n[kpi]\npublish =\n[playbook.watch]\n' >"$played/tend.ini"
    mkdir -p "$played/playbooks"
    cat >"$played/playbooks/watch.lua" <<'LUA'
return playbook {
  name = "watch", summary = "See how it began", api = 1, subject = "contract", outcomes = { "seen", "not_seen" },
  start_when = { days = 30, after = "contract.starts_on" },
  steps = function(run)
    run:task("call", { title = "Call {account.name}", to = "owner", due = { days = 5 } })
    local call = run:wait("called", { done = "call", within = { days = 10 } })
    return call.timed_out and "not_seen" or "seen"
  end,
}
LUA
    "$tend" -C "$played" import --mapping "$here/accounts.ini" --notes 0 "$work/few"/*.csv >/dev/null
}
told_of() { sqlite3 -readonly "$1/tend.db" "SELECT coalesce(sum(delivered), 0) FROM playbooks"; }

played simulated --simulated --anchor 2023-01-01
"$tend" -C "$work/simulated" once >/dev/null 2>&1
before=$(told_of "$work/simulated")
timed simulate "$tend" -C "$work/simulated" --json simulate --until 2024-12-31
simulated=$(($(told_of "$work/simulated") - before))
rm -rf "$work/simulated"

played backtested
timed backtest "$tend" -C "$work/backtested" --json playbook backtest watch --from 2023-01-01 --to 2024-12-31 --answers never --limit 1
backtested=$(sed -n 's/.*"events": \([0-9]*\).*/\1/p' "$work/backtest.out")
rm -rf "$work/backtested"
a_second() { awk -v n="$1" -v ms="$(figure "$2" "$3")" 'BEGIN { printf "%.0f", n / ms * 1e3 }'; }
for field in 1 2; do
    ours=$(a_second "$backtested" backtest $field) base=$(a_second "$simulated" simulate $field)
    [ $field = 1 ] && title="backtest: $few accounts" || title="  by processor"
    beside "$title" "$backtested" "$ours/s" "$base/s" "$(ratio "$ours" "$base")" "at least 1"
done
