#!/bin/sh
# What waits for somebody is said where an administrator looks: status, doctor, today. What is gone from the configuration is not.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
sample w
export TEND_WORKSPACE="$work/w"
ok "nothing needs anybody in the sample" "$tend" status
"$tend" today >out 2>said
hasnt "and today says nothing of it" "$(cat out)" "The engine needs somebody"

# A sink that may not write its file is stopped; what it was to carry waits.
waiting=$(sql w "SELECT count(*) FROM outbox WHERE state = 'waiting' AND channel = 'mail'")
cat >w/tend.d/sink.ini <<END2
[sink.post]
plugin = smtp
channel = mail
host = 127.0.0.1
from = nobody
END2
fails "a sink that is wrong delivers nothing" 1 "$tend" once
fails "status needs somebody" 1 "$tend" status
status=$(tr -s ' ' <out)
has "for the sink, with its reason" "$status" " sink post is stopped: "
has "with what waits and what to do" "$status" " $waiting messages wait; mend [sink.post], then let the engine read it"
fails "doctor as well" 1 "$tend" doctor
has "as a warning" "$(tr -s ' ' <out)" " sink warning sink post is stopped: "
"$tend" today >out 2>said
has "and an administrator's today" "$(cat out)" "The engine needs somebody: tend status says for what."
"$tend" --user '#1' today >out 2>said
hasnt "but not a colleague's" "$(cat out)" "The engine needs somebody"
printf '[plugin.jsonl]\ngrant = files\n[sink.post]\nplugin = jsonl\nchannel = mail\npath = %s/out.jsonl\n' "$work" >w/tend.d/sink.ini
ok "mended, it carries them" "$tend" once
ok "and nothing needs anybody" "$tend" status

# A source that is configured no longer is history.
printf 'id,name\n1,Acme\n' >a.csv
mkdir -p w/mappings
printf '[mapping]\nsource = x\n[stream.a]\nfile = a.csv\nkind = account\nkey = id\n[fields.a]\nname = name\n' >w/mappings/x.ini
printf '[plugin.csv]\ngrant = files\n[source.old]\nplugin = csv\nmapping = x\npath = %s/none\n[source.new]\nplugin = csv\nmapping = x\npath = %s\n' \
    "$work" "$work" >w/tend.d/source.ini
"$tend" sync >out 2>&1
fails "a source that ended badly is a need" 1 "$tend" status
has "with its reason and the command" "$(tr -s ' ' <out)" " source old ended badly: "
sed -i '/source.old/,/none$/d' w/tend.d/source.ini
ok "taken out of the configuration it is none" "$tend" status
hasnt "and stands in no list" "$(tr -s " " <out)" " old "
has "the others do" "$(cat out)" "new"
finish
