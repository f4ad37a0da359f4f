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
finish
