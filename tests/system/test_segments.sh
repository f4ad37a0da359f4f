#!/bin/sh
# Who was in a segment on a day, who moved between two days and why; what the segment meant then.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/state.sh"
cd "$work" || exit 1
at "2026-01-10 10:00"
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
cat >w/tend.d/segments.ini <<'END'
[segment.emea_gold]
where = region = EMEA and tier = gold
help = gold customers of the region
END
"$tend" -C w add account name=Stays region=EMEA tier=gold >log
"$tend" -C w add account name=Enters region=APAC tier=gold >log
"$tend" -C w add account name=Leaves region=EMEA tier=gold >log
"$tend" -C w add account name=Never region=APAC tier=silver >log
at "2026-02-15 10:00"
"$tend" -C w set account Enters region=EMEA >log
at "2026-03-20 10:00"
"$tend" -C w set account Leaves tier=silver >log
"$tend" -C w add account name=Comes region=EMEA tier=gold >log
at "2026-04-01 10:00"

names() { sed -n 's/.*"name": *"\([A-Za-z]*\)".*/\1/p' | sort | tr '\n' ' '; }
equal "of a day before all moves" "Leaves Stays " "$("$tend" -C w --json --as-of 2026-01-31 segment show emea_gold | tr ',' '\n' | names)"
equal "of a day between them" "Enters Leaves Stays " "$("$tend" -C w --json --as-of 2026-02-28 segment show emea_gold | tr ',' '\n' | names)"
equal "of today" "Comes Enters Stays " "$("$tend" -C w --json segment show emea_gold | tr ',' '\n' | names)"
equal "the list counts those of the day" 2 "$("$tend" -C w --csv --as-of 2026-01-31 segment list | sed -n 's/^emea_gold,[^,]*,\([0-9]*\),.*/\1/p')"

ok "the moves between two days" "$tend" -C w --csv segment diff emea_gold 2026-01-31 2026-03-31
"$tend" -C w --json segment diff emea_gold 2026-01-31 2026-03-31 >diff.json
moved=$(tr -d '"\n' <diff.json | tr -s ' ')
has "before, entered, left, after" "$moved" "before: 2, entered: 2, left: 1, after: 3"
has "who entered, when and why" "$moved" "account: Enters, on: 2026-02-15, why: region = EMEA (it is APAC)"
has "who left" "$moved" "account: Leaves, on: 2026-03-20, why: tier = gold (it is silver)"
has "who came" "$moved" "account: Comes, on: 2026-03-20, why: there was no such account"
hasnt "and not who stayed" "$moved" "account: Stays"
has "to today when one day is named" "$("$tend" -C w --json segment diff emea_gold 2026-03-01 | tr -d '"\n' | tr -s ' ')" "to: 2026-04-01"
fails "the days the other way round" 2 "$tend" -C w segment diff emea_gold 2026-03-31 2026-01-31
has "are refused" "$(cat said)" "2026-03-31 is not before 2026-01-31; write the earlier day first"
fails "a segment that is none" 2 "$tend" -C w segment diff emea_glod -30d
equal "has a nearest name" "no segment is called 'emea_glod'; did you mean emea_gold?" "$(cat said)"

# A definition that changed.
hasnt "nothing is said while it stands" "$("$tend" -C w --as-of 2026-02-28 segment show emea_gold)" "by the definition"
sed -i 's/tier = gold/tier in (gold, silver)/' w/tend.d/segments.ini
"$tend" -C w add account name=Later region=APAC >log
equal "a past day is computed by today's definition" "Enters Leaves Stays " \
    "$("$tend" -C w --json --as-of 2026-02-28 segment show emea_gold | tr ',' '\n' | names)"
has "and the one of that day is said" "$("$tend" -C w --as-of 2026-02-28 segment show emea_gold)" \
    "by the definition of today (region = EMEA and tier in (gold, silver)); on that day it was: region = EMEA and tier = gold"
has "as it is before the first is known" "$("$tend" -C w --as-of 2025-12-31 segment show emea_gold)" "that of that day was not written down"
equal "each definition is kept once" 2 "$(sql w "SELECT count(*) FROM segment_definitions WHERE segment = 'emea_gold'")"
finish
