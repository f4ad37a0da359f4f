# imports.sh: the part of run that imports the companies: first, again, and with some of them changed. Later parts go on with its
# workspace.
say "writing $accounts accounts"
"$build/tests/bench/bench_accounts" "$work/first" "$accounts"
"$build/tests/bench/bench_accounts" "$work/again" "$accounts" --again
"$build/tests/bench/bench_accounts" "$work/changed" "$accounts" --again --changed 10

# A disk and a machine that is shared have good and bad seconds: five pairs, of which the middle one counts, up to this size.
[ "$accounts" -le 200000 ] && pairs="1 2 3 4 5" || pairs=1
for pair in $pairs; do
    say "first import of $rows rows, $pair"
    rm -rf "$work/workspace" "$work"/bare.db*
    mkdir "$work/workspace"
    "$tend" -C "$work/workspace" init >/dev/null
    bare "bare_first.$pair" "$work/first"
    import "first.$pair" "$work/first" created watched
    echo "$(ratio "$(figure "bare_first.$pair" 1)" "$(figure "first.$pair" 1)") $pair" >>"$work/pairs"
done
first_ratios=$(sort -n "$work/pairs" | cut -d ' ' -f 1 | tr '\n' ' ')
middle=$(sort -n "$work/pairs" | sed -n "$(($(wc -l <"$work/pairs") / 2 + 1))s/.* //p")
for what in bare_first first; do
    mv "$work/$what.$middle.time" "$work/$what.time"
done
report "first import" "$rows" "$(bytes_of "$work"/first/*.csv)" first bare_first 0.7 \
    "$(bytes_of "$work"/workspace/tend.db*)" "$(bytes_of "$work"/bare.db*)" 1.6

say "the same rows again"
bare bare_again "$work/again"
import again "$work/again" unchanged
report "again, nothing changed" "$rows" "$(bytes_of "$work"/again/*.csv)" again bare_again 10
if command -v npm >/dev/null && command -v node >/dev/null; then
    cp -r "$here/duckdb" "$work/duckdb"
    if (cd "$work/duckdb" && npm install --silent --no-audit --no-fund >/dev/null 2>&1) &&
        timed duckdb node "$work/duckdb/again.mjs" "$work/first" "$work/again"; then
        read -r compared took anti_join <"$work/duckdb.out"
        awk -v rows="$rows" -v ours="$(figure again 1)" -v base="$took" 'BEGIN {
            printf "%-26s %10s %9s  %12s %12s  %8s  %s\n", "  beside an anti-join", rows, "", sprintf("%.0f/s", rows / ours * 1e3),
                sprintf("%.0f/s", rows / base * 1e3), sprintf("%.2f", base / ours), "at least 2" }' >>"$work/table"
    else
        echo "tests/bench/run: DuckDB is left out, npm could not fetch it" >&2
    fi
else
    echo "tests/bench/run: DuckDB is left out, there is no npm" >&2
fi
import memory "$work/first" unchanged watched
for what in first memory; do
    [ "$what" = first ] && title="memory, first import" || title="memory, the same again"
    awk -v what="$title" -v bytes="$(bytes_of "$work"/first/*.csv)" -v kib="$(figure "$what" 4)" 'BEGIN {
        printf "%-26s %10s %9s  %12s %12s  %8s  %s\n", what, "", sprintf("%.1f", bytes / 1e6), sprintf("%.1f MiB", kib / 1024),
            "64 MiB", sprintf("%.2f", kib / 65536), "at most 1, 1000 MB read" }' >>"$work/table"
done

say "again, 1% changed"
bare bare_changed "$work/changed"
import changed "$work/changed" read
report "again, 1% changed" "$rows" "$(bytes_of "$work"/changed/*.csv)" changed bare_changed 5
