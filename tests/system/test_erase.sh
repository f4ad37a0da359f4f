#!/bin/sh
# A person's data handed over, and gone for good: from every byte of the workspace, while figures and runs stay as they were.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init --currency EUR >log 2>&1 || fail "a workspace is made" "$(cat log)"
mkdir -p w/playbooks/own w/mappings in
cat >w/playbooks/own/welcome.lua <<'END'
return playbook {
  name       = "welcome",
  summary    = "Say hello to a new account",
  api        = 1,
  subject    = "account",
  outcomes   = { "said" },
  start_when = { event = "account.created" },

  steps = function(run)
    local name = run.account.name
    run:task("hello", { title = "Say hello to {account.name}", to = "owner", due = { days = 2 } })
    run:notify("told", { to = "owner", subject = "New: " .. name, text = "Look after " .. name .. "." })
    local said = run:wait("said hello", { done = "hello", within = { days = 30 } })
    run:task("again", { title = "And again", to = "owner", due = { days = 2 } })
    run:wait("said it again", { done = "again", within = { days = 30 } })
    return "said"
  end,
}
END
printf '\n[playbook.welcome]\nenabled = yes\n' >>w/tend.ini
cat >w/mappings/crm.ini <<'END'
[mapping]
source   = crm
currency = EUR
[stream.accounts]
file = accounts.csv
kind = account
effective = "2025-10-01"
key  = id
[fields.accounts]
name    = name
kind    = kind
stage   = "active"
region  = region
phone   = phone
owner   = owner -> user.name, else create
[stream.contacts]
file = contacts.csv
kind = contact
effective = "2025-10-01"
key  = name
[fields.contacts]
name    = name
email   = email
title   = title
power   = power
account = account -> account
[stream.contracts]
file = contracts.csv
kind = contract
effective = "2025-10-01"
key  = id
[fields.contracts]
account       = account -> account
name          = name
status        = "active"
starts_on     = start
ends_on       = end
currency      = "EUR"
annual_amount = amount
[stream.calls]
file = calls.csv
kind = interaction
key  = id
[fields.calls]
account     = account -> account
contact     = contact -> contact
kind        = "call"
happened_at = at
subject     = subject
text        = text
[stream.answers]
file = answers.csv
kind = answer
key  = id
[fields.answers]
account     = account -> account
contact     = contact -> contact
survey      = "nps"
score       = score
answered_at = at
comment     = comment
END
cat >in/accounts.csv <<'END'
id,name,kind,region,phone,owner
A1,Haushalt Zaphrina Quellmann,household,EMEA,+49 30 7654321,Kim Minjun
A2,Other Corp,company,EMEA,+49 30 1111111,Kim Minjun
END
cat >in/contacts.csv <<'END'
name,email,title,power,account
Zaphrina Quellmann,zaphrina@quellmann.example,Lead,high,A1
Barnabas Oddfellow,barnabas@other.example,Buyer,low,A2
Ulrike Restlich,ulrike@other.example,Lead,low,A2
END
cat >in/contracts.csv <<'END'
id,account,name,start,end,amount
C1,A1,Zaphrina Quellmann yearly,2025-01-01,2027-12-31,1200.00
C2,A2,Other yearly,2025-01-01,2027-12-31,5000.00
END
cat >in/calls.csv <<'END'
id,account,contact,at,subject,text
I1,A1,Zaphrina Quellmann,2026-09-01T10:00:00Z,Zaphrina Quellmann called,She is moving house
I2,A2,Barnabas Oddfellow,2026-09-02T10:00:00Z,Barnabas Oddfellow called,He buys for the whole group
I3,A2,Ulrike Restlich,2026-09-03T10:00:00Z,Weekly call,Ulrike says that BARNABAS ODDFELLOW is away
END
cat >in/answers.csv <<'END'
id,account,contact,score,at,comment
S1,A1,Zaphrina Quellmann,9,2026-09-05T10:00:00Z,I like it
S2,A2,Barnabas Oddfellow,3,2026-09-06T10:00:00Z,Too slow for Barnabas
S3,A2,Ulrike Restlich,10,2026-09-07T10:00:00Z,Very good
END
ok "the engine takes the playbook" "$tend" -C w once
ok "records of a source" "$tend" -C w import --mapping crm in/*.csv
ok "the playbook is at work" "$tend" -C w once
equal "a run waits for each account" "waiting|2" "$(sql w "SELECT state, count(*) FROM runs GROUP BY state")"
ok "a correction, so that there is history" "$tend" -C w set contact "Zaphrina Quellmann" email=z.quellmann@mail.example
ok "a note" "$tend" -C w log note "Haushalt Zaphrina Quellmann" "Zaphrina Quellmann wants a call"
ok "a note about the other account" "$tend" -C w log note "Other Corp" "Ask barnabas oddfellow for the budget"
ok "a task by hand" "$tend" -C w task add "Other Corp" "Call Barnabas Oddfellow (barnabas@other.example)"
ok "an event told by hand" "$tend" -C w event send contract.cancelled contract="Other yearly" \
    reason="Barnabas Oddfellow told us on the phone"
ok "what is due" "$tend" -C w once
printf 'name,email\nZaphrina Quellmann,broken\n' >w/rejects.tmp
mkdir -p w/rejects && mv w/rejects.tmp w/rejects/contacts.rejected.csv
printf 'name,email\nSomebody Else,broken\n' >w/rejects/other.rejected.csv

# Handed over.
ok "the export of an account" "$tend" -C w account export "Haushalt Zaphrina Quellmann" --out export.json
equal "is for the reader alone" 600 "$(stat -c %a export.json)"
exported=$(cat export.json)
for part in '"Zaphrina Quellmann"' zaphrina@quellmann.example z.quellmann@mail.example '+49 30 7654321' 'I like it' '"crm"' \
    'Say hello to Haushalt' '"sensitivity": "personal"' 'Look after Haushalt' '"A1"' 1200.00; do
    has "it has $part" "$exported" "$part"
done
for part in Oddfellow 'Other Corp' 'She is moving house' '"power"'; do hasnt "it has no $part" "$exported" "$part"; done
has "it says that internal values are left out" "$exported" "internal values were left out; --internal tells them as well"
has "which come when asked for" "$("$tend" -C w account export "Haushalt Zaphrina Quellmann" --internal)" 'She is moving house'
person=$("$tend" -C w account export contact "Barnabas Oddfellow")
has "the export of a person" "$person" barnabas@other.example
has "has what was answered" "$person" 'Too slow for Barnabas'
hasnt "and nobody else" "$person" ulrike@other.example
if command -v python3 >/dev/null; then
    ok "it is JSON" python3 -c 'import json, sys; json.load(open(sys.argv[1]))' export.json
else
    skip "it is JSON" "needs python3"
fi
fails "a colleague without the right" 2 "$tend" -C w --user "Kim Minjun" account export "Other Corp"
has "may not" "$(cat said)" "Kim Minjun: may not administer accounts; ask an administrator"

# A contact, gone for good. First what would go.
figures() {
    for kpi in arr nrr nps grr; do "$tend" -C w --json kpi show "$kpi"; done
    "$tend" -C w --csv health show | cut -d, -f2-
    sql w "SELECT id, account, contact, score, answered_at FROM answers; SELECT id, account, annual_amount FROM contracts"
    sql w "SELECT run, position, name, verb, state FROM steps; SELECT id, state FROM runs"
}
figures >figures.before
has "there are figures to keep" "$(tr -d ' \n' <figures.before)" '"value":33.333333'
has "of money as well" "$(tr -d ' \n' <figures.before)" '"numerator":6200.00'
dump w >before.sql
ok "without --yes" "$tend" -C w account erase contact "Barnabas Oddfellow"
has "it shows what would go" "$(tr -s ' ' <out)" " contacts email 1"
has "and how to do it" "$(cat out)" "Nothing was erased. Do it with --yes; it cannot be undone."
dump w >after.sql
files_equal "nothing has changed" before.sql after.sql
ok "a dry run of it" "$tend" -C w --dry-run account erase contact "Barnabas Oddfellow" --yes
dump w >after.sql
files_equal "changes nothing either" before.sql after.sql
fails "a colleague without the right" 2 "$tend" -C w --user "Kim Minjun" account erase contact "Barnabas Oddfellow" --yes

everywhere() { # WORD: how often it stands in the store, its log and the files beside it, in any case
    cat w/tend.db w/tend.db-wal w/spool/* w/rejects/* 2>/dev/null | grep -aoi "$1" | wc -l
}
found=$(everywhere 'barnabas oddfellow')
ok "the name stands in many places ($found)" test "$found" -ge 6
ok "the contact is erased" "$tend" -C w account erase contact "Barnabas Oddfellow" --yes
for word in 'barnabas oddfellow' 'barnabas@other' 'too slow for' 'buys for the whole'; do
    equal "no byte of the workspace has '$word'" 0 "$(everywhere "$word")"
done
for word in 'Ulrike Restlich' 'Zaphrina Quellmann' 'Weekly call'; do
    ok "others stay: '$word'" test "$(everywhere "$word")" -ge 1
done
figures >figures.after
files_equal "figures, answers, steps and runs are as before" figures.before figures.after
equal "what names the person elsewhere has lost the name only" "Call (erased) ((erased))" \
    "$(sql w "SELECT title FROM tasks WHERE title LIKE 'Call %'")"
batch=$(sql w "SELECT id FROM batches WHERE what = 'erase'")
fails "it cannot be undone" 2 "$tend" -C w undo "$batch"
equal "and says so" "batch $batch: erased personal data for good; it cannot be undone" "$(cat said)"
equal "the bus was told" 1 "$(sql w "SELECT count(*) FROM events WHERE topic = 'contact.erased'")"

# The source brings the same record again, and the rest of it.
sed -i 's/^Ulrike Restlich,ulrike@other.example,Lead/Ulrike Restlich,ulrike@other.example,Head/' in/contacts.csv
sed -i 's/barnabas@other.example/b.oddfellow@other.example/' in/contacts.csv
ok "the same files again" "$tend" -C w import --notes 0 --mapping crm in/*.csv
has "the report says who was kept out" "$(cat out)" "this contact was erased: 4 values of the record left out; erase it in the source, too"
for word in 'barnabas oddfellow' 'oddfellow' 'too slow for'; do
    "$tend" -C w doctor >/dev/null 2>&1
    equal "nobody came back: '$word'" 0 "$(sqlite3 -readonly w/tend.db .dump | grep -ci "$word")"
done
equal "no second contact was made" 3 "$(sql w 'SELECT count(*) FROM contacts')"
equal "others are up to date" Head "$(sql w "SELECT title FROM contacts WHERE name = 'Ulrike Restlich'")"
equal "the call is still the contact's" 1 "$(sql w "SELECT count(*) FROM interactions i JOIN contacts c ON c.id = i.contact
    WHERE c.name = '(erased)' AND i.closed_at IS NULL")"

# An account, gone for good, while its run waits and the engine is up.
"$tend" -C w serve 2>serve.log &
engine=$!
children="$children $engine"
until_true 10 grep -q 'serve  up' serve.log
figures >figures.before
ok "the account is erased by the engine" "$tend" -C w account erase "Haushalt Zaphrina Quellmann" --yes
has "a file of rejects went with it" "$(cat out)" "w/rejects/contacts.rejected.csv"
ok "it is gone" test ! -e w/rejects/contacts.rejected.csv
ok "another is not" test -e w/rejects/other.rejected.csv
for word in zaphrina quellmann 7654321 'moving house' 'i like it'; do
    equal "no byte of the workspace has '$word'" 0 "$(everywhere "$word")"
done
figures >figures.after
files_equal "figures, answers, steps and runs are as before" figures.before figures.after
equal "the store is whole" ok "$(sql w 'PRAGMA integrity_check')"
kill -TERM "$engine"
wait "$engine"

# The run that waited goes on by its steps.
run=$(sql w "SELECT r.id FROM runs r JOIN accounts a ON a.id = r.account WHERE a.name = '(erased)'")
task=$(sql w "SELECT id FROM tasks WHERE run = $run AND step = 'hello'")
ok "its task is done" "$tend" -C w task done "$task"
ok "the engine moves it" "$tend" -C w once
equal "it waits for the next" "waiting|1" "$(sql w "SELECT r.state, (SELECT count(*) FROM tasks t WHERE t.run = r.id AND t.step = 'again')
    FROM runs r WHERE r.id = $run")"
ok "records about it still find it" "$tend" -C w import --mapping crm in/*.csv
hasnt "without a word of it" "$(sqlite3 -readonly w/tend.db .dump | tr 'A-Z' 'a-z')" quellmann
equal "its contract is still its own" 1 "$(sql w "SELECT count(*) FROM contracts c JOIN accounts a ON a.id = c.account
    WHERE a.name = '(erased)' AND c.annual_amount = 120000")"
has "past days do not know it either" "$("$tend" -C w --csv --as-of today list accounts)" "(erased)"
fails "what has no person is refused" 2 "$tend" -C w account erase contract C1
has "in one sentence" "$(cat said)" "'contract' is neither account nor contact"
finish
