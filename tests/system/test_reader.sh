#!/bin/sh
# What a reader is told with the figures: in whose language, of which day, whose list and whose book it is.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/state.sh"
cd "$work" || exit 1
at "2026-03-02 10:00"
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
"$tend" -C w user add "Seo Yuna" language=ko >log
"$tend" -C w user add "Kim Minjun" language=ko manager="Seo Yuna" >log
"$tend" -C w user add "Anna Vogel" >log
"$tend" -C w add account name="Acme Werke" stage=active owner="Kim Minjun" >log
"$tend" -C w add account name="Beta Werke" stage=active owner="Anna Vogel" >log
"$tend" -C w add contract account="Acme Werke" name=Pro status=active starts_on=2025-04-01 ends_on=2026-03-31 annual_amount=1000 currency=USD >log
"$tend" -C w add contract account="Beta Werke" name=Pro status=active starts_on=2025-04-01 ends_on=2026-12-31 annual_amount=500 currency=USD >log

has "a colleague reads his own language" "$("$tend" -C w --user "Kim Minjun" today)" "Pro 갱신"
has "who named none reads the company's" "$("$tend" -C w --user "Anna Vogel" today)" "Today"
has "--language wins" "$("$tend" -C w --user "Kim Minjun" --language en today)" "Renewal of Pro"
"$tend" -C w --user "Kim Minjun" report account "Acme Werke" --html page.html >log
has "his page is in it as well" "$(cat page.html)" '<html lang="ko">'
"$tend" -C w kpi refresh >log 2>&1
has "the reasons of health are in the language asked for" "$("$tend" -C w --language ko health explain '#1')" "가중치는"
has "and so are the words of a simulation" "$("$tend" -C w --language ko simulate --until +1d)" "모의실험"
fails "a language that tend lacks" 2 "$tend" -C w --language de today
equal "is refused" "--language: 'de' is not a language of tend; write en or ko" "$(cat said)"
printf '[tend]\nname = Here\nlanguage = ko\n' >w/tend.ini
has "[tend] language is that of who named none" "$("$tend" -C w --user "Anna Vogel" today)" "오늘 할 일"
sed -i 's/^language = ko$/language = en/' w/tend.ini

has "a manager's own list may be empty" "$("$tend" -C w --user "Seo Yuna" --language en today)" none
has "--team has that of those who report to her" "$("$tend" -C w --user "Seo Yuna" --language en today --team)" "Renewal of Pro"
fails "--team without a manager" 2 "$tend" -C w today --team
equal "asks whose" "tend today --team: whose team? write --user MANAGER" "$(cat said)"

has "the book of all" "$("$tend" -C w report portfolio)" "1,500.00 USD"
has "the book of one" "$("$tend" -C w report portfolio --owner "Anna Vogel" | grep 'recurring a year  ')" " 500.00 USD"

has "a day to come is called so" "$("$tend" -C w --as-of 2030-01-01 report portfolio)" "2030-01-01 is a day to come"
has "in JSON, too" "$("$tend" -C w --json --as-of 2030-01-01 list account)" "2030-01-01 is a day to come"
hasnt "today is not" "$("$tend" -C w --as-of 2026-03-02 list account)" "a day to come"
printf '[kpi]\npublish = arr\n' >>w/tend.ini
"$tend" -C w kpi refresh --all >log 2>&1
has "KPIs are fields of a list" "$("$tend" -C w --csv list account --fields name,arr,health --sort -arr | head -n 2)" "Acme Werke,1000.00,USD,"
has "and an order" "$("$tend" -C w --csv list account --fields name --sort arr | sed -n 2p)" "Beta Werke"
fails "what is neither a field nor a KPI" 2 "$tend" -C w list account --fields name,arrr
equal "is refused" "--fields: accounts have no field arrr; see tend list accounts --fields all" "$(cat said)"
has "a limit says how many there are" "$("$tend" -C w list account --limit 1)" "1 of 2 shown; --limit shows more."
hasnt "and nothing when all are shown" "$("$tend" -C w list account --limit 2)" "shown"

fails "a part of a name" 2 "$tend" -C w account show Werke
equal "is met with the names that have it" "no account is called 'Werke'; did you mean #1 Acme Werke, #2 Beta Werke?" "$(cat said)"
fails "a field that is not there" 2 "$tend" -C w user set "Anna Vogel" zzzzzzzz=1
equal "is refused with a command that is" "zzzzzzzz: no such field of users; see tend list users --fields all" "$(cat said)"
"$tend" -C w log note "Acme Werke" 'Ask @"Anna Vogel" please' >log 2>&1
has "a name of several words is told" "$("$tend" -C w --user "Anna Vogel" today)" "Ask @"
finish
