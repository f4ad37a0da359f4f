#!/bin/sh
# Annotations for editors: they name what there is, all of it.
. "$(dirname "$0")/../system/lib.sh"
cd "$work" || exit 1
types=$source/scripts/types
ok "fields are written without a workspace" "$tend" playbook types
files_equal "what ships is what is written" "$work/out" "$types/fields.lua"
for verb in $(sed -n 's/.*{ "\([a-z_]*\)", VERB_[A-Z]*.*/\1/p; s/.*}, *{ "\([a-z_]*\)", VERB_.*/\1/p' "$source/core/sandbox/run.c" | sort -u); do
    grep -q "^function run:$verb(" "$types/tend.lua" || echo "run:$verb"
done >missing
equal "every verb of a playbook is there" "" "$(cat missing)"
ok "there are verbs" grep -q "^function run:wait(" "$types/tend.lua"
for verb in $(sed -n '/^} verbs\[\] = {/,/^};/p' "$source/core/engine/pretend.c" | grep -o '{ "[a-z_]*"' | tr -d '{ "'); do
    grep -q "^function world:$verb(" "$types/test.lua" || echo "world:$verb"
done >missing
equal "every verb of a test is there" "" "$(cat missing)"
for noun in run step event message mail decision; do
    grep -q "^function world:expect_$noun(" "$types/test.lua" && grep -q "^function world:expect_no_$noun(" "$types/test.lua" || echo $noun
done >missing
equal "every expectation is there" "" "$(cat missing)"
mkdir w
printf '[field.contract.x_code]\ntype = text\nchoices = a b\nhelp = our own code\n' >w/tend.ini
"$tend" -C w playbook types >own.lua
has "a workspace's own fields are among them" "$(cat own.lua)" '---@field x_code? "a"|"b" our own code'
if command -v luac5.4 >/dev/null; then
    for file in tend test fields; do ok "$file.lua is Lua" luac5.4 -p "$types/$file.lua"; done
else
    skip "they are Lua" "there is no luac5.4"
fi
if command -v luacheck >/dev/null; then
    ok "luacheck finds nothing in what ships" luacheck -q --config "$types/luacheckrc" "$source/scripts/playbooks" "$source/scripts/lib"
    printf 'local now = os.time()\nreturn playbook { name = "x", at = now, other = tset }\n' >bad.lua
    fails "what the sandbox does not have is found" 1 luacheck --no-color --config "$types/luacheckrc" bad.lua
    has "by name" "$(cat "$work/out")" "accessing undefined variable 'tset'"
else
    skip "luacheck reads its standard" "there is no luacheck"
fi
finish
