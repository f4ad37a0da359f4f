# kpis.sh: the part of run that computes every KPI and the health of every account, beside DuckDB doing the same by SQL.
#
# Both start from data that stand ready: chunks of columns here, DuckDB's own tables there. Figures that differ end the run.
kpi_day=2024-06-30 kpi_times=20

# Lines "NAME NUMERATOR DENOMINATOR MARK"; scores of health are rounded at other places, so they may differ by a millionth an account.
same_figures() { # OURS THEIRS ACCOUNTS
    awk -v most="$3" 'NR == FNR { if (FNR > 1) theirs[$1] = $0; next }
        FNR == 1 { next }
        $1 == "health" { split(theirs[$1], h); off = $2 - h[2]; if (h[3] != $3 || off > most || -off > most) bad = bad "\n" $0 " | " theirs[$1]; n++; next }
        { if ($0 != theirs[$1]) bad = bad "\n" $0 " | " theirs[$1]; n++ }
        END { if (bad != "" || n < 20) { print "tests/bench/run: figures differ (ours | DuckDB):" bad > "/dev/stderr"; exit 1 } }' "$2" "$1"
}

printf '[kpi]\nreport_currency = EUR\n' >"$work/workspace/tend.d/currency.ini"
timed kpis "$build/bin/bench_kpi" "$work/workspace" $kpi_day $kpi_times
read -r kpi_build kpi_first kpi_ours kpi_ours_cpu kpi_changed kpi_rows <"$work/kpis.out"
kpi_bytes=$(bytes_of "$work"/workspace/columns/*)

. "$here/duckdb.sh"
if [ -n "$duckdb" ]; then
    timed kpis_duckdb node "$duckdb/kpi.js" "$work/changed" $kpi_day $kpi_times
    read -r kpi_version kpi_theirs kpi_theirs_cpu kpi_theirs_mb <"$work/kpis_duckdb.out"
    same_figures "$work/kpis.out" "$work/kpis_duckdb.out" "$accounts"
    kpi_target="at least 10"
else
    kpi_theirs=- kpi_theirs_cpu=- kpi_theirs_mb=-
    kpi_target="-"
fi
kpi_line() { # WHAT ROWS OURS THEIRS TARGET
    if [ "$4" = - ]; then beside "$1" "$2" "$3" - - -; else beside "$1" "$2" "$3" "$4" "$(ratio "${4% *}" "${3% *}")" "$5"; fi
}
kpi_ms() { if [ "$1" = - ]; then echo -; else echo "$1 ms"; fi; }
kpi_line "KPIs of all accounts" "$kpi_rows" "$kpi_ours ms" "$(kpi_ms "$kpi_theirs")" "$kpi_target"
kpi_line "  by processor" "" "$kpi_ours_cpu ms" "$(kpi_ms "$kpi_theirs_cpu")" "$kpi_target"
kpi_line "  after 1% changed" "" "$kpi_changed ms" "$(kpi_ms "$kpi_theirs")" "-"
kpi_line "  the first time" "" "$kpi_first ms" - -
kpi_line "  making the columns" "" "$kpi_build ms" - -
beside "  MB on disk" "" "$(ratio "$kpi_bytes" 1000000)" "$kpi_theirs_mb" "-" "-"

kpis_words() {
    echo "KPIs: the 24 of retention and satisfaction through tend-host, and the health of the default scorecard, one value for each account;"
    echo "the median of $kpi_times computations for the year up to $kpi_day, from kept columns; nothing that was computed before is used."
    echo "After 1% changed: one account of a hundred pays another amount. Largest resident memory: $(figure kpis 3) KiB."
    if [ -n "$duckdb" ]; then
        echo "Baseline: DuckDB $kpi_version with two threads, the same figures by one SQL statement over its own sorted tables into a table of one row for"
        echo "each account; both gave the same figures."
    else
        echo "Baseline: left out, for $duckdb_missing."
    fi
}
