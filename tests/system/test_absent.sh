#!/bin/sh
# What is configured and not at work: each with a word and a sentence, in one list; and what a KPI may ask for.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init >log 2>&1
mkdir -p w/tend.d
cat >w/tend.d/absent.ini <<'END'
[source.off]
plugin = csv
mapping = sample
path = sample
enabled = no
[source.new]
plugin = csv
mapping = sample
path = sample
[source.lost]
plugin = nobody
mapping = sample
[sink.mail]
plugin = smtp
server = smtp://localhost
from = a@b.c
[plugin.smtp]
grant = files
[plugin.gone]
enabled = no
[plugin.volume]
enabled = no
[price.tiers]
plugin = volume
[playbook.broken]
enabled = yes
END
"$tend" -C w --json status >status 2>log
absent() { # KIND NAME STATE WHY
    has "$1 $2 is $3" "$(tr -d '\n' <status | sed 's/  */ /g')" "{ \"kind\": \"$1\", \"name\": \"$2\", \"state\": \"$3\", \"why\": \"$4"
}
absent plugin gone missing "not installed, but [plugin.gone] is written"
absent plugin volume switched_off "switched off by [plugin.volume] enabled = no"
absent source off switched_off "[source.off] enabled = no"
absent source new not_read_yet "nobody has read it yet; tend sync new does"
absent source lost plugin_missing "its plugin nobody is not installed; tend plugin list shows those that are"
absent price tiers plugin_switched_off "plugin volume: switched off by [plugin.volume] enabled = no"
absent playbook broken not_read_yet "the engine has not read it yet; tend once or tend serve does"
if "$tend" -C w --csv plugin list 2>/dev/null | grep -q '^smtp,'; then
    absent sink mail plugin_not_granted "plugin smtp: asks for network; grant it with [plugin.smtp] grant = files, network"
else
    skip "a sink without its right" "smtp was not built, libcurl was not found"
fi
"$tend" -C w once >log 2>&1
"$tend" -C w --json status >status 2>log
absent playbook broken left_out ""
hasnt "what works is not in it" "$(sed -n '/"absent"/,$p' status)" '"name": "csv"'

printf '[plugin.retention]\nenabled = no\n' >w/tend.d/kpi.ini
has "kpi list says what is left out, with a word" "$("$tend" -C w --json kpi list 2>log | tr -d '\n' | sed 's/  */ /g')" \
    '{ "plugin": "retention", "kpi": null, "state": "switched_off", "why": "plugin retention: switched off by'

has "columns of a kind, with form and meaning" "$("$tend" -C w --csv plugin columns contract)" \
    "contract.seats,number,seats,,seats paid for"
has "those that are no field, too" "$("$tend" -C w --csv plugin columns)" "contract.active_until,day number,"
mkdir nowhere
has "without a workspace, too" "$(cd nowhere && "$tend" --csv plugin columns invoice)" "invoice.paid_on,day number,"
fails "a workspace that is named has to be there" 2 "$tend" -C nowhere plugin columns
printf '[field.account.x_code]\ntype = text\nhelp = our own code\n' >w/tend.d/field.ini
has "and the workspace's own" "$("$tend" -C w --csv plugin columns account)" "account.x_code,word number,,,our own code"
fails "a kind of nobody's account" 2 "$tend" -C w plugin columns rate
has "is refused with the reason" "$(cat said)" "rate: belongs to no account, so no KPI can read it"

mkdir odd
cp "$build/tests/plugins/connector_odd.so" odd/
has "a KPI that reads a column that is not there is named by doctor" "$(TEND_PLUGIN_PATH="$work/odd" "$tend" -C w doctor 2>log)" \
    "plugin odd: kpi odd_sum: column usage.seats: usage has no field seats; see tend plugin columns usage"
finish
