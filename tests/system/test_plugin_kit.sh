#!/bin/sh
# From nothing to a plugin that is used: install, plugin new, cmake, plugin check, and the engine lists it.
. "$(dirname "$0")/lib.sh"

prefix="$work/prefix"
cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || fail "cmake --install succeeds" "$(tail -n 20 "$work/log")"
installed="$prefix/bin/tend"
cd "$work" || exit 1
ok "init works from the prefix" "$installed" -C w init

# Only what somebody we trust has signed: those that came with tend are signed by whoever installs it.
if [ -x "$prefix/bin/tend-sign" ]; then
    cp -r w signed
    ok "a key is made" "$prefix/bin/tend-sign" keygen acme
    printf '\n[plugins]\nrequire_signature = yes\ntrusted_keys = %s\n' "$work/acme.pub" >>signed/tend.ini
    equal "nothing unsigned is usable" "" "$("$installed" -C signed --csv plugin list | grep ',usable$')"
    has "nor computed with, with the reason" "$("$installed" -C signed kpi list 2>&1)" \
        "plugin retention: not signed: there is no kpi_retention.so.manifest beside it"
    ok "all are signed" sh -c "'$prefix/bin/tend-sign' sign acme.key '$prefix'/lib*/tend/plugins/*.so"
    equal "and none is unsigned now" "" "$("$installed" -C signed --csv plugin list | grep -E ',(unsigned|untrusted)$')"
    ok "so that the same works" "$installed" -C signed kpi list
    has "the list says by whom" "$("$installed" -C signed --csv plugin list | grep '^retention,')" ",acme ("
    has "and doctor" "$("$installed" -C signed doctor)" "retention 1.0.0, signed by acme ("
    rm "$prefix"/lib*/tend/plugins/*.manifest "$prefix"/lib*/tend/plugins/*.sig
else
    skip "signed plugins" "tend-sign was not built, libsodium was not found"
fi

for kind in connector kpi price sink; do
    name="my_$kind"
    ok "plugin new $kind writes one" "$installed" plugin new $kind $name
    ok "it builds outside the tree with find_package(tend)" \
        sh -c "cmake -S $name -B $name/build -G Ninja '-DCMAKE_PREFIX_PATH=$prefix' -DCMAKE_C_FLAGS=-Werror && cmake --build $name/build"
    ok "its own test and plugin check pass" ctest --test-dir $name/build --output-on-failure
    ok "it is installed beside those of tend" cmake --install $name/build
    has "and the engine would use it, once its rights are granted" "$("$installed" -C w --csv plugin list | grep "^$name,")" \
        "$name,0.1.0,$kind"
done
has "a KPI needs no rights" "$("$installed" -C w --csv plugin list | grep '^my_kpi,')" ",yes,"
equal "a sink needs to be granted files" not_granted "$("$installed" -C w --csv plugin list | grep '^my_sink,' | sed 's/.*,//')"
has "its settings can be looked at before that" "$("$installed" -C w plugin show my_sink)" "where the messages go; it must exist"
has "and in JSON" "$("$installed" -C w --json plugin show my_sink)" '"key": "folder"'
printf '\n[plugin.my_sink]\ngrant = files\n' >>w/tend.ini
equal "granted, it is used" usable "$("$installed" -C w --csv plugin list | grep '^my_sink,' | sed 's/.*,//')"
has "the KPI is among those that can be shown" "$("$installed" -C w --csv kpi list)" "my_kpi,"

# One call by hand, as under a debugger.
host="$prefix/libexec/tend/tend-host"
equal "a pull by hand prints what comes" "columns id | name | city, key id
record of line 2: 1 | Acme | Seoul
ok" "$("$host" --by-hand my_connector/build/connector_my_connector.so path=my_connector/my_connector.tsv pull my_connector changes 1)"
equal "a KPI by hand prints values and parts" "account 1: 11/15
part 8/10 an answer
part 3/5 an answer
account 2: 0/0
ok" "$(printf '8 3 |\n10 5 |\n' | "$host" --by-hand my_kpi/build/kpi_my_kpi.so compute my_kpi)"
answers='nps nps |\n9 3 |\n0 0 |\n10 10 |\nhigh_is_good high_is_good |\n1717200000000 1738368000000 |\n' # June 2024, February 2025
equal "by hand 2024 is computed" "account 1: 100/1" \
    "$(printf "$answers" | "$host" --by-hand "$prefix"/lib*/tend/plugins/kpi_satisfaction.so compute nps | head -n 1)"
equal "or the days that are said" "account 1: -100/1" \
    "$(printf "$answers" | "$host" --by-hand "$prefix"/lib*/tend/plugins/kpi_satisfaction.so compute nps 2025-01-01 2025-12-31 | head -n 1)"
has "a period that is none is refused" "$(printf '|\n|\n' | "$host" --by-hand my_kpi/build/kpi_my_kpi.so compute my_kpi 2024-07-01 2024-06-30 2>&1)" \
    "compute: the period is two days, the earlier first; write them like 2024-01-01 2024-12-31"
fails "a call that fails by hand is exit status 1" 1 "$host" --by-hand my_connector/build/connector_my_connector.so path=/nowhere pull my_connector changes
if command -v valgrind >/dev/null; then
    ok "valgrind finds no fault in the template" valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        "$host" --by-hand my_connector/build/connector_my_connector.so path=my_connector/my_connector.tsv pull my_connector changes
else
    skip "the template under valgrind" "valgrind is not there"
fi

# What is wrong with a file that is none.
head -c 3000 my_kpi/build/kpi_my_kpi.so >cut.so
fails "a plugin that was cut short is found out before it is loaded" 1 "$installed" plugin show ./cut.so
has "and says so" "$(cat "$work/out")" "it is cut short: what it loads goes on behind its end; copy or build it anew"
printf '#include <tend/plugin.h>\nint nowhere(void);\nstatic void end(void *self) { (void)self; (void)nowhere(); }\n%s\n' \
    'TEND_PLUGIN(lost, "1", TEND_PROVIDES_SINK, TEND_NEEDS_NOTHING, .close = end)' >lost.c
cc -fPIC -shared "-I$prefix/include" lost.c -o lost.so
fails "one that lacks a function is broken" 1 "$installed" plugin show ./lost.so
has "which is named" "$(cat "$work/out")" "cannot be loaded: undefined symbol: nowhere"

# In C++, by every header.
if command -v g++ >/dev/null; then
    cat >cplus.cpp <<'END'
#include <tend/bands.h>
#include <tend/days.h>
#include <tend/plugin.h>
#include <tend/rules.h>
#include <string>

namespace {
std::string greeting;

tend_delivery deliver(void *, const tend_message *message, const char *, int64_t *, tend_error *reterr)
{
    greeting = std::string("to ") + message->to;
    if (greeting == "to nobody") {
        (void)tend_fail(reterr, TEND_EINVAL, "cplus: %s: nobody is there", greeting.c_str());
        return TEND_REFUSED;
    }
    return TEND_DELIVERED;
}

const tend_sink_ops sink = [] {
    tend_sink_ops ops{};
    ops.size = sizeof ops;
    ops.deliver = deliver;
    return ops;
}();
const tend_capability capabilities[] = { { TEND_SINK, "cplus", "a sink in C++", &sink }, {} };
}

TEND_PLUGIN(cplus, "1.0.0", TEND_PROVIDES_SINK, TEND_NEEDS_NOTHING, .summary = "A sink in C++", .capabilities = capabilities)
END
    for standard in c++11 c++17 c++20; do
        pedantic=-Wpedantic
        [ $standard = c++20 ] || pedantic= # members that are named are C++20
        ok "a plugin in $standard builds without a warning" g++ -std=$standard -Wall -Wextra $pedantic -Werror -fPIC -shared \
            -fvisibility=hidden "-I$prefix/include" cplus.cpp -o sink_cplus.so
        ok "and keeps the rules" "$installed" plugin check ./sink_cplus.so
    done
    equal "it is called like any other" ok "$("$host" --by-hand ./sink_cplus.so deliver cplus somebody k1 hello 2>&1 | tail -n 1)"
else
    skip "a plugin in C++" "g++ is not there"
fi

# The same connector, broken: it forgets to return what record() returns.
sed -i 's/^    return out->record(out, cells, count, number, TEND_NO_TIME);/    (void)out->record(out, cells, count, number, TEND_NO_TIME);\n    return TEND_OK;/
s/(request->limit == 0 || records < request->limit) && //' my_connector/my_connector.c
ok "the broken connector builds" cmake --build my_connector/build
fails "plugin check fails it" 1 "$installed" plugin check my_connector/build/connector_my_connector.so path=my_connector/my_connector.tsv
has "with the reason" "$(cat "$work/out")" "return that failure at once"

# A KPI that crashes: after a few times it is in quarantine, over restarts, until it is let out.
"$installed" plugin new kpi crasher >/dev/null
sed -i 's/^    const uint32_t \*starts = tend_column_starts(batch, SCORE);/&\n    __builtin_trap();/' crasher/crasher.c
cc -std=c11 -fPIC -shared "-I$prefix/include" crasher/crasher.c -o "$prefix/lib/tend/plugins/kpi_crasher.so"
printf '\n[plugins]\nquarantine_after = 2\n\n[kpi]\npublish = crasher\n' >>w/tend.ini
"$installed" -C w add account name=One >/dev/null
said=
for try in 1 2 3; do
    "$installed" -C w set account '#1' "industry=try $try" >/dev/null
    said="$said$("$installed" -C w kpi refresh 2>&1 | grep 'a plugin is in quarantine')"
done
equal "after two crashes the log says once that it is in quarantine" 1 "$(printf '%s\n' "$said" | grep -c quarantine)"
equal "the list says so, to another process" quarantined "$("$installed" -C w --csv plugin list | grep '^crasher,' | sed 's/.*,//')"
has "doctor says how to let it out" "$("$installed" -C w doctor)" "tend plugin release crasher"
ok "somebody lets it out" "$installed" -C w plugin release crasher
equal "and it is used again" usable "$("$installed" -C w --csv plugin list | grep '^crasher,' | sed 's/.*,//')"
fails "one that is in no quarantine cannot be let out" 2 "$installed" -C w plugin release my_kpi

fails "a name that is taken is refused" 2 "$installed" plugin new kpi retention
fails "a file that is no plugin is refused" 2 "$installed" plugin check "$installed"
finish
