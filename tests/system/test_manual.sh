#!/bin/sh
# Help, manual and completion know every command and every option: all are printed from one table.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

"$tend" man >tend.1
"$tend" --help | sed -n 's/^  \([a-z][a-z ]*[a-z]\)   *[^ ].*/\1/p' >commands
ok "help lists commands" test "$(wc -l <commands)" -gt 80
while read -r command; do
    plain=$(echo "$command" | sed 's/-/\\\\-/g')
    grep -q "^\.SS tend $plain\( \\\\fR.*\)\{0,1\}$" tend.1 || missing="${missing:-} [$command]"
    "$tend" $command --help | sed -n 's/^  --\([a-z-]*\).*/\1/p' >options
    while read -r option; do
        grep -qF -- "\\fB\\-\\-$(echo "$option" | sed 's/-/\\-/g')\\fR" tend.1 || missing="${missing:-} [$command --$option]"
    done <options
done <commands
equal "each is in the manual, with its options" "" "${missing:-}"
if command -v man >/dev/null; then
    equal "which formats without a warning" "" "$(man --warnings -l tend.1 2>&1 >/dev/null)"
    has "a command and what it takes stand on one line" "$(MANWIDTH=100 man -l tend.1 | col -b)" "tend list KIND"
fi
for section in ENVIRONMENT FILES "EXIT STATUS"; do has "it has $section" "$(cat tend.1)" ".SH $section"; done

"$tend" completion bash >bash
"$tend" completion fish >fish
"$tend" completion zsh >zsh
ok "the completion is valid bash" bash -n bash
cat >ask <<'E'
. ./bash
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tend
printf '%s\n' "${COMPREPLY[@]}"
E
offered() { bash ask tend "$@" | sort | tr '\n' ' ' | sed 's/ $//'; }
missing=
while read -r command; do
    set -- $command
    case $# in
    1) bash ask tend "$1" | grep -qx -- "$1" || missing="$missing [$command]" ;;
    *) bash ask tend "$1" "$2" | grep -qx -- "$2" || missing="$missing [$command]" ;;
    esac
    for word; do grep -q -- "-a '$word'" fish || missing="$missing [fish: $command]"; done
    "$tend" $command --help | sed -n 's/^  --\([a-z-]*\).*/\1/p' >options
    while read -r option; do
        bash ask tend $command "--$option" | grep -qx -- "--$option" || missing="$missing [$command --$option]"
        grep -q -- "-l $option " fish || missing="$missing [fish: $command --$option]"
    done <options
done <commands
equal "bash and fish offer each command and its options" "" "$missing"
equal "no word twice" "" "$(bash ask tend "" | sort | uniq -d)"
equal "behind -C FOLDER as well" "decline" "$(offered -C w decl)"
equal "and behind options with a value" "show" "$(offered --as-of 2026-01-01 --json account sh)"
equal "options are those of the command" "--limit" "$(offered today --lim)"
equal "and of no other" "" "$(bash ask tend today --where | grep -x -- --where)"
touch a.csv
equal "files where no word fits" "a.csv" "$(offered import --mapping x a.)"
fails "a shell it does not know" 2 "$tend" completion tcsh
finish
