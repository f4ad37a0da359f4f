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
printf '[tend]\nzone = Asia/Seoull\n' >w/tend.ini
fails "nothing is started over it" 2 "$tend" -C w list accounts
finish
