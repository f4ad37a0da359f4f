#!/bin/sh
# Real data through the real programs: every record is counted once, a second import changes nothing, the figures equal SQL written
# by hand over the same files.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
sets="$shared/data/sets"
raven="$sets/ravenstack/iso_mixed"
number() { sed -n "s/^ *\"$1\": \(.*[^,]\),\{0,1\}$/\1/p" "$2" | head -n 1; } # the first of this name in a JSON file

balance() { # JSON FILE: created + updated + unchanged + rejected
    echo $(($(number created "$1") + $(number updated "$1") + $(number unchanged "$1") + $(number rejected "$1")))
}

if [ -d "$raven" ]; then
    "$tend" -C r init >log 2>&1
    ok "the five files of ravenstack are read" "$tend" -C r --json import --mapping ravenstack --notes 0 "$raven"/*.csv
    cp out first.json
    lines=0
    for file in "$raven"/*.csv; do lines=$((lines + $(sqlite3 :memory: -cmd ".import --csv $file t" 'SELECT count(*) FROM t'))); done
    equal "read is every record of the files" "$lines" "$(number read first.json)"
    equal "which are 33100" 33100 "$(number read first.json)"
    equal "read = created + updated + unchanged + rejected" 33100 "$(balance first.json)"
    repeated=$(sqlite3 :memory: -cmd ".import --csv $raven/ravenstack_feature_usage.csv t" \
        'SELECT count(*) - count(DISTINCT usage_id) FROM t')
    equal "the repeated usage ids are 21" 21 "$repeated"
    equal "and each is explained" 21 "$(grep -c '"reason": "the key .* was already read at line' first.json)"
    runs=$(sql r 'SELECT count(*) FROM runs')
    "$tend" -C r --json import --mapping ravenstack "$raven"/*.csv >second.json 2>said
    equal "a second import: nothing created" 0 "$(number created second.json)"
    equal "nothing updated" 0 "$(number updated second.json)"
    equal "everything unchanged" 33100 "$(number unchanged second.json)"
    equal "nobody told" 0 "$(number events second.json)"
    equal "and nothing started" "$runs" "$(sql r 'SELECT count(*) FROM runs')"

    # numerator and denominator as the command prints them: money with its two digits.
    sqlite3 :memory: -cmd ".import --csv $raven/ravenstack_subscriptions.csv subscriptions" \
        ".read $source/tests/data/ravenstack_retention.sql" >by_hand
    compared=0
    while IFS='|' read -r kpi numerator denominator; do
        "$tend" -C r --as-of 2024-12-31 --json kpi show "$kpi" >kpi.json 2>said || fail "kpi show $kpi" "$(cat said)"
        shown="$(number numerator kpi.json)/$(number denominator kpi.json)"
        case $shown in
        *.*/*.*) wanted=$(sqlite3 :memory: "SELECT printf('%d.%02d/%d.%02d', $numerator / 100, $numerator % 100, $denominator / 100,
            $denominator % 100)") ;;
        *.*/*) wanted=$(sqlite3 :memory: "SELECT printf('%d.%02d/%d', $numerator / 100, $numerator % 100, $denominator)") ;;
        *) wanted="$numerator/$denominator" ;;
        esac
        equal "$kpi on 2024-12-31 is what SQL over the file says" "$wanted" "$shown"
        compared=$((compared + 1))
    done <by_hand
    equal "thirteen figures were compared" 13 "$compared"
else
    skip "ravenstack" "$raven is not there; \$TEND_SHARED names another place"
fi

maven="$sets/maven_crm"
if [ -d "$maven" ]; then
    "$tend" -C m init >log 2>&1
    ok "the files of maven_crm are read" "$tend" -C m --json import --mapping maven_crm --notes 0 "$maven"/*.csv
    cp out maven.json
    equal "nothing is rejected" 0 "$(number rejected maven.json)"
    equal "read = created + updated + unchanged + rejected" "$(number read maven.json)" "$(balance maven.json)"
    deals="sqlite3 :memory: -cmd '.import --csv $maven/sales_pipeline.csv t'"
    won=$(eval "$deals \"SELECT count(*) FROM t WHERE deal_stage = 'Won'\"")
    equal "every won deal finds its product" "$won" "$(sql m "SELECT count(*) FROM opportunities o JOIN products p ON p.id = o.product
        WHERE o.stage = 'won'")"
    without=$(eval "$deals \"SELECT count(*) FROM t WHERE account = ''\"")
    equal "the open deals without an account are 1425" 1425 "$without"
    equal "each is listed" 1425 "$(grep -c 'has no account; kept without' maven.json)"
    equal "and kept" 1425 "$(sql m 'SELECT count(*) FROM opportunities WHERE account IS NULL')"
    equal "no deal is lost" "$(eval "$deals 'SELECT count(*) FROM t'")" "$(sql m 'SELECT count(*) FROM opportunities')"
else
    skip "maven_crm" "$maven is not there; \$TEND_SHARED names another place"
fi

# Encodings, byte order marks, line ends and three ways to write a date, in files of our own.
"$tend" -C e init >log 2>&1
mapping() { # NAME ENCODING DELIMITER DATES
    cat >"$1.ini" <<INI
[mapping]
source = $1
encoding = $2
delimiter = $3
dates = $4
[stream.accounts]
file = $1.csv
kind = account
key = id
[fields.accounts]
name = name
customer_since = since
INI
}
mapping korean cp949 comma YYYY-MM-DD
printf 'id,name,since\r\n1,대한상사,1998-03-02\r\n' | iconv -f UTF-8 -t CP949 >korean.csv
mapping german utf-8 semicolon DD.MM.YYYY
printf '\357\273\277id;name;since\r\n2;"Müller; Söhne";02.03.1998\r\n' >german.csv
mapping american utf-8 comma M/D/YYYY
printf 'id,name,since\n3,"Line one\nline two",3/2/1998' >american.csv
for name in korean german american; do
    "$tend" -C e --json import --mapping "$name.ini" "$name.csv" >"$name.json" 2>said ||
        fail "$name is read" "$(cat said)" "$(cat "$name.json")"
    equal "$name: one record, one row" "1 1" "$(number read "$name.json") $(number created "$name.json")"
done
equal "names survive CP949, a byte order mark and quotes" "대한상사|Müller; Söhne|Line one
line two" "$(sql e "SELECT group_concat(name, '|') FROM (SELECT name FROM accounts ORDER BY id)")"
founded=$(sql e 'SELECT count(DISTINCT customer_since) FROM accounts')
equal "three ways to write 2 March 1998 are one day" "1 1998-03-02" \
    "$founded $("$tend" -C e --json list account --fields customer_since --limit 1 2>/dev/null | grep -o '1998-[0-9-]*')"
finish
