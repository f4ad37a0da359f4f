#!/bin/sh
# A simulation acts on nothing: a year of the sample, with a sink and a connector that leave a mark and abort when they are called;
# on a private copy of a live workspace, and in place where the workspace was made with init --simulated.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
sample w

cat >tripwire.c <<'C'
/* tripwire: leaves a mark and aborts whenever it is asked to do its work. */
#include <fcntl.h>
#include <stdlib.h>
#include <tend/plugin.h>
#include <unistd.h>

static _Noreturn void called(void)
{
    int mark = open(MARK, O_WRONLY | O_CREAT | O_APPEND, 0644);

    if (mark >= 0 && write(mark, "called\n", 7) == 7)
        close(mark);
    abort();
}
static tend_delivery deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms, tend_error *reterr)
{
    (void)self, (void)message, (void)once_key, (void)ret_retry_ms, (void)reterr;
    called();
}
static tend_status streams(void *self, tend_status (*put)(void *out, const tend_stream *stream), void *out, tend_error *reterr)
{
    (void)self, (void)put, (void)out, (void)reterr;
    called();
}
static tend_status pull(void *self, const tend_pull *request, tend_record_out *out, tend_error *reterr)
{
    (void)self, (void)request, (void)out, (void)reterr;
    called();
}
static const tend_sink_ops sink = { .size = sizeof sink, .deliver = deliver };
static const tend_connector_ops connector = { .size = sizeof connector, .streams = streams, .pull = pull };
static const tend_capability capabilities[] = {
    { TEND_SINK, "tripwire", "aborts", &sink }, { TEND_CONNECTOR, "tripwire", "aborts", &connector }, { 0 }
};
TEND_PLUGIN(tripwire, "1.0.0", TEND_PROVIDES_SINK | TEND_PROVIDES_CONNECTOR, TEND_NEEDS_FILES, .summary = "Tripwire",
            .capabilities = capabilities)
C
mkdir plugins
ok "the tripwire is built" cc -std=gnu11 -fPIC -shared -I "$source/include" "-DMARK=\"$work/mark\"" tripwire.c -o plugins/tripwire.so
export TEND_PLUGIN_PATH="$work/plugins"
mkdir -p w/tend.d
cat >w/tend.d/tripwire.ini <<'INI'
[plugin.tripwire]
grant = files
[sink.mail]
plugin = tripwire
channel = mail
[sink.chat]
plugin = tripwire
channel = chat
INI
printf '[source.wire]\nplugin = tripwire\nmapping = sample\n' >>w/tend.d/tripwire.ini
has "the engine would use it" "$("$tend" -C w --csv plugin list 2>/dev/null | grep '^tripwire')" ",yes,"

files() { find w -type f ! -name '*-shm' ! -name '*-wal' -printf '%p %s %m %T@\n' | sort; }
dump w >before.sql
files >before.files
ok "a year is simulated" "$tend" -C w --json simulate --until +1y --limit 5
cp out simulated.json
number() { sed -n "s/^ *\"$1\": \([0-9]*\),\{0,1\}$/\1/p" "$2" | head -n 1; }
ok "in which playbooks ran" test "$(number runs_started simulated.json)" -gt 20
ok "and messages would have gone out" grep -qE '"messages_written": [1-9]' simulated.json
dump w >after.sql
files_equal "the live store's logical dump is the same before and after" before.sql after.sql
files >after.files
files_equal "and so is every file of the workspace" before.files after.files
ok "no sink and no connector was called" test ! -e mark
for turn in one other; do
    "$tend" -C w --json simulate --until +10d 2>said | sed '/"began_at"/d' >$turn
done
files_equal "the same ten days again are the same" one other

# In place: a workspace made for it, with the same tripwire.
ok "a simulated workspace is made" "$tend" -C s init --sample --simulated --anchor 2026-03-01
cp w/tend.d/tripwire.ini s/tend.d/
ok "files are imported there by hand" "$tend" -C s import --mapping sample s/sample/*.csv
clock() { "$tend" -C "$1" --json status 2>/dev/null | sed -n 's/^ *"now": "\(.*\)",\{0,1\}$/\1/p'; }
equal "its clock begins with the day of the sample" "2026-02-28T15:00:00Z" "$(clock s)"
fails "no source is asked there" 1 "$tend" -C s sync wire
has "and it is said why" "$(cat out)" \
    "[source.wire]: this workspace is simulated, so that no source is asked; import files by hand, or sync a live workspace"
fails "nor on trial" 1 "$tend" -C s --dry-run sync wire
fails "it is not served" 2 "$tend" -C s serve
has "and the sentence names what to do" "$(cat said)" \
    "this workspace is simulated, and its clock stands still; tend once does what is due, tend simulate --until DATE moves the clock"
ok "what is due is done" "$tend" -C s once
equal "and the clock stands still" "2026-02-28T15:00:00Z" "$(clock s)"
ok "three months are simulated in place" "$tend" -C s --json simulate --until +3m
equal "its clock stands at the end of the last day" "2026-06-01T14:59:59.999Z" "$(clock s)"
ok "what was done stays: runs" test "$(sql s 'SELECT count(*) FROM runs')" -gt 10
ok "and messages, none of which left" test "$(sql s "SELECT count(*) || ' ' || sum(state = 'waiting') FROM outbox")" = \
    "$(sql s "SELECT count(*) || ' ' || count(*) FROM outbox")"
has "they are the list of what would have gone out" "$("$tend" -C s outbox list 2>&1)" "things to do on 2026-06-01"
ok "a person writes there, on the day of its clock" "$tend" -C s log call "#1" "Asked about the renewal"
has "and reads" "$("$tend" -C s account timeline "#1" 2>&1)" "2026-06-01"
fails "its clock does not go back" 2 "$tend" -C s simulate --until 2026-05-01
has "the doctor says what it is" "$("$tend" -C s doctor 2>&1)" "this workspace is simulated, for ever: its clock stands at 2026-06-01T14:59:59.999Z"
ok "it is backed up" "$tend" -C s backup "$work/s.bak"
mkdir live
cp w/tend.ini live/
cp -r w/tend.d live/
ok "and restored where a live workspace was to be" "$tend" -C live restore "$work/s.bak"
fails "which does not make it live" 1 "$tend" -C live sync wire
ok "nor does doing what is due" "$tend" -C live once
equal "its clock came along" "2026-06-01T14:59:59.999Z" "$(clock live)"
ok "no sink and no connector was called in any of it" test ! -e mark

# Nothing is due for weeks: numbers are published of each day all the same, as a running engine does.
ok "a workspace where nothing happens" "$tend" -C quiet init --simulated --anchor 2026-01-05
ok "it has one account" "$tend" -C quiet add account name=Quiet stage=active
ok "weeks pass" "$tend" -C quiet --json simulate --until 2026-03-10
equal "numbers are of the last day" "2026-03-10" "$(sql quiet "SELECT text FROM meta WHERE name = 'kpi.day'")"
equal "and months were closed" "2026-02-28" "$(sql quiet "SELECT text FROM meta WHERE name = 'kpi.closed'")"

# The proof that the tripwire works: live, the messages of the playbooks reach it.
"$tend" -C w once >out 2>said
if [ "$(sql w "SELECT count(*) FROM outbox")" -gt 0 ] || [ -e mark ]; then
    ok "live, the same plugin is called" test -e mark
else
    fail "live, the same plugin is called" "the outbox is empty and nothing was called: $(cat out said)"
fi
finish
