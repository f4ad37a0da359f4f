# duckdb.sh: DuckDB for the benchmarks, from the npm registry, into the folder of the build. Sets $duckdb to the folder of its scripts, or
# to nothing and $duckdb_missing to the reason.
duckdb=
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    duckdb_missing="node and npm are not installed"
else
    mkdir -p "$build/tests/bench/duckdb"
    cp "$here"/duckdb/* "$build/tests/bench/duckdb/"
    if [ -d "$build/tests/bench/duckdb/node_modules/@duckdb" ] ||
        (cd "$build/tests/bench/duckdb" && npm install --no-audit --no-fund >npm.log 2>&1); then
        duckdb=$build/tests/bench/duckdb
    else
        duckdb_missing="npm could not install @duckdb/node-api; see $build/tests/bench/duckdb/npm.log"
    fi
fi
