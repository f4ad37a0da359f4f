#!/bin/sh
# What the documentation shows can be typed: every section of INI is understood, every command is one, every page is there.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

for page in "$source"/README.md "$source"/docs/*.md; do
    awk -v page="$(basename "$page" .md)" '/^```ini/ { open = 1; n++; next } /^```/ { open = 0 } open { print > (page "." n ".ini") }' "$page"
    grep -o '](\([^)#]*\)' "$page" | sed 's/^](//' | grep -v '^https\{0,1\}://' | while read -r link; do # what is outside cannot be asked
        [ -z "$link" ] || [ -e "$(dirname "$page")/$link" ] || echo "$(basename "$page"): $link"
    done
done >broken
equal "every link leads somewhere" "" "$(cat broken)"
count=0
for block in *.ini; do
    grep -q '^\[\(mapping\|stream\|fields\|values\)' "$block" && continue
    count=$((count + 1))
    rm -rf w
    "$tend" -C w init >log 2>&1
    mkdir -p w/tend.d
    cp "$block" w/tend.d/page.ini
    "$tend" -C w config check 2>said >out
    # What a page names need not be on this machine.
    grep -v 'there is no mapping\|cannot be read: No such file\|fault.* in what the configuration names' said | sed "s/^/$block: /" >>faults
done
ok "pages have sections" test "$count" -ge 5
equal "each is understood" "" "$(cat faults 2>/dev/null)"

# Lines of command blocks that begin with tend: the words are a command, the options are its own.
cat "$source"/README.md "$source"/docs/*.md | awk '/^```/ { open = open ? 0 : $0 == "```" ? 1 : 2; next } open == 1 || (!open && /^    tend /)' | grep -v '\$(' | sed -n 's/^ *\(sudo -u tend \)\{0,1\}tend /tend /p' >typed
ok "pages have commands" test "$(wc -l <typed)" -ge 15
while read -r line; do
    eval "set -- $(echo "$line" | sed 's/  *#.*//; s/[;|].*//; s/…//g')"
    shift
    while :; do
        case ${1:-} in
        -C) shift 2 ;;
        --json | --csv) shift ;;
        *) break ;;
        esac
    done
    [ $# -gt 0 ] || continue
    case ${2:-} in
    [a-z]*) second=$2 ;;
    *) second= ;;
    esac
    if "$tend" "$1" ${second:+"$second"} --help >help 2>/dev/null || "$tend" "$1" --help >help 2>/dev/null; then :; else echo "$line" >>unknown; fi
    for word; do
        case $word in
        --as-of | --known-at | --user | --language | --dry-run | --log | --help | --json | --csv) ;;
        --*) grep -q -- "^  ${word%%=*}\( \|$\)" help || echo "$line: $word" >>unknown ;;
        esac
    done
done <typed
equal "each is one" "" "$(cat unknown 2>/dev/null)"
finish
