# lib.sh: claims about the programs, one line each. A test script begins with
#
#     . "$(dirname "$0")/lib.sh"
#
# and ends with `finish`. It gets a folder of its own in $work, removed at the end, and $tend, the program under test. Claims:
#
#     ok "what must be true" COMMAND…                    the command succeeds
#     fails "…" STATUS COMMAND…                          it ends with this status; what it said on stderr is in $work/said
#     equal "…" WANTED GOT       has "…" TEXT PART       hasnt "…" TEXT PART       files_equal "…" FILE FILE
#     skip "what" "why"                                  said and counted, never silent
set -u
tests=$(cd "$(dirname "$0")/.." && pwd)
source=${TEND_SOURCE:-$(cd "$tests/.." && pwd)}
build=${TEND_BUILD:-$source/build/release}
tend=${TEND_BIN:-$build/bin/tend}
shared=${TEND_SHARED:-$source/../shared}
[ -d "$shared" ] || shared=$source/../../shared # a worktree stands one folder deeper than a clone
work=$(mktemp -d "${TMPDIR:-/tmp}/tend-test.XXXXXX")
export LC_ALL=C.UTF-8
unset TEND_WORKSPACE
passed=0 failed=0 skipped=0

leave() {
    for child in $children; do kill -KILL "$child" 2>/dev/null; done
    chmod -R u+w "$work" 2>/dev/null
    rm -rf "$work"
}
children=
trap leave EXIT
trap 'exit 1' INT TERM HUP

pass() {
    passed=$((passed + 1))
    echo "ok: $1"
}

fail() { # CLAIM DETAIL…
    failed=$((failed + 1))
    echo "FAILED: $1"
    shift
    for detail in "$@"; do printf '%s\n' "$detail" | head -c 4000 | sed 's/^/    /'; done
}

skip() {
    skipped=$((skipped + 1))
    echo "not tried: $1: $2"
}

ok() {
    claim=$1
    shift
    if "$@" >"$work/out" 2>"$work/said"; then
        pass "$claim"
    else
        fail "$claim" "status $? of: $*" "$(tail -n 30 "$work/said")" "$(tail -n 30 "$work/out")"
        return 1
    fi
}

fails() {
    claim=$1 wanted=$2 status=0
    shift 2
    "$@" >"$work/out" 2>"$work/said" || status=$?
    if [ "$status" = "$wanted" ]; then
        pass "$claim"
    else
        fail "$claim" "status $status instead of $wanted of: $*" "$(cat "$work/said")"
    fi
}

equal() {
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted: $2" "got:    $3"; fi
}

has() {
    case $2 in
    *"$3"*) pass "$1" ;;
    *) fail "$1" "looked for: $3" "in: $2" ;;
    esac
}

hasnt() {
    case $2 in
    *"$3"*) fail "$1" "found: $3" "in: $2" ;;
    *) pass "$1" ;;
    esac
}

files_equal() {
    if cmp -s "$2" "$3"; then pass "$1"; else fail "$1" "$(diff "$2" "$3" | head -n 20)"; fi
}

# until_true SECONDS COMMAND…: asks again every 50 ms until the command succeeds.
until_true() {
    turns=$(($1 * 20))
    shift
    while [ "$turns" -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        turns=$((turns - 1))
        sleep 0.05
    done
    return 1
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
    exit $?
}

# sample FOLDER: the sample company, imported, computed, and what is due done.
sample() {
    "$tend" -C "$1" init --sample >"$work/log" 2>&1 &&
        "$tend" -C "$1" import --mapping sample "$1/sample" >>"$work/log" 2>&1 &&
        "$tend" -C "$1" kpi refresh >>"$work/log" 2>&1 && "$tend" -C "$1" once >>"$work/log" 2>&1 && return 0
    fail "the sample company is made" "$(tail -n 20 "$work/log")"
    finish
}

# sql FOLDER QUERY: asked of the file itself, not of the program.
sql() {
    sqlite3 -readonly -batch "$1/tend.db" "$2"
}

# dump FOLDER: the store's logical content; twice the same text when nothing was written in between.
dump() {
    sqlite3 -readonly "$1/tend.db" .dump
}
