#!/bin/sh
# Messages survive power cuts at every point of their delivery: none is lost, none goes out twice.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
sample w
export TEND_WORKSPACE="$work/w"

# The digests of the sample wait: no sink takes mail yet.
waiting=$(sql w "SELECT count(*) FROM outbox WHERE state = 'waiting' AND channel = 'mail'")
if [ "$waiting" = 0 ]; then
    ok "a digest is asked for" "$tend" set user '#1' digest_hour=0 email=kim@example.test
    "$tend" add task title="Write the plan" assignee='#1' status=open due_on=today >/dev/null 2>said
    "$tend" once >/dev/null 2>said
    waiting=$(sql w "SELECT count(*) FROM outbox WHERE state = 'waiting' AND channel = 'mail'")
fi
equal "without a sink messages wait" 0 "$(sql w "SELECT count(*) FROM outbox WHERE state <> 'waiting'")"
equal "a user gets one a day" 0 "$(sql w "SELECT count(*) FROM (SELECT user, day FROM digests GROUP BY user, day HAVING count(*) > 1)")"
"$tend" once >/dev/null 2>said
equal "nothing is written twice on a day" "$waiting" "$(sql w "SELECT count(*) FROM outbox")"

cat >w/tend.d/sink.ini <<END
[sink.file]
plugin = jsonl
channel = mail
path = $work/out.jsonl
END
fails "the power goes when a message was taken" 137 env TEND_KILL_AT=outbox.claim.after "$tend" once
fails "the power goes when it was delivered and not yet written down" 137 env TEND_KILL_AT=outbox.sent.before "$tend" once
for place in store.commit.after outbox.sent.before:2 outbox.claim.after:2; do
    TEND_KILL_AT=$place "$tend" once >/dev/null 2>&1
done
ok "the engine goes on after the cuts" "$tend" once
equal "every message has left" "$waiting" "$(sql w "SELECT count(*) FROM outbox WHERE state = 'sent'")"
equal "each of them once" "$waiting" "$(sort -u out.jsonl | wc -l)"
equal "and none twice" "" "$(cut -d, -f1 out.jsonl | sort | uniq -d)"
equal "the list of what has not left is empty" "" "$("$tend" --csv outbox list | tail -n +2)"
equal "the list of all has them" "$waiting" "$("$tend" --csv outbox list --all --limit 1000 | tail -n +2 | wc -l)"

# A page stands for itself: no scripts, nothing from outside, no styles but its own sheet.
ok "the portfolio is written as a page" "$tend" report portfolio --html portfolio.html
page=$(cat portfolio.html)
has "it forbids what it does not bring" "$page" "default-src 'none'"
hasnt "it has no script" "$page" "<script"
equal "it names no other place" "" "$(grep -oE '(src|href)=' portfolio.html)"
finish
