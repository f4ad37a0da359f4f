#!/bin/sh
# What `cmake --install` puts in place works by itself, wherever the prefix is, and is enough to build a plugin outside the tree.
. "$(dirname "$0")/lib.sh"

prefix="$work/a prefix"
DESTDIR="$work/staged" cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1 ||
    fail "cmake --install succeeds" "$(tail -n 20 "$work/log")"
equal "everything goes below the prefix" "" "$(find "$work/staged" -type f ! -path "$work/staged$prefix/*")"
mv "$work/staged$prefix" "$prefix"
installed="$prefix/bin/tend"

for file in bin/tend libexec/tend/tend-host libexec/tend/tend-sandbox include/tend/plugin.h include/tend/status.h \
    include/tend/value.h lib/tend/plugins/connector_csv.so lib/tend/plugins/kpi_retention.so share/tend/starter.ini share/tend/template/kpi/example.c \
    share/tend/mappings/ravenstack.ini share/tend/calendars/kr.ini share/tend/playbooks/commercial/renewal.lua share/man/man1/tend.1 \
    share/bash-completion/completions/tend share/zsh/site-functions/_tend share/fish/vendor_completions.d/tend.fish \
    lib/systemd/system/tend.service lib/systemd/system/tend-backup.service \
    lib/systemd/system/tend-backup.timer etc/tend/tend.ini.example lib/sysusers.d/tend.conf share/doc/tend/README.md share/doc/tend/LICENSE; do
    [ -e "$prefix/$file" ] || missing="${missing:-} $file"
done
equal "programs, headers, plugins, data, units, manual and completion are installed" "" "${missing:-}"
broken=
for link in $(grep -o '](\([^)#]*\))' "$prefix/share/doc/tend/README.md" | tr -d '](' | tr -d ')'); do
    [ -e "$prefix/share/doc/tend/$link" ] || broken="$broken $link"
done
equal "what its README links to is beside it" "" "$broken"
DESTDIR="$work/packaged" cmake --install "$build" --prefix /usr >"$work/log" 2>&1
ok "a package has its settings in /etc" test -e "$work/packaged/etc/tend/tend.ini.example"
ok "and its examples" test -e "$work/packaged/etc/tend/tend.d/mail.ini.example"
ok "and nothing in /usr/etc" test ! -e "$work/packaged/usr/etc"
has "the unit starts the program of this prefix" "$(cat "$prefix/lib/systemd/system/tend.service")" "ExecStart=$prefix/bin/tend "
if command -v systemd-analyze >/dev/null; then # the engine's helpers give up their rights before they run anything
    expand() { # the system calls of sets and names
        for word; do
            case $word in
            @*) expand $(systemd-analyze syscall-filter "$word" | sed -n 's/^  *\([@a-z_0-9-]*\)$/\1/p') ;;
            *) echo "$word" ;;
            esac
        done
    }
    may=$(expand @default $(sed -n 's/^SystemCallFilter=//p' "$prefix/lib/systemd/system/tend.service"))
    for call in seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self prctl memfd_create prlimit64 socketpair; do
        echo "$may" | grep -qx "$call" || denied="${denied:-} $call"
    done
    equal "the unit allows what helpers confine themselves with" "" "${denied:-}"
else
    skip "the unit's system calls" "systemd-analyze is not there"
fi
if command -v man >/dev/null; then
    equal "the manual formats without a warning" "" "$(man --warnings -l "$prefix/share/man/man1/tend.1" 2>&1 >/dev/null)"
fi
ok "the completion is valid bash" bash -n "$prefix/share/bash-completion/completions/tend"

mkdir "$work/outside"
cd "$work/outside" || exit 1
ok "init works from the prefix" "$installed" -C w init
# The KPI of the README, as it stands there.
sed -n '/^```c$/,/^```$/p' "$source/README.md" | grep -v '^```' >seats.c
cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(seats LANGUAGES C)
find_package(tend 0.1 REQUIRED)
add_library(kpi_seats MODULE seats.c)
target_link_libraries(kpi_seats PRIVATE tend::plugin)
set_target_properties(kpi_seats PROPERTIES PREFIX "")
file(WRITE ${CMAKE_BINARY_DIR}/folder "${tend_PLUGIN_FOLDER}")
CMAKE
ok "find_package(tend) builds a plugin outside the tree" \
    sh -c "cmake -S . -B by_cmake -G Ninja '-DCMAKE_PREFIX_PATH=$prefix' && cmake --build by_cmake"
equal "and names the folder of the plugins" "$prefix/lib/tend/plugins" "$(cat by_cmake/folder)"
mkdir by_pkg_config
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
ok "pkg-config tend builds the same plugin" \
    sh -c 'eval "cc -std=c11 -Wall -Wextra -Werror -fPIC -shared $(pkg-config --cflags tend) seats.c -o by_pkg_config/kpi_seats.so"'
for way in by_cmake by_pkg_config; do
    listed=$(TEND_PLUGIN_PATH="$work/outside/$way" "$installed" -C w --csv plugin list | grep '^seats,')
    has "the engine lists it ($way)" "$listed" "seats,1.0.0,kpi"
    has "and would use it ($way)" "$listed" ",yes,"
    ok "and it keeps the rules of its kind ($way)" "$installed" plugin check "./$way/kpi_seats.so"
done
listed=$("$installed" -C w --csv plugin list)
has "the plugins of the prefix are found" "$listed" "$prefix/bin/../lib/tend/plugins/connector_csv.so"
finish
