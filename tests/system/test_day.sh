#!/bin/sh
# A day as an account manager lives it, by commands alone: today, a call, a contact corrected, a task done, a mistake undone, a
# colleague's accounts handed over, an account looked at.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
sample w
export TEND_WORKSPACE="$work/w"

# Whoever owns most accounts, so that there is something to do.
me=$(sql w "SELECT u.name FROM owners o JOIN users u ON u.id = o.\"user\" WHERE o.role = 'owner' AND o.removed_at IS NULL
    GROUP BY u.id ORDER BY count(*) DESC, u.id LIMIT 1")
colleague=$(sql w "SELECT name FROM users WHERE active = 1 AND name <> '$me' ORDER BY id DESC LIMIT 1")
as() { "$tend" --user "$me" "$@"; }

# today: ranked from 1, each with its reason.
"$tend" --csv today --user "$me" --limit 1000 >today.csv 2>said
ranks=$(tail -n +2 today.csv | cut -d, -f1 | tr '\n' ' ')
equal "today is one list, ranked from 1 without gaps" "$(seq -s ' ' "$(tail -n +2 today.csv | wc -l)") " "$ranks"
has "it is not empty on the sample" "$ranks" "1 2 3 "
"$tend" --json today --user "$me" --limit 1000 >today.json 2>said
equal "each line has its reason" 0 "$(grep -c '"reason": \(null\|""\)' today.json)"
equal "as many lines as JSON as in CSV" "$(tail -n +2 today.csv | wc -l)" "$(grep -c '"rank":' today.json)"

# A call is logged with an account that was not touched for too long.
account=$(awk -F, '$9 == "account" && $4 ~ /last touch/ { print $10; exit }' today.csv)
if [ -z "$account" ]; then
    skip "a call ends a touch overdue" "nobody is overdue in today's sample"
else
    ok "a call is logged" as log call "#$account" "They will extend if training is included"
    has "the command says how to take it back" "$(cat "$work/out")" "tend undo"
    has "the call stands on the account's timeline" "$("$tend" --csv account timeline "#$account" --limit 1)" \
        "They will extend if training is included"
    equal "it is the account's, and by me" "$account|$me" "$(sql w "SELECT i.account, u.name FROM interactions i
        JOIN users u ON u.id = i.\"user\" WHERE i.kind = 'call' AND coalesce(i.subject, '') || coalesce(i.text, '') LIKE
        '%training is included%'")"
    equal "the account is no longer overdue today" "" "$("$tend" --csv today --user "$me" --limit 1000 |
        awk -F, -v account="$account" '$9 == "account" && $10 == account && $4 ~ /last touch/')"
fi

# A contact is corrected; what was known stays as history.
contact=$(sql w "SELECT min(c.id) FROM contacts c WHERE c.email IS NOT NULL")
before=$(sql w "SELECT email FROM contacts WHERE id = $contact")
ok "a contact's address is corrected" as set contact "#$contact" email=new.address@customer.example
shown=$("$tend" show contact "#$contact")
has "the new address is shown" "$shown" "new.address@customer.example"
has "the old one stays in the history" "$shown" "$before"
equal "the change carries my name" "$me" "$(sql w "SELECT principal FROM changes WHERE row = $contact AND field = 'email'
    AND after = 'new.address@customer.example'" | sed 's/ (.*//')"
as set contact "#$contact" email=new.address@customer.example >out 2>&1
equal "saying the same again writes nothing" 1 "$(sql w "SELECT count(*) FROM changes WHERE row = $contact AND field = 'email'
    AND after = 'new.address@customer.example'")"
fails "a contact that does not exist is refused" 2 as set contact '#999999' email=x@customer.example
fails "a field that does not exist is refused" 2 as set contact "#$contact" emial=x@customer.example
has "with the name that was meant" "$(cat "$work/said")" "email"

# A task is done.
task=$(sql w "SELECT min(id) FROM tasks WHERE status = 'open'")
ok "a task is done" as task done "$task" --outcome "sent the plan"
equal "its batch is called as it was typed" "tend task done" "$(sql w "SELECT label FROM batches ORDER BY id DESC LIMIT 1")"
equal "it is done in the store" done "$(sql w "SELECT status FROM tasks WHERE id = $task")"
equal "and off every list of today" "" "$("$tend" --csv today --limit 100000 | awk -F, -v task="$task" '$9 == "task" && $10 == task')"

# A mistake is made and undone; work done since stays.
tier=$(sql w "SELECT coalesce(tier, '') FROM accounts WHERE id = ${account:-1}")
wrong=platinum
[ "$tier" != platinum ] || wrong=silver
as set account "#${account:-1}" "tier=$wrong" region=Moon >out 2>&1
equal "the mistake is in" "$wrong" "$(sql w "SELECT tier FROM accounts WHERE id = ${account:-1}")"
batch=$(sed -n 's/.*tend undo \([0-9]*\).*/\1/p' out)
region=$(sql w "SELECT coalesce(before, '') FROM changes WHERE batch = $batch AND field = 'region'")
as set account "#${account:-1}" region=Mars >/dev/null 2>&1
fails "the mistake is undone, with something to report" 1 as undo "$batch"
has "what changed since is named" "$(cat "$work/out" "$work/said")" "region"
equal "the tier is what it was" "$tier" "$(sql w "SELECT coalesce(tier, '') FROM accounts WHERE id = ${account:-1}")"
equal "the region, changed since, is left alone" Mars "$(sql w "SELECT region FROM accounts WHERE id = ${account:-1}")"
as set account "#${account:-1}" "region=$region" >/dev/null 2>&1

# A dry run shows and writes nothing.
dump w >before
ok "a dry run of a change is shown" as --dry-run set account "#${account:-1}" region=Venus
dump w >after
files_equal "and writes nothing" before after

# My accounts go to a colleague.
mine=$(sql w "SELECT count(DISTINCT account) FROM accounts a JOIN owners o ON o.account = a.id JOIN users u ON u.id = o.\"user\"
    WHERE u.name = '$me' AND o.role = 'owner'")
dump w >before
ok "a handover is shown first" "$tend" handover --from "$me" --to "$colleague" --on today
dump w >after
files_equal "without --yes nothing changes hands" before after
tasks=$(sql w "SELECT count(*) FROM tasks t JOIN users u ON u.id = t.assignee WHERE t.status = 'open' AND u.name = '$me'")
ok "the handover is done" "$tend" handover --from "$me" --to "$colleague" --on today --reason "moves to another team" --yes
equal "no open task is left with the one who gives ($tasks before)" 0 \
    "$(sql w "SELECT count(*) FROM tasks t JOIN users u ON u.id = t.assignee WHERE t.status = 'open' AND u.name = '$me'")"
equal "none of my $mine accounts is mine any more" 0 "$("$tend" --csv list account --where "owner = \"$me\"" --limit 1000 | tail -n +2 | wc -l)"
theirs=$("$tend" --csv list account --where "owner = \"$colleague\"" --limit 1000 | tail -n +2 | wc -l)
ok "they are the colleague's" test "$mine" -gt 0 -a "$theirs" -ge "$mine"
equal "and the one who gives finds none of it" 0 "$("$tend" --csv today --user "$me" --limit 1000 | awk -F, '$9 == "task"' | wc -l)"

# A colleague is away for two weeks: what goes comes back, and what the one who takes has of their own stays.
"$tend" -C away init --simulated --anchor 2026-03-02 >/dev/null 2>&1
for user in Anna Luc; do "$tend" -C away add user name=$user >/dev/null 2>&1; done
for n in 1 2 3; do
    "$tend" -C away add account name="A$n" stage=active owner=Anna >/dev/null 2>&1
    "$tend" -C away add account name="L$n" stage=active owner=Luc >/dev/null 2>&1
    "$tend" -C away add owner account="A$n" user=Anna role=owner starts_on=2025-01-01 >/dev/null 2>&1
done
owners() {
    sql away "SELECT group_concat(line, ', ') FROM (SELECT a.name || ' ' || u.name || ' ' || coalesce(o.who, '-') AS line FROM accounts a JOIN users u ON u.id = a.owner
        LEFT JOIN (SELECT o.account, group_concat(v.name) AS who FROM owners o JOIN users v ON v.id = o.user WHERE o.ends_on IS NULL
            AND o.removed_at IS NULL GROUP BY o.account) o ON o.account = a.id ORDER BY a.name)"
}
before=$(owners)
ok "a handover for a time" "$tend" -C away handover --from Anna --to Luc --on 2026-03-10 --until 2026-03-24 --yes
fails "is not announced twice" 2 "$tend" -C away handover --from Anna --to Luc --on 2026-03-11 --yes
has "with the way out" "$(cat said)" "A1 goes from Anna to Luc on 2026-03-10 already; take that back first, with tend undo, or tend set handover"
equal "nothing has changed hands yet" "$before" "$(owners)"
ok "the time passes" "$tend" -C away simulate --until 2026-03-15
equal "while she is away all is his" "A1 Luc Luc, A2 Luc Luc, A3 Luc Luc, L1 Luc -, L2 Luc -, L3 Luc -" "$(owners)"
ok "one goes to somebody else meanwhile" "$tend" -C away add user name=Mina
ok "and stays there" "$tend" -C away set account A3 owner=Mina
ok "she comes back" "$tend" -C away simulate --until 2026-03-26
equal "what went is hers again, the rest is where it was put" "A1 Anna Anna, A2 Anna Anna, A3 Mina Anna, L1 Luc -, L2 Luc -, L3 Luc -" "$(owners)"
equal "and the handover says so" "returned" "$(sql away "SELECT group_concat(DISTINCT status) FROM handovers")"

# A handover that was a mistake leaves no account without its owner.
before=$(owners)
ok "a handover at once" "$tend" -C away handover --from Anna --to Luc --yes
batch=$("$tend" -C away --csv batches --limit 1 | sed -n '2s/,.*//p')
ok "is taken back" "$tend" -C away undo "$batch"
equal "with every role" "$before" "$(owners)"
"$tend" -C away undo "$batch" >"$work/out"
equal "once" "Nothing to put back: batch $((batch + 1)) has taken it back already; tend undo $((batch + 1)) brings it again
batch undone
fields and rows put back
left alone
events it had already caused" "$(sed 's/^  *//; s/  .*//' "$work/out")"

# An account is looked at.
page=$("$tend" account show "#${account:-1}")
for part in Health Money People "Open tasks" "What happened"; do has "an account's page shows: $part" "$page" "$part"; done
if "$tend" report account --help 2>&1 | grep -q -- --html; then
    ok "an account as a page for the browser" "$tend" report account "#${account:-1}" --html page.html
    has "it is one page" "$(head -c 200 page.html | tr 'A-Z' 'a-z')" "<!doctype html>"
    equal "that needs nothing from elsewhere" 0 "$(grep -cE '(src|href)="(https?:)?//' page.html)"
else
    skip "an account as a page for the browser" "there is no report account --html yet"
fi
finish
