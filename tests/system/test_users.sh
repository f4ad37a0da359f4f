#!/bin/sh
# Colleagues: added, changed, retired by the path of every other row; found by --user and by the login that calls.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init --zone Asia/Seoul >log 2>&1 || fail "a workspace is made" "$(cat log)"

ok "a colleague is added" "$tend" -C w user add "Ann Lee" email=ann@a.example zone=Europe/Berlin language=en digest_hour=8
ok "another, with a manager by name" "$tend" -C w user add "Bo Chen" "manager=Ann Lee" email=bo@a.example
fails "a zone that is none is refused" 2 "$tend" -C w user set "Bo Chen" zone=Mars/Olympus
has "by the schema" "$(cat said)" "zone: "
fails "an hour that is none as well" 2 "$tend" -C w user set "Bo Chen" digest_hour=25
fails "a name is needed" 2 "$tend" -C w user add email=x@a.example
has "and asked for" "$(cat said)" "the name comes first"
ok "zone, language, hour, absence and deputy are set" "$tend" -C w user set "Bo Chen" zone=Asia/Tokyo language=ko digest_hour=7 \
    absent_from=2027-01-04 absent_to=2027-01-08 "deputy=Ann Lee"
equal "in the row" "Asia/Tokyo|ko|7|1" "$(sql w "SELECT zone, language, digest_hour, deputy FROM users WHERE name = 'Bo Chen'")"
equal "and on record as changes" 1 "$(sql w "SELECT count(*) FROM changes WHERE kind = 1 AND row = 2 AND field = 'zone'")"
ok "the bus was told" test "$(sql w "SELECT count(*) FROM events WHERE topic = 'user.updated'")" -ge 1

# --user finds them by name, address and number, and says who asked.
"$tend" -C w add account name=Harbour "owner=Bo Chen" >log
for called in "Bo Chen" bo@a.example '#2'; do
    ok "--user $called" "$tend" -C w --user "$called" log call Harbour "as $called"
done
equal "all are the same person" "3|1" "$(sql w "SELECT count(*), count(DISTINCT user) FROM interactions WHERE user = 2")"
equal "and who asked is kept" "Bo Chen|$(id -un)" "$(sql w "SELECT DISTINCT principal, acting_for FROM batches WHERE what = 'log'")"
fails "--user of nobody" 2 "$tend" -C w --user Nobody today
equal "in one sentence" "--user: nobody here is called 'Nobody'; see tend user list" "$(cat said)"

# Retiring names what is left and the command for it.
"$tend" -C w task add Harbour "Call the harbour" "assignee=Bo Chen" >log
fails "a dry run of it" 1 "$tend" -C w --dry-run user retire "Bo Chen"
has "says that it was one" "$(cat out)" "Tried on a private copy; nothing was changed."
has "and they still work here" "$("$tend" -C w user list)" "Bo Chen"
fails "a colleague with open work is retired" 1 "$tend" -C w user retire "Bo Chen"
left=$(cat out)
has "the account is named" "$left" "account"
has "the task as well" "$left" "Call the harbour"
has "and the command to type" "$left" "tend handover --from '#2' --to COLLEAGUE --on today --yes"
fails "who is retired acts no more" 2 "$tend" -C w --user "Bo Chen" today
equal "in one sentence, too" "--user: Bo Chen is retired; see tend user list --all" "$(cat said)"
hasnt "and is not listed" "$("$tend" -C w user list)" "Bo Chen"
has "but with --all" "$("$tend" -C w user list --all)" "Bo Chen"
ok "the command works as it stands" "$tend" -C w handover --from '#2' --to 'Ann Lee' --on today --yes
ok "nothing is left" "$tend" -C w user retire "Bo Chen"
ok "undo brings a colleague back" "$tend" -C w undo "$(sql w "SELECT id FROM batches WHERE label = 'tend user retire' ORDER BY id LIMIT 1")"
has "into the list" "$("$tend" -C w user list)" "Bo Chen"

# A login that is a colleague.
me=$(id -un)
printf '[login.%s]\nuser = ann@a.example\n' "$me" >w/tend.d/logins.ini
ok "what a known login writes" "$tend" -C w log call Harbour "from a login"
equal "is written under the colleague's name" "Ann Lee" "$(sql w "SELECT principal FROM batches ORDER BY id DESC LIMIT 1")"
fails "a login without the right acts as nobody else" 2 "$tend" -C w --user "Bo Chen" today
equal "in one sentence, again" "--user: $me may not act as Bo Chen; ask an administrator for [login.$me] act_as = yes" "$(cat said)"
ok "as itself it may" "$tend" -C w --user "Ann Lee" today
fails "and administers nothing" 2 "$tend" -C w user add Eve
has "by access" "$(cat said)" "Ann Lee: may not create users; ask an administrator"
printf 'act_as = yes\n' >>w/tend.d/logins.ini
ok "with the right it does" "$tend" -C w --user "Bo Chen" log call Harbour "for Bo"
equal "and that is recorded" "Bo Chen|$me" "$(sql w "SELECT principal, acting_for FROM batches ORDER BY id DESC LIMIT 1")"
"$tend" -C w serve 2>serve.log &
engine=$!
children="$children $engine"
until_true 10 grep -q 'serve  up' serve.log
ok "through the socket" "$tend" -C w log call Harbour "by the engine"
equal "the caller is who the system says" "Ann Lee" "$(sql w "SELECT principal FROM batches ORDER BY id DESC LIMIT 1")"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && chmod 755 "$work" w &&
    setpriv --reuid=65534 --clear-groups test -x "$tend"; then
    printf '[login.%s]\nuser = Ann Lee\nadministrator = yes\n[login.%s]\nuser = Bo Chen\n' "$me" "$(id -un 65534)" >w/tend.d/logins.ini
    kill -TERM "$engine"
    wait "$engine"
    rm serve.log
    "$tend" -C w serve 2>serve.log &
    engine=$!
    children="$children $engine"
    until_true 10 grep -q 'serve  up' serve.log
    ok "another login of the machine" setpriv --reuid=65534 --clear-groups "$tend" -C w log call Harbour "from the other login"
    equal "is the colleague of its section" "Bo Chen" "$(sql w "SELECT principal FROM batches ORDER BY id DESC LIMIT 1")"
    setpriv --reuid=1 --clear-groups "$tend" -C w log call Harbour "from nobody" >out 2>&1
    has "a login without a section is told why it may not" "$(cat out)" "this login may not ask the running engine; an administrator adds [login."
    chmod 751 w && chmod 600 w/tend.ini w/tend.db
    as_bo() { setpriv --reuid=65534 --regid=65534 --clear-groups "$tend" -C "$work/w" "$@"; }
    ok "what a login may not read of the files, the engine reads for it" as_bo --csv list interactions
    has "all of it" "$(cat out)" "Harbour,,Bo Chen,call"
    ok "its own list" as_bo today
    ok "a report" as_bo report portfolio
    fails "but no page is written for it" 2 as_bo report portfolio --html /tmp/stolen.html
    equal "in one sentence" "tend report portfolio: the running engine would open the files with its own rights, not with yours; let an administrator do it" "$(cat said)"
    fails "nor an export" 2 as_bo account export Harbour --out /tmp/stolen.json
    setpriv --reuid=1 --clear-groups "$tend" -C "$work/w" today >out 2>&1
    has "a login without a section reads nothing" "$(cat out)" "this login may not ask the running engine"
    chmod 750 w
    fails "a folder that may not be entered" 2 as_bo today
    equal "is not one without a workspace" "$work/w: may not be entered by $(id -un 65534); it belongs to $me and the group $(id -gn), mode 0750. With mode 0751 the running engine answers logins that have a section [login.NAME]" "$(cat said)"
    chmod 751 w
    fails "what the engine does not do for others" 2 as_bo simulate --until +1d
    equal "is said so" "tend simulate: this login may not read the files of the workspace, and this is not done by the running engine; ask an administrator" "$(cat said)"
    chmod 755 w && chmod 644 w/tend.ini
    printf 'id,name\n1,Stolen\n' >w/secret.csv && chmod 600 w/secret.csv
    printf '[mapping]\nsource = x\n[stream.s]\nfile = *\nkind = account\nkey = id\n[fields.s]\nname = name\n' >m.ini && chmod 644 m.ini
    setpriv --reuid=65534 --clear-groups "$tend" -C w import --mapping "$work/m.ini" "$work/w/secret.csv" >out 2>&1
    has "a login does not read with the engine's rights" "$(cat out)" "the running engine would open the files with its own rights, not with yours"
    equal "and nothing of the file is there" 0 "$(sql w "SELECT count(*) FROM accounts WHERE name = 'Stolen'")"
    equal "a login without a section writes nothing" 0 "$(sql w "SELECT count(*) FROM interactions WHERE text = 'from nobody'")"
    has "is turned away" "$(cat serve.log)" "a client was turned away"
else
    skip "another login of the machine" "needs root and setpriv"
fi
printf '[login.%s]\nuser = Nobody At All\n' "$me" >w/tend.d/logins.ini
kill -HUP "$engine"
until_true 10 grep -q 'configuration read again' serve.log
fails "a login of nobody is refused" 2 "$tend" -C w log call Harbour "of nobody"
has "with file and line" "$(cat said)" "tend.d/logins.ini:2: [login.$me] user: nobody here is called 'Nobody At All'"
finish
