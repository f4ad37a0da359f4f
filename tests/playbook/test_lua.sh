#!/bin/sh
# The tests in Lua of every playbook that ships, each a claim; at least 90 % of the branches of every script are gone.
set -u
source=${TEND_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
tend=${TEND_BIN:-$source/build/release/bin/tend}
cd "$source" || exit 1
said=$("$tend" playbook test scripts --format tap --coverage-at-least 90 2>&1)
status=$?
printf '%s\n' "$said" | grep -v '^ok '
passed=$(printf '%s\n' "$said" | grep -c '^ok ')
failed=$(printf '%s\n' "$said" | grep -c '^not ok ')
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
for script in scripts/playbooks/*/*.lua; do
    case $script in *_test.lua) continue ;; esac
    [ -f "${script%.lua}_test.lua" ] || { echo "$script has no test"; failed=$((failed + 1)); }
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
