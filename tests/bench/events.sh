# events.sh: the part of run that gives the work of the bus to bare SQLite, a Redis stream and a NATS JetStream as well.
#
# Servers that do the same as the bus: each in a folder of its own, on a socket or port of its own, gone at the end.
stop_servers() {
    [ -z "$servers" ] || { kill $servers && wait $servers; } 2>/dev/null || :
    servers=
}
PATH=$PATH:/usr/sbin:/sbin
others="" skipped=""
await() { # FILE, or a socket: there within ten seconds
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ ! -e "$1" ] || return 0
        sleep 0.5
    done
    return 1
}
start_redis() {
    command -v redis-server >/dev/null || { skipped="$skipped; redis-server is not installed"; return 0; }
    mkdir "$work/redis"
    redis-server --port 0 --unixsocket "$work/redis.sock" --dir "$work/redis" --appendonly yes --appendfsync always --save "" \
        >"$work/redis.log" 2>&1 &
    servers="$servers $!"
    await "$work/redis.sock" || { skipped="$skipped; redis-server did not start"; return 0; }
    others="$others redis $work/redis.sock"
    redis_version=$(redis-server --version | sed 's/.*v=\([^ ]*\).*/\1/')
}
# NAME FOLDER: a JetStream that keeps its files in FOLDER.
start_jetstream() {
    mkdir "$work/$1.ports"
    nats-server -a 127.0.0.1 -p -1 -js -sd "$2" --ports_file_dir "$work/$1.ports" >"$work/$1.log" 2>&1 &
    servers="$servers $!"
    await "$work/$1.ports/nats-server_$!.ports" || { skipped="$skipped; nats-server did not start"; return 0; }
    others="$others $1 $(sed 's/.*nats:\/\/127.0.0.1:\([0-9]*\).*/\1/' "$work/$1.ports/nats-server_$!.ports")"
}
start_nats() {
    command -v nats-server >/dev/null || { skipped="$skipped; nats-server is not installed"; return 0; }
    nats_version=$(nats-server --version | sed 's/.*v//')
    mkdir "$work/nats" "$work/nats_synced"
    start_jetstream jetstream_as_it_comes "$work/nats"
    # Older servers do not know sync_interval: always; a folder whose files are written through does the same for all.
    if chattr +S "$work/nats_synced" 2>/dev/null; then
        start_jetstream jetstream "$work/nats_synced"
    else
        skipped="$skipped; this file system cannot write through (chattr +S), which JetStream needs to be compared"
    fi
}

say "events"
mkdir "$work/bus"
redis_version= nats_version=
start_redis
start_nats
timed bus "$build/tests/bench/bench_bus" "$work/bus" 500 $others
stop_servers
told() { awk -v name="$1" -v field="$2" '$1 == name { print $field }' "$work/bus.out"; }
# told_beside WHAT OURS OTHER TARGET
told_beside() {
    [ -z "$(told "$3" 3)" ] || beside "$1" "$(told "$2" 2)" "$(told "$2" 3)/s" "$(told "$3" 3)/s" "$(ratio "$(told "$2" 3)" "$(told "$3" 3)")" "$4"
}
told_beside "events: bare SQLite" ours bare -
beside "  MB on disk" "" "$(ratio "$(told ours 4)" 1000000)" "$(ratio "$(told bare 4)" 1000000)" "$(ratio "$(told ours 4)" "$(told bare 4)")" "-"
told_beside "  Redis $redis_version" ours redis "at least 2"
told_beside "  Redis, one pipeline" ours_together redis_together "-"
told_beside "  JetStream $nats_version" ours jetstream "at least 5"
told_beside "  JetStream, no fsync" ours jetstream_as_it_comes "-"
[ -z "$skipped" ] || echo "  events: left out: ${skipped#; }" >>"$work/table"

events_words() {
    echo "Events: batches of 100, told with a durable commit, read, and the reader's position advanced; each waits for the other. Ours and"
    echo "the position: in one transaction with the reader's work, on the disk with the next batch, for after a power cut both are done"
    echo "again or neither. Bare SQLite waits for both. Redis: MULTI, XADD, EXEC; XREADGROUP; XACK; appendonly yes, appendfsync always,"
    echo "over a socket. One pipeline: all of a round in one write, beside our publishing and advancing in one transaction. JetStream: 100"
    echo "PUB at once with their acknowledgements, a pull of 100, one confirmed acknowledgement (ack_policy all); file store on a folder"
    echo "that is written through, as sync_interval: always does it; and as it comes, where nothing of it waits for the disk. Ours runs in"
    echo "the program that asks; the others are servers on the same machine. They take turns of 20 batches, ours and SQLite with a log"
    echo "that has reached its size."
}
