#!/bin/sh
# Calendars as an administrator writes them and a person asks about them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/state.sh"
cd "$work" || exit 1
at "2026-02-12 01:00"
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"

ok "an account of a country" "$tend" -C w add account name=Acme country=USA
ok "and one of nowhere" "$tend" -C w add account name=Atlas country=Atlantis
has "without calendars a week has five days" "$("$tend" -C w calendar count 2026-02-12 3)" "2026-02-17"
has "a customer has the holidays of the country" "$("$tend" -C w calendar day 2026-02-16 Acme Atlas)" "Washington's Birthday"

cat >w/tend.d/calendars.ini <<'END'
[tend]
calendar = korea
[calendar.korea]
zone = Asia/Seoul
holidays = kr
teams = seoul
2026-02-13 = off moving house
[calendar.berlin]
zone = Europe/Berlin
holidays = house
[holidays.house]
title = our own
includes = de-be
2026-02-12 = Weiberfastnacht
END
ok "it is understood" "$tend" -C w config check
ok "colleagues name one" "$tend" -C w add user name=Anna calendar=berlin
ok "or work in a team that has one" "$tend" -C w add user name=Kim team=seoul
fails "one that is not there is refused" 2 "$tend" -C w set user Anna calendar=berlim
has "with the one that was meant" "$(cat said)" "user.calendar: there is no calendar 'berlim'; did you mean berlin?"

"$tend" -C w calendar show korea --from 2026-02-01 --to 2026-02-28 >days
has "a calendar shows its exceptions" "$(cat days)" "moving house"
"$tend" -C w calendar count 2026-02-12 3 >counted
has "days are counted by the company's" "$(cat counted)" "2026-02-23"
has "and say why they do not count" "$(cat counted)" "Lunar New Year (Seollal)"
"$tend" -C w calendar count 2026-02-12 3 --account Acme --for Anna >counted
has "of a colleague and a customer" "$(cat counted)" "2026-02-18"
has "each says for itself" "$(cat counted)" "us: Washington's Birthday"
has "back as well" "$("$tend" -C w calendar count -- 2026-02-23 -3)" "2026-02-12"
has "a Korean reads the names of the country" "$("$tend" -C w --language ko calendar day 2026-02-17)" "설날"
has "the lists there are" "$("$tend" -C w calendar list)" "de-by-augsburg"
has "one of them" "$("$tend" -C w calendar show gb-sct --from 2026-11-01)" "St Andrew's Day"
has "past the last year it says so" "$("$tend" -C w calendar count 2031-01-01 1)" "holidays are listed from 2020-01-01 to 2030-12-31"
fails "a slip is answered with the name" 2 "$tend" -C w calendar show koera
has "as everywhere" "$(cat said)" "there is no calendar 'koera'; did you mean korea?"
fails "both needs a customer" 2 "$tend" -C w calendar count 2026-02-12 3 --of both
has "and says how" "$(cat said)" "add --account ACCOUNT"

cp w/tend.d/calendars.ini kept.ini
sed -i 's/holidays = kr$/holidays = kx/; s/calendar = korea/calendar = koera/; s/^2026-02-13.*/2026-02-13 = closed/' w/tend.d/calendars.ini
fails "faults of calendars" 2 "$tend" -C w config check
has "are told together: the list" "$(cat said)" "calendars.ini:5: [calendar.korea] holidays: there is no list of holidays 'kx'; did you mean kr?"
has "the exception" "$(cat said)" "calendars.ini:7: [calendar.korea] 2026-02-13: 'closed' is no exception; write off, on, or hours as 09:00-13:00, then why"
has "the company's" "$(cat said)" "calendars.ini:2: [tend] calendar: there is no calendar 'koera'; did you mean korea?"
cp kept.ini w/tend.d/calendars.ini

cat >w/tend.d/sink.ini <<'END'
[plugin.jsonl]
grant = files
[sink.file]
plugin = jsonl
path = out.jsonl
send = mon-fri 08:00
END
fails "a window that is none" 2 "$tend" -C w config check
has "is refused with its line" "$(cat said)" "sink.ini:6: [sink.file] send: '08:00' is no span of hours; write one as 09:00-18:00"
finish
