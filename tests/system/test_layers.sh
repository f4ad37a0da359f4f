#!/bin/sh
# The tree is a line: what a file includes, and what it calls, stands to its left. And the proof that this test can fail.
. "$(dirname "$0")/lib.sh"

# base ← config, store ← bus ← model ← plugin ← [ sync | kpi | price | outbox ] ← playbook ← query ← engine ← cli; host, sandbox and sign are
# programs that know base only.
below() {
    case $1 in
    base) ;;
    config | store | host | sandbox | sign) echo base ;;
    bus) echo base store ;;
    model) echo base store config bus ;;
    plugin) echo base store config bus model ;;
    sync | kpi | price | outbox) echo base store config bus model plugin ;;
    playbook) echo base store config bus model plugin sync kpi price outbox ;;
    query) echo base store config bus model plugin sync kpi price outbox playbook ;;
    engine) echo base store config bus model plugin sync kpi price outbox playbook query ;;
    cli) echo base store config bus model plugin sync kpi price outbox playbook query engine ;;
    *) echo unknown ;;
    esac
}

# Every include that points upward, sideways, or at somebody else's library.
scan() { # TREE
    (
        cd "$1" || exit 1
        for folder in core/*/; do
            layer=$(basename "$folder")
            allowed=$(below "$layer")
            [ "$allowed" != unknown ] || echo "core/$layer: a layer that this test does not know"
            grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[a-z]+/' "core/$layer" |
                sed -E 's/^([^:]*):([0-9]+):.*include[[:space:]]*"([a-z]+)\/([^"]*)".*/\1 \2 \3 \4/' |
                while read -r file line named rest; do
                    case " $layer $allowed " in
                    *" $named "*) ;;
                    *) echo "$file:$line: $layer includes $named/$rest, which does not stand to its left" ;;
                    esac
                done
        done
        only() { # HEADER FOLDER [FOLDER of the tests that may too]
            grep -rnE --include='*.[ch]' "include[[:space:]]*[<\"]([a-z0-9.]+/)?$1[>\"]" core plugins include ${3:+tests} |
                grep -vE "^($2${3:+|$3})/" | sed "s#\$# (only in $2${3:+ and $3})#"
        }
        only 'sqlite3\.h' core/store/sqlite "tests/(durability|bench)" # a VFS of SQLite that fails; a bare loop to compare with
        only 'ini\.h' core/config
        only 'dlfcn\.h' core/host
        only '(lua|lauxlib|lualib)\.h' core/sandbox
        only 'sodium\.h' core/sign
        # A plugin names system headers, <tend/…>, and files of its own folder.
        grep -rnE --include='*.[ch]' 'include[[:space:]]*"[^"]*/' plugins | sed 's/$/ (a plugin includes <tend\/plugin.h> and its own files)/'
        # The installed headers need nothing that is not installed.
        grep -rnE 'include[[:space:]]*"' include | sed 's/$/ (an installed header)/'
    )
}

link() { # TREE TARGET
    cmake -S "$1" -B "$1.build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O0 -DTEND_TESTS=OFF \
        -DCMAKE_C_COMPILER_LAUNCHER="${TEND_COMPILER_LAUNCHER:-}" >"$work/log" 2>&1 &&
        cmake --build "$1.build" --target "$2" >>"$work/log" 2>&1
}

mkdir "$work/tree"
(cd "$source" && cp -R CMakeLists.txt cmake core plugins include tests "$work/tree/")
for more in etc scripts; do [ ! -d "$source/$more" ] || cp -R "$source/$more" "$work/tree/"; done

equal "every include stands to the left" "" "$(scan "$work/tree")"
if link "$work/tree" layers; then
    pass "every layer links with what stands to its left, and nothing else"
else
    fail "every layer links with what stands to its left, and nothing else" \
        "$(grep -E 'undefined|error|Error' "$work/log" | head -n 20)"
fi

printf '%s\n' '#include "base/arena.h"' '#include "store/store.h"' 'void tend_upward(tend_store *store);' \
    'void tend_upward(tend_store *store) { tend_store_close(store); }' >"$work/tree/core/base/upward.c"
has "an upward include is named with file and line" "$(scan "$work/tree")" \
    "core/base/upward.c:2: base includes store/store.h, which does not stand to its left"
if link "$work/tree" layer_base; then
    fail "an upward call does not link"
else
    has "an upward call does not link" "$(cat "$work/log")" "undefined reference to \`tend_store_close'"
fi
rm "$work/tree/core/base/upward.c"

printf '#include "kpi/kpi.h"\n' >"$work/tree/core/sync/sideways.c"
has "a sideways include is named" "$(scan "$work/tree")" "core/sync/sideways.c:1: sync includes kpi/kpi.h"
rm "$work/tree/core/sync/sideways.c"
printf '#include <sqlite3.h>\n' >"$work/tree/core/model/stranger.c"
has "sqlite3.h outside store/sqlite is named" "$(scan "$work/tree")" "core/model/stranger.c:1"
rm "$work/tree/core/model/stranger.c"
printf '#include <sqlite3.h>\n' >"$work/tree/tests/unit/store/stranger.c"
has "sqlite3.h in other tests is named" "$(scan "$work/tree")" "tests/unit/store/stranger.c:1"
rm "$work/tree/tests/unit/store/stranger.c"
printf '#include "base/json.h"\n' >"$work/tree/plugins/connector/csv/greedy.c"
has "a plugin that includes core is named" "$(scan "$work/tree")" "plugins/connector/csv/greedy.c:1"
finish
