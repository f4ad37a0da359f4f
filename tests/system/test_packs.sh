#!/bin/sh
# A pack on its first day, as docs/packs.md has it: what was there before is left out where the engine has seen it, and is news where
# it has not.
. "$(dirname "$0")/lib.sh"
. "$tests/system/state.sh"
cd "$work" || exit 1
at "2026-11-24 09:00"
sections() { # WORKSPACE
    printf '[playbook.expansion]\n[playbook.red_flag]\n[playbook.renewal_prepare]\n' >"$1/tend.d/packs.ini"
}
of_packs="playbook IN ('expansion', 'red_flag', 'renewal_prepare')"

sample late
equal "tickets say how bad they are" "0 5" "$(sql late "SELECT count(*) FROM tickets WHERE severity IS NULL") $(sql late "SELECT count(DISTINCT severity) FROM tickets WHERE severity BETWEEN 1 AND 5")"
sections late
ok "the sections are understood" "$tend" -C late config check
"$tend" -C late once >log 2>&1
equal "what the engine has seen starts nothing" 0 "$(sql late "SELECT count(*) FROM runs WHERE $of_packs")"
"$tend" -C late --csv playbook list >list 2>>log
ok "it is left out, and counted" test "$(sed -n 's/^expansion,.*,\([0-9]*\),[^,]*,[^,]*$/\1/p' list)" -gt 50
"$tend" -C late playbook release red_flag --limit 5 --dry-run >out 2>>log
has "a dry run says what a batch comes to" "$(cat out)" "5 rows that were left out would start"
has "with its tasks" "$(tr -s ' ' <out)" " red_flag 5 0 0 0 5"
equal "and starts none" 0 "$(sql late "SELECT count(*) FROM runs WHERE $of_packs")"
"$tend" -C late playbook release red_flag --limit 5 >out 2>>log
"$tend" -C late once >>log 2>&1
equal "a batch is let go" 5 "$(sql late "SELECT count(*) FROM runs WHERE $of_packs")"
has "contracts that are nearly over are counted" "$("$tend" -C late playbook release renewal_prepare --limit 1)" "--late starts them too"
first=$(sql late "SELECT min(d.anchor) FROM dues d WHERE d.playbook = 'renewal_prepare' AND d.state = 'waiting' AND d.at <= ${TEND_TEST_TIME}000")
ok "what is let go has half of the time" test "$first" -ge $(($(date -d 2026-11-24 +%s) / 86400 + 90))
"$tend" -C late playbook drop renewal_prepare >out 2>>log
has "the rest is dropped" "$(cat out)" "rows are left out for good, until their dates move; 0 more can be released"
has "once" "$("$tend" -C late playbook drop renewal_prepare)" "nothing of renewal_prepare is held or left out"

"$tend" -C new init --sample >log 2>&1
sections new
"$tend" -C new import --mapping sample new/sample >>log 2>&1
"$tend" -C new --json once --dry-run --limit 0 >tried 2>>log
"$tend" -C new once >>log 2>&1
runs=$(sql new "SELECT count(*) FROM runs")
ok "what the engine has not seen is news" test "$(sql new "SELECT count(*) FROM runs WHERE $of_packs")" -gt 50
equal "a dry run said how much" "$runs" "$(sed -n 's/.*"begun": \([0-9]*\).*/\1/p' tried | awk '{ all += $1 } END { print all }')"

# A year of everything that ships: each begins by itself but those that another one begins after a yes, or that somebody tells of.
"$tend" -C year init --sample --simulated --anchor 2026-01-05 >log 2>&1
printf '[segment.low_usage]\nwhere = health < 50\n[playbooks]\nmost_effects = 0\n' >year/tend.d/packs.ini
for script in "$source"/scripts/playbooks/*/*.lua; do
    name=$(basename "$script" .lua)
    case $name in *_test) continue ;; esac
    grep -q "^\[playbook\.$name\]" year/tend.ini || printf '[playbook.%s]\n' "$name" >>year/tend.d/packs.ini
    grep -q '^ *start_when' "$script" && [ "$name" != life_event ] && echo "$name" >>wanted
done
"$tend" -C year import --mapping sample year/sample >log 2>&1 || fail "the sample is imported" "$(tail -n 20 log)"
ok "a year of all of them" "$tend" -C year --json simulate --until 2027-01-05 --limit 1
sql year "SELECT DISTINCT playbook FROM steps s JOIN runs r ON r.id = s.run WHERE verb NOT IN ('read', 'measure', 'count')" | sort >acted
sort wanted | comm -23 - acted >silent
equal "each of them acts" "" "$(cat silent)"
equal "and none is held" 0 "$(sql year "SELECT count(*) FROM runs WHERE state = 'held'")"
finish
