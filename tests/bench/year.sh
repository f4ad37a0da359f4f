# year.sh: the part of run that has all playbooks which ship go through a year of the sample company, in two sizes: how many effects a
# second that is beside the steps of steps.sh, and whether an effect costs the same when there are more accounts. The company is known
# before the playbooks come, so that the year begins with what is new. Nobody answers; waits run out.
[ -e "$work/steps.time" ] || . "$here/steps.sh"
most=$(size 500)
less=$((most / 4 > 20 ? most / 4 : 20))
year_of() { # NAME ACCOUNTS: $work/NAME.time, and in $work/NAME.count effects, steps in all, runs, events
    say "a year of all playbooks over $2 accounts"
    "$tend" -C "$work/$1" init --sample --simulated --anchor 2026-01-05 --name bench >/dev/null
    "$build/tests/bench/bench_sample" "$work/$1/sample" 2026-01-05 "$2"
    sed -i 's/,8,yes,/,,yes,/' "$work/$1/sample/users.csv" # nobody wants a digest: those are for people, not of packs
    sed -i '/^\[playbook\./,/^$/d' "$work/$1/tend.ini"
    "$tend" -C "$work/$1" import --mapping sample --notes 0 "$work/$1"/sample/*.csv >/dev/null
    "$tend" -C "$work/$1" once >/dev/null 2>&1
    printf '[segment.low_usage]\nwhere = health < 50\n[playbooks]\nmost_effects = 0\n' >"$work/$1/tend.d/packs.ini"
    for script in "$here"/../../scripts/playbooks/*/*.lua; do
        case $script in *_test.lua) ;; *) printf '[playbook.%s]\n' "$(basename "$script" .lua)" >>"$work/$1/tend.d/packs.ini" ;; esac
    done
    "$tend" -C "$work/$1" once >/dev/null 2>&1
    timed "$1" "$tend" -C "$work/$1" --json simulate --until 2027-01-04
    sqlite3 -readonly -separator ' ' "$work/$1/tend.db" "SELECT (SELECT count(*) FROM steps WHERE verb NOT IN ('read', 'measure')),
        (SELECT count(*) FROM steps), (SELECT count(*) FROM runs), (SELECT count(*) FROM events)" >"$work/$1.count"
    rm -rf "${work:?}/$1"
}
count_of() { cut -d ' ' -f "$2" "$work/$1.count"; }
year_of year "$most"
year_of less "$less"
for field in 1 2; do
    ours=$(awk -v n="$(count_of year 1)" -v ms="$(figure year $field)" 'BEGIN { printf "%.0f", n / ms * 1e3 }')
    base=$(awk -v n="$taken" -v ms="$(figure steps $field)" 'BEGIN { printf "%.0f", n / ms * 1e3 }')
    [ $field = 1 ] && title="a year, $most accounts" || title="  by processor"
    beside "$title" "$(count_of year 1)" "$ours/s" "$base/s" "$(ratio "$ours" "$base")" "at least 0.5"
done
ours=$(awk -v n="$(count_of year 1)" -v ms="$(figure year 2)" 'BEGIN { printf "%.1f", ms * 1e3 / n }')
base=$(awk -v n="$(count_of less 1)" -v ms="$(figure less 2)" 'BEGIN { printf "%.1f", ms * 1e3 / n }')
beside "  an effect, beside $less" "$(count_of less 1)" "$ours us" "$base us" "$(ratio "$ours" "$base")" "at most 1.1"
year_words() {
    echo "A year: tend simulate over 2026 with every playbook that ships, $most accounts of the sample company: $(awk -v ms="$(figure year 1)" 'BEGIN { printf "%.1f", ms / 1e3 }') s by the clock,"
    echo "$(count_of year 3) runs, $(count_of year 4) events, $(count_of year 2) steps. Effects are the steps that are no reading; baseline: the durable steps of the same table. Then"
    echo "what an effect costs by the processor, beside the same year of $less accounts."
}
