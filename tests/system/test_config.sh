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
has "what the script needs of the rest" "$said" "commercial/renewal.lua:13: start_when.where: at 'key': no such segment; describe it in [segment.key]"
has "all are counted" "$said" "9 faults in what the configuration names, see above"
fails "nothing is served over it" 2 "$tend" -C w serve
has "and it is said why" "$(cat "$work/said")" "w/tend.ini:7: [source.crm] pth: no such setting; did you mean path?"
fails "the doctor says the same" 1 "$tend" -C w --csv doctor
has "with the place" "$(cat "$work/out")" "w/tend.ini:8: [source.crm] header: 'maybe' is neither yes nor no"
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
rm -r w/tend.d
printf '[tend]\nzone = Asia/Seoull\n' >w/tend.ini
fails "nothing is started over it" 2 "$tend" -C w list accounts
finish
