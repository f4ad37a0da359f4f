#!/bin/sh
# From nothing to a plugin that is used: install, plugin new, cmake, plugin check, and the engine lists it.
. "$(dirname "$0")/lib.sh"

prefix="$work/prefix"
cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || fail "cmake --install succeeds" "$(tail -n 20 "$work/log")"
installed="$prefix/bin/tend"
cd "$work" || exit 1
ok "init works from the prefix" "$installed" -C w init

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
has "and in JSON" "$("$installed" -C w --json plugin show my_sink)" '"key":"folder"'
printf '\n[plugin.my_sink]\ngrant = files\n' >>w/tend.ini
equal "granted, it is used" usable "$("$installed" -C w --csv plugin list | grep '^my_sink,' | sed 's/.*,//')"
has "the KPI is among those that can be shown" "$("$installed" -C w --csv kpi list)" "my_kpi,"

# The same connector, broken: it forgets to return what record() returns.
sed -i 's/^    return out->record(out, cells, count, number, TEND_NO_TIME);/    (void)out->record(out, cells, count, number, TEND_NO_TIME);\n    return TEND_OK;/
s/(request->limit == 0 || records < request->limit) && //' my_connector/my_connector.c
ok "the broken connector builds" cmake --build my_connector/build
fails "plugin check fails it" 1 "$installed" plugin check my_connector/build/connector_my_connector.so path=my_connector/my_connector.tsv
has "with the reason" "$(cat "$work/out")" "return what record() returns, at once"

fails "a name that is taken is refused" 1 "$installed" plugin new kpi retention
fails "a file that is no plugin is refused" 1 "$installed" plugin check "$installed"
finish
