#!/bin/sh
# The settings of a KPI plugin: [plugin.NAME] has them, every value follows them, and what is wrong with them is said at its line.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init >log 2>&1
mkdir -p w/tend.d plugins
cp "$build/tests/plugins/kpi_level.so" plugins/
export TEND_PLUGIN_PATH="$work/plugins"
cat >w/tend.d/kpi.ini <<'END'
[kpi]
publish = level
END
"$tend" -C w add account name=Acme >log 2>&1
yesterday=$(date -u -d yesterday +%Y-%m-%dT00:00:00Z)
for score in 10 9 8 7; do
    "$tend" -C w add answer account=Acme survey=nps score=$score scale_max=10 "answered_at=$yesterday" >log 2>&1 ||
        fail "an answer is added" "$(cat log)"
done
level() { "$tend" -C w --json kpi "$@" 2>said | tr -d '\n' | sed 's/  */ /g'; }
has "without a section the default of the plugin holds: 10 and 9 of four" "$(level show level)" '"value": 0.5'
hasnt "and no setting is shown" "$(level show level)" '"settings": "'
set_to() { printf '%b' "[plugin.level]\n$1\n" >w/tend.d/level.ini; }
set_to 'floor = 8'
ok "config check understands it" "$tend" -C w config check
has "the setting decides: 10, 9 and 8" "$(level show level)" '"value": 0.75'
has "and stands beside the value" "$(level show level)" '"settings": "floor = 8"'
has "also where it is explained" "$("$tend" -C w kpi explain level)" "floor = 8"
has "config show says where it is written" "$("$tend" -C w config show)" "level.ini:2"

# What is published follows a setting without any other news.
published() { "$tend" -C w --csv list accounts --fields level 2>said | tail -n 1; }
ok "published once" "$tend" -C w kpi refresh
first=$(published)
ok "and with nothing new" "$tend" -C w kpi refresh
equal "stays" "$first" "$(published)"
set_to 'floor = 10'
ok "after another setting" "$tend" -C w kpi refresh
second=$(published)
if [ "$first" != "$second" ]; then pass "it is computed anew"; else fail "it is computed anew" "$first"; fi

# Mistakes, each with its line.
refused() { # LINES WANTED
    set_to "$1"
    fails "config check refuses: $1" 2 "$tend" -C w config check
    has "with the line" "$(cat said)" "w/tend.d/level.ini:2: [plugin.level] $2"
}
refused 'flor = 8' 'flor: no such setting; did you mean floor?'
has "kpi list has the same line" "$(level list)" "w/tend.d/level.ini:2: [plugin.level] flor: no such setting; did you mean floor?"
has "and the other KPIs" "$(level list)" '"kpi": "nrr"'
refused 'enabeld = no' 'enabeld: no such setting; did you mean enabled?'
refused 'floor = many' "floor: 'many' is not a whole number"
refused 'floor = 11' 'floor: 11 is above the scale; write 10 or less'
refused 'token = open' 'token: a secret is named and not written here; write @file:PATH or @env:NAME'
set_to 'token = @env:LEVEL_TOKEN\nfloor = 8'
export LEVEL_TOKEN=hush
has "a secret is not shown" "$(level show level)" '"settings": "token = (a secret), floor = 8"'
unset LEVEL_TOKEN
has "one that is not there leaves the KPI out and says so" "$(level list)" "[plugin.level] token: @env:LEVEL_TOKEN: no such variable"

# A plugin without KPIs has its settings elsewhere: a slip there is none.
set_to 'floor = 8'
printf '[plugin.csv]\ngarnt = files\n[plugin.jsonl]\npath = x\n' >w/tend.d/slip.ini
fails "a slip in the section of another plugin" 2 "$tend" -C w config check
has "is named" "$(cat said)" "slip.ini:2: [plugin.csv] garnt: no such setting; did you mean grant?"
has "and a setting in the wrong place" "$(cat said)" "slip.ini:4: [plugin.jsonl] path: no such setting; those of a connector, sink or price stand in"
has "such a plugin is not started" "$("$tend" -C w --csv plugin list 2>log | grep '^csv,')" ",misconfigured"
fails "nor is the engine" 2 timeout 60 "$tend" -C w serve
finish
