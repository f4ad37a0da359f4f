#!/bin/sh
# The configuration: the reference in etc/ is what the program says, a workspace takes it, and faults are named all at once.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" config template >template.ini
files_equal "etc/tend.ini holds every key as tend config template prints it" "$source/etc/tend.ini" template.ini
ok "a workspace" "$tend" -C w init
cp template.ini w/tend.ini
ok "the template is a configuration without faults" "$tend" -C w config check
cat >w/tend.ini <<'END'
[tend]
zone = Asia/Seoull
curency = KRW
[stroe]
path = x.db
[segment.key]
where = regoin = EMEA
END
fails "a configuration with faults is refused" 2 "$tend" -C w config check
said=$(cat "$work/said")
has "a zone that is none" "$said" "w/tend.ini:2: [tend] zone"
has "a key that is none, with the nearest" "$said" "did you mean currency"
has "a section that is none" "$said" "w/tend.ini:4: [stroe]"
cat >w/tend.ini <<'END'
[source.crm]
plugin = csvv
mapping = nosuch
[playbook.renewall]
enabled = yes
END
fails "what the configuration names has to be there" 2 "$tend" -C w config check
said=$(cat "$work/said")
has "a plugin that is none, with the nearest" "$said" "w/tend.ini:2: [source.crm] plugin: there is no plugin csvv; did you mean csv?"
has "a mapping that is none" "$said" "w/tend.ini:3: [source.crm] mapping: there is no mapping nosuch"
has "a playbook without a script" "$said" "w/tend.ini:5: [playbook.renewall] enabled: there is no script renewall.lua"
cat >w/tend.ini <<'END'
[plugin.csv]
grant = files
[source.crm]
plugin = csv
mapping = sample
path = sample
pth = sample
header = maybe
[source.erp]
plugin = csv
mapping = sample
capability = cvs
[playbook.renewal]
lead_days = soon
plan_dys = 3
END
mkdir -p w/tend.d
printf '[plugin.jsonl]\ngrant = files\n[sink.chat]\nplugin = jsonl\npaht = chat.jsonl\n' >w/tend.d/chat.ini
fails "what is handed to plugins and scripts has to be understood by them" 2 "$tend" -C w config check
said=$(cat "$work/said")
has "a setting that the plugin does not have" "$said" "w/tend.ini:7: [source.crm] pth: no such setting; did you mean path?"
has "a value that is none" "$said" "w/tend.ini:8: [source.crm] header: 'maybe' is neither yes nor no; write yes or no"
has "a setting that is needed" "$said" "w/tend.ini:9: [source.erp] path: not given, but needed: "
has "a capability that is none" "$said" "w/tend.ini:12: [source.erp] capability: plugin csv has no connector cvs; leave the key out"
has "a setting that the script declares otherwise" "$said" "w/tend.ini:14: [playbook.renewal] lead_days: 'soon' is not a whole number; write digits, like 90"
has "one that it does not declare" "$said" "w/tend.ini:15: [playbook.renewal] plan_dys: no such setting; did you mean plan_days?"
has "in a file that was dropped in" "$said" "w/tend.d/chat.ini:5: [sink.chat] paht: no such setting; did you mean path?"
# The key stands where the script names its segments, wherever that line is in its next version.
line=$(grep -n 'where = .*(key, growth)' "$source/scripts/playbooks/commercial/renewal.lua" | cut -d: -f1)
has "what the script needs of the rest" "$said" "commercial/renewal.lua:$line: start_when.where: at 'key': no such segment; describe it in [segment.key]"
has "all are counted" "$said" "9 faults in what the configuration names, see above"
fails "nothing is served over it" 2 "$tend" -C w serve
has "and it is said why" "$(cat "$work/said")" "w/tend.ini:7: [source.crm] pth: no such setting; did you mean path?"
fails "the doctor says the same" 1 "$tend" -C w --csv doctor
has "with the place" "$(cat "$work/out")" "w/tend.ini:8: [source.crm] header: 'maybe' is neither yes nor no"
"$tend" -C people init >/dev/null || exit 1
"$tend" -C people add user name="Kim Minjun" team=Korea >/dev/null || exit 1
cat >people/tend.d/people.ini <<'END'
[playbook.customer_updates]
hours = 0
teller = team:Koera
[playbook.life_event]
tax = user:Anna
[calendar.seoul]
teams = Korea, Koera
[playbook.wrap_up]
END
fails "settings that make no sense, teams and people that are not there" 2 "$tend" -C people config check
equal "each in one sentence, at its line" "people/tend.d/people.ini:2: [playbook.customer_updates] hours: 0 is less than 1; write 1 to 200 business hours
people/tend.d/people.ini:3: [playbook.customer_updates] teller: nobody is in team Koera; did you mean Korea?
people/tend.d/people.ini:5: [playbook.life_event] tax: nobody here is called 'Anna'; see tend user list
people/tend.d/people.ini:7: [calendar.seoul] teams: nobody is in team Koera; did you mean Korea?
people/tend.d/people.ini:8: [playbook.wrap_up] analyst: nobody is in team media, as the script has it while nothing is written; name one of tend user list, or put somebody there: tend set user NAME team=media" "$(sed "s|$work/||" "$work/said" | grep people.ini)"
printf '[playbook.life_event]\ntax = user:Anna\n' >people/tend.d/people.ini
ok "the engine works all the same, for people come and go" "$tend" -C people once
cat >w/tend.d/mail.ini <<'END'
[plugin.smtp]
grant = files, network
[sink.post]
plugin = smtp
host = mail.example.com
from = tend@example.com
user = tend
password = @file:nosuch
[sink.other]
plugin = smtp
host = mail.example.com
from = tend@example.com
security = startls
[playbook.version_lag]
principal = playbook:versionlag
[playbook.profile_expiry]
principal = user:Kim Minjun
END
if "$tend" -C w plugin list | grep -q '^ *smtp '; then
    fails "what the plugin alone can judge" 2 "$tend" -C w config check
    said=$(cat "$work/said")
    has "a value that it does not know" "$said" "w/tend.d/mail.ini:13: [sink.other] security: 'startls' is not known; write none, starttls or tls"
    hasnt "a secret is put there apart" "$said" "password"
    fails "the doctor misses it" 1 "$tend" -C w doctor
    has "by its place" "$(cat "$work/out")" "w/tend.d/mail.ini:8: [sink.post] password: $work/w/nosuch: the secret cannot be read"
else
    skip "what the plugin alone can judge" "the plugin smtp was not built"
fi
fails "principals too" 2 "$tend" -C w config check
said=$(cat "$work/said")
has "one of a playbook that there is not" "$said" "w/tend.d/mail.ini:15: [playbook.version_lag] principal: there is no [playbook.versionlag]; did you mean playbook:version_lag?"
has "one that is none of a playbook's" "$said" "w/tend.d/mail.ini:17: [playbook.profile_expiry] principal: a playbook acts under an account of its own, not as user:Kim Minjun; write a name such as playbook:profile_expiry"
rm w/tend.d/mail.ini
ok "a folder with a fault in tend.d" mkdir -p n/tend.d
cp w/tend.d/chat.ini n/tend.d/
fails "is no workspace yet" 2 "$tend" -C n init
has "and it is said why" "$(cat "$work/said")" "n/tend.d/chat.ini:5: [sink.chat] paht"
sed -i 's/paht/path/' n/tend.d/chat.ini
ok "mended, it is one" "$tend" -C n init
cat >n/tend.d/list.ini <<'END'
[source.list]
plugin = csv
mapping = users
path = users.csv
END
printf 'name,email\nKim Minjun,kim@example.com\n' >n/users.csv
ok "a path in tend.d is below the workspace" "$tend" -C n sync list
equal "as it would be in tend.ini" 1 "$(sql n "SELECT count(*) FROM users")"
# What was understood once and broke the engine later.
ok "a workspace to be broken" "$tend" -C v init
mkdir -p v/tend.d v/out
refused() { # INI KEY-AND-SENTENCE: the line that breaks it is the last one
    printf '%b\n' "$1" >v/tend.d/x.ini
    fails "refused: $(printf '%b' "$1" | tr '\n' ' ')" 2 "$tend" -C v config check
    equal "in the sentence that says it" "$work/v/tend.d/x.ini:$2" "$(head -n 1 said)"
}
refused '[kpi]\nperiod = 12 parsecs' '2: [kpi] period: "12 parsecs" is not a number of months or days; write it like 12 months'
refused '[kpi]\npublish = arr, mrrr' '2: [kpi] publish: kpi mrrr: no such KPI; did you mean mrr?'
refused '[measure.voice]\nlow = 0\nhigh = 1\nvalue = nsp' \
    '4: [measure.voice] value: nsp is neither a KPI nor a number of accounts; did you mean nps?'
refused '[measure.seats]\nlow = 0\nhigh = 1\nvalue = account.nmae' \
    '4: [measure.seats] value: accounts have no number nmae; name a field that holds a whole or decimal number'
refused '[plugin.csvv]' '1: [plugin.csvv]: there is no plugin csvv; did you mean [plugin.csv]?'
refused '[login.nosuch-login]\nuser = x@y.z' '1: [login.nosuch-login]: this machine has no login nosuch-login; see getent passwd'
refused '[store]\npath = /nope/x.db' '2: [store] path: there is no folder /nope; make it, or name another file'
refused '[tend]\nname =' '2: [tend] name: is empty; write a value or remove the line'
refused '[plugin.csv]\ngrant = file' '2: [plugin.csv] grant: "file" is none of the choices; did you mean files?'
sink='[plugin.jsonl]\ngrant = files\n[sink.file]\nplugin = jsonl\n'
refused "${sink}path = out/m.jsonl\nchannel = mial" '6: [sink.file] channel: no sink takes mail then; did you mean mail?'
refused "${sink}path = nada/m.jsonl" "5: [sink.file] path: there is no folder $work/v/nada; make it, or name another place"
printf '%b' "${sink}path = out/m.jsonl\nchannel = chat-kr\n" >v/tend.d/x.ini
ok "a channel of one's own is no slip" "$tend" -C v config check
secret="${sink}path = out/m.jsonl\npassword = "
: >v/empty && chmod 600 v/empty
printf 'word\n' >v/open && chmod 644 v/open
printf 'one\ntwo\n' >v/two && chmod 600 v/two
refused "${secret}@file:empty" "6: [sink.file] password: $work/v/empty: is empty; write the secret there, as one line of text"
refused "${secret}@file:open" "6: [sink.file] password: $work/v/open: others may read this secret (mode 0644); chmod 600 it"
refused "${secret}@file:two" \
    "6: [sink.file] password: $work/v/two: has more than one line; write the secret there, as one line of text"
refused "${secret}@file:out" \
    "6: [sink.file] password: $work/v/out: is not a file with a secret; name a plain file of at most 64 KiB"
refused '[source.crm]\nplugin = csv\nmapping = sample\npath = out\nevry = 1 h' '5: [source.crm] evry: no such setting; did you mean every?'
refused '[playbook.renewal]\nprincipal = nobody at all' \
    '2: [playbook.renewal] principal: a name has no blank in it; write one such as playbook:renewal'
refused '[playbook.renewl]\nenabled = yes' \
    '2: [playbook.renewl] enabled: there is no script renewl.lua below playbooks/; did you mean [playbook.renewal]?'
refused '[segment.key]\nwhere = tier \\\n== gold' "2: [segment.key] where: at '==': two signs where one compares; write = once"

# What stands in the documentation can be pasted. The program of connector/command is looked for when it is started.
blocks() { # FILE: the INI blocks of a page, each into a file of its own
    awk -v to="$work/block" '/^```ini$/ { n++; on = 1; next } /^```$/ { on = 0 } on { print > (to n ".ini") }' "$1"
}
mkdir -p v/mappings
blocks "$source/docs/connector-command.md"
mv block1.ini v/tend.d/x.ini && mv block2.ini v/mappings/accounts.ini
ok "the example of docs/connector-command.md is understood" "$tend" -C v config check
blocks "$source/docs/outbox.md"
mv block2.ini v/tend.d/x.ini
ok "and that of docs/outbox.md for jsonl" "$tend" -C v config check
if "$tend" -C v plugin list | grep -q '^ *smtp '; then
    mv block1.ini v/tend.d/x.ini
    ok "and that for smtp" "$tend" -C v config check
else
    skip "and that for smtp" "the plugin smtp was not built"
fi
printf '%b' '[login.nosuch-login]\nuser = x@y.z\n[kpi]\npublish = mrrr\n[plugin.csvv]\n' >v/tend.d/x.ini
fails "several of them" 2 "$tend" -C v config check
equal "are all named and counted" 4 "$(wc -l <said)"
printf '[plugin.csv]\ngrant = files\n[source.crm]\nplugin = csv\nmapping = sample\npath = nada\ntoken = @env:TEND_NO_SUCH\n' >v/tend.d/x.ini
"$tend" -C v --csv doctor >out 2>said
has "what is put there apart is the doctor's: a file" "$(cat out)" \
    "v/tend.d/x.ini:6: [source.crm] path: $work/v/nada is not there; put it there, or name another place"
has "and a variable" "$(cat out)" "v/tend.d/x.ini:7: [source.crm] token: @env:TEND_NO_SUCH: no such variable in the environment"
rm -r w/tend.d
printf '[tend]\nzone = Asia/Seoull\n' >w/tend.ini
fails "nothing is started over it" 2 "$tend" -C w list accounts
# All faults in one go: what cannot be read, what names something that is not there, and what a script makes of its settings, each at the
# line that somebody has to mend.
"$tend" -C all init >/dev/null 2>&1
first=$(($(wc -l <all/tend.ini) + 1))
cat >>all/tend.ini <<'END'
[store]
path = ../elsewhere
[source.crm]
plugin = csvv
[segment.rich]
where = tier = goldd
[kpi]
publish = health, nps, nrrr
[measure.sales]
value = nrry
low = 3
high = 4
[playbook.check_in]
enabled = yes
growth_weeks = -5
[playbook.red_flag]
enabled = yes
figure = health
good = 200
[playbook.quiet_promoter]
enabled = yes
figure = helth
[playbook.drift_watch]
enabled = yes
first = ownr
due_days = -1
[playbook.voice]
enabled = yes
product = team:
[playbook.training_campaign]
enabled = yes
segment = richh
[playbook.training_invitation]
enabled = yes
[playbook.mandatory_fields]
enabled = yes
lacks = country is empty and country = KR
[playbook.handover]
enabled = yes
accept_days = -5
decide_days = 99999999999999999999
[playbook.coaching]
enabled = yes
jobs = acount_manager, sales
END
at() { # LINE of what was added
    echo "all/tend.ini:$((first + $1 - 1)):"
}
fails "faults of every sort" 2 "$tend" -C all config check
said=$(cat "$work/said")
has "a value that is none" "$said" "$(at 2) [store] path: leaves its folder by"
has "something that is missing" "$said" "$(at 3) [source.crm] mapping: is missing; add it"
has "a plugin that is not there" "$said" "$(at 4) [source.crm] plugin: there is no plugin csvv; did you mean csv?"
has "a condition" "$said" "$(at 6) [segment.rich] where: at 'goldd': is not one of"
has "a KPI that is published" "$said" "$(at 8) [kpi] publish: kpi nrrr: no such KPI; did you mean nrr?"
has "one that is measured" "$said" "$(at 10) [measure.sales] value: nrry is neither a KPI nor a number of accounts; did you mean nrr?"
has "a number that is out of range" "$said" "$(at 15) [playbook.check_in] growth_weeks: -5 is less than 0; write 0 to 520 weeks"
has "a threshold that no figure has" "$said" "$(at 19) [playbook.red_flag] good: start_when.again_when: 'health > 200': health is a number from 0 to 100; compare it with one of these (success/red_flag.lua:"
has "a figure that there is not" "$said" "$(at 22) [playbook.quiet_promoter] figure: start_when.where: at 'helth': accounts have no field helth; did you mean health? (success/quiet_promoter.lua:"
has "a role" "$said" "$(at 25) [playbook.drift_watch] first: 'ownr' is no role; did you mean owner?"
has "days" "$said" "$(at 26) [playbook.drift_watch] due_days: "
has "a team without a name" "$said" "$(at 29) [playbook.voice] product: 'team:' names nobody"
has "a segment, by its name alone" "$said" "$(at 32) [playbook.training_campaign] segment: there is no [segment.richh]; did you mean rich?"
has "a condition in a setting" "$said" "$(at 37) [playbook.mandatory_fields] lacks: start_when.where: can never hold: 'country is empty' and 'country = KR' exclude each other (healthcare/mandatory_fields.lua:"
has "and it ends with a word" "$said" "the configuration is not understood, see above; nothing was changed"
has "days that a script hands on through a variable" "$said" "$(at 40) [playbook.handover] accept_days: -5 is less than 1; write 1 to 365 business days"
has "a number that is too large" "$said" "$(at 41) [playbook.handover] decide_days: '99999999999999999999' is too large; write a whole number like 90"
has "a word in a list" "$said" "$(at 44) [playbook.coaching] jobs: start_when.where: at 'acount_manager': is not one of"
equal "nothing else" 18 "$(printf '%s\n' "$said" | wc -l)"
ok "in the order of the lines" sh -c 'sed -n "s/^all\/tend.ini:\([0-9]*\):.*/\1/p" "$1" | sort -n -c' - "$work/said"
finish
