#!/bin/sh
# The demo shows what it promises, and a second call writes nothing.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

ok "the demo runs" "$source/tests/demo" "$tend" demo
mv out first
shown=$(cat first)
for part in "Accounts by health" "Most at risk" "Renewals ahead" "Tasks opened, and for whom" "Decisions" "Try next"; do
    has "it shows: $part" "$shown" "$part"
done
equal "the sample has 200 accounts" 200 "$(sql demo 'SELECT count(*) FROM accounts')"
ok "in three currencies at least" test "$(sql demo 'SELECT count(DISTINCT currency) FROM contracts')" -ge 3
ok "with 24 months of usage" test "$(sql demo "SELECT count(DISTINCT strftime('%Y-%m', used_on * 86400, 'unixepoch'))
    FROM usage_samples")" -ge 24
equal "every account at risk is shown with its reasons" 10 \
    "$("$tend" -C demo --json report portfolio 2>/dev/null | sed -n '/"at_risk": \[/,/\]/p' | grep -c '"reasons": "..*"')"
sed -n '/^== Try next/,$p' first | grep "^  " >next
equal "three commands are named to try next" 3 "$(wc -l <next)"
while read -r line; do ok "one of them: ${line#"$tend"}" sh -c "$line"; done <next

dump demo >before
ok "a second call" "$source/tests/demo" "$tend" demo
mv out second
dump demo >after
files_equal "changes nothing" before after
sed -n '/^Accounts by health/,/^Recurring money/p' first >one
sed -n '/^Accounts by health/,/^Recurring money/p' second >other
files_equal "and shows the same book" one other
finish
