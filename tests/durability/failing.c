#include "failing.h"

#include "base/buffer.h"
#include <fcntl.h>

static company c;
static char *gold; /* the store that each try begins with */
static size_t gold_length;
static int64_t batch; /* in it: what can be undone */

static const char *const all_files[] = { "users.csv", "accounts.csv", "contracts.csv", "usage.csv" };
static const char *const again[] = { "accounts2.csv" };

static void open_gold(void)
{
    static const char *const besides[] = { "tend.db-wal", "tend.db-shm", "copy.db", "copy.db.copying", "tend.db.making" };

    disk_watch(c.folder.path, false); /* from here on */
    for (size_t i = 0; i < sizeof besides / sizeof *besides; i++)
        (void)remove(company_file(&c, besides[i]));
    (void)test_folder_write(&c.folder, "tend.db", gold, gold_length);
    (void)remove(company_file(&c, "messages.jsonl"));
    company_open(&c, TEND_STORE_WRITE);
}

/* ---- the pieces of work ---- */

static tend_status open_and_close(void)
{
    tend_workspace *workspace = NULL;
    tend_status status;

    company_close(&c);
    status = tend_workspace_open(c.folder.path, TEND_STORE_WRITE, tend_clock_by_hand(&c.now), NULL, &workspace, &c.error);
    tend_workspace_close(workspace);
    return status;
}

static tend_status make(void)
{
    tend_store *store = NULL;
    tend_status status = tend_store_open(company_file(&c, "copy.db"), TEND_STORE_CREATE, &store, &c.error);

    tend_store_close(store);
    return status;
}

static tend_status set(void)
{
    return company_set(&c, 3, 5, "a new word", NULL);
}

static tend_status undo(void)
{
    return company_undo(&c, batch);
}

static tend_status group(void)
{
    return company_group(&c, 2, 4, "words");
}

static tend_status copy(void)
{
    return company_copy(&c, "copy.db");
}

static tend_status import(void)
{
    return company_import(&c, again, 1, 5);
}

static tend_status engine(void)
{
    return company_engine(&c);
}

static const struct {
    const char *name;
    tend_status (*run)(void);
    enum { ONE = 1, SEVERAL, ASIDE } kind; /* one transaction; several; the store itself stays as it is */
} works[] = {
    { "open", open_and_close, ASIDE },
    { "make", make, ASIDE },
    { "copy", copy, ASIDE },
    { "set", set, ONE },
    { "undo", undo, ONE },
    { "group", group, SEVERAL },
    { "import", import, SEVERAL },
    { "engine", engine, SEVERAL },
};
#define WORKS ((int)(sizeof works / sizeof *works))

const char *failing_work(int i)
{
    return i < WORKS ? works[i].name : NULL;
}

/* ---- what must be the same in the end, whatever ids were spent on the way ---- */

static char *summary(void)
{
    static const char *const questions[] = {
        "SELECT name || ' ' || coalesce(industry, '-') FROM accounts ORDER BY 1",
        "SELECT count(*) || ' identities' FROM identities",
        "SELECT topic || ' ' || sum(last - first + 1) FROM events GROUP BY topic ORDER BY 1",
        "SELECT coalesce(sum(count), 0) || ' held' FROM held_events",
        "SELECT field || ' ' || before || ' ' || after || ' ' || count(*) FROM changes GROUP BY field, before, after ORDER BY 1",
        "SELECT r.row || ' ' || r.state || ' ' || s.name || ' ' || s.state || ' ' || count(*) FROM runs r JOIN steps s ON s.run = "
        "r.id "
        "GROUP BY r.row, r.state, s.name, s.state ORDER BY 1",
        "SELECT title || ' ' || contract || ' ' || count(*) FROM tasks GROUP BY title, contract ORDER BY 1",
        "SELECT kpi || ' ' || account || ' ' || numerator || ' ' || denominator FROM measures ORDER BY 1",
        "SELECT subject || ' ' || state || ' ' || count(*) FROM outbox GROUP BY subject, state ORDER BY 1",
        "SELECT what || ' ' || label || ' ' || (closed_at IS NULL) FROM batches ORDER BY 1",
    };
    tend_buffer lines = { 0 };
    tend_store *store;

    COMPANY_OK(&c, tend_store_open(company_file(&c, "tend.db"), TEND_STORE_READ, &store, &c.error));
    COMPANY_OK(&c, tend_store_check(store, &c.error));
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        tend_statement *statement;
        bool has_row;

        COMPANY_OK(&c, tend_store_prepare(store, questions[i], &statement, &c.error));
        while (tend_statement_step(statement, &has_row, &c.error) >= 0 && has_row)
            tend_buffer_print(&lines, "%s\n", tend_statement_is_null(statement, 0) ? "-" : tend_statement_text(statement, 0, NULL));
        tend_statement_end(statement);
    }
    tend_store_close(store);
    ck_assert(!lines.failed);
    return lines.bytes;
}

/* ---- the tries ---- */

static void found(void)
{
    size_t length;

    company_found(&c);
    company_open(&c, TEND_STORE_CREATE);
    COMPANY_OK(&c, company_import(&c, all_files, 4, 100));
    COMPANY_OK(&c, company_set(&c, 0, 4, "an old word", &batch));
    company_close(&c);
    gold = test_file_read(company_file(&c, "tend.db"), &length);
    ck_assert_ptr_nonnull(gold);
    gold_length = length;
}

static void dissolve(void)
{
    free(gold);
    company_dissolve(&c);
}

/* All of them while they are few; of many the first, the last, and ever fewer between. */
static long next_try(long at, long calls)
{
    const bool is_thorough = getenv("TEND_LONG") != NULL;
    const long every = is_thorough ? 300 : calls <= 100 ? calls : 8;
    const long last = calls - every / 2, step = at <= every || at > last ? 1 : 1 + at / (is_thorough ? 100 : 4);

    return at <= last && at + step > last ? last + 1 : at + step;
}

static void as_it_should_be(int i, const failing_kind *kind, long at, tend_status status, uint64_t before, const char *undisturbed)
{
    size_t same = 0;
    char *now;

    if (!c.workspace)
        company_open(&c, TEND_STORE_WRITE);
    ck_assert_msg(!tend_store_in_transaction(tend_workspace_store(c.workspace)), "%s, %s %ld: a transaction is left open",
                  works[i].name, kind->name, at);
    if (works[i].kind == ONE && status < 0)
        ck_assert_msg(company_says(&c) == before, "%s, %s %ld: refused (%s), but the store has changed", works[i].name, kind->name,
                      at, c.error.text);
    if (works[i].kind == ASIDE) /* whole, when not even its removal worked */
        (void)remove(company_file(&c, "copy.db"));
    if (status < 0) /* the same again, with the same handles */
        ck_assert_msg(works[i].run() >= 0, "%s, %s %ld: does not go on: %s", works[i].name, kind->name, at, c.error.text);
    if (!c.workspace)
        company_open(&c, TEND_STORE_WRITE);
    now = summary();
    while (now[same] && now[same] == undisturbed[same])
        same++;
    ck_assert_msg(now[same] == undisturbed[same], "%s, %s %ld: ends otherwise than undisturbed:\n…%.300s\n---\n…%.300s",
                  works[i].name, kind->name, at, now + (same > 60 ? same - 60 : 0), undisturbed + (same > 60 ? same - 60 : 0));
    free(now);
}

/* TEND_TRY=set:741: of the work "set" only the 741st call fails; for a look at one place under a debugger. 0: all of them, -1: none
 * of this work. */
static long only_try(const char *work)
{
    const char *wanted = getenv("TEND_TRY");
    const size_t length = strlen(work);

    if (!wanted)
        return 0;
    return strncmp(wanted, work, length) == 0 && wanted[length] == ':' ? strtol(wanted + length + 1, NULL, 10) : -1;
}

long failing_try(int i, const failing_kind *kind)
{
    const long only = only_try(works[i].name);
    long at = only > 0 ? only : 1, tries = 0, refused = 0, calls;
    char *undisturbed;

    if (only < 0)
        return 1;
    found();
    open_gold();
    kind->break_it(0);
    COMPANY_OK(&c, works[i].run());
    kind->mend_it();
    calls = kind->calls();
    company_close(&c);
    undisturbed = summary();
    for (;; at = next_try(at, calls)) {
        tend_error said = { 0 };
        tend_status status;
        uint64_t before;
        long failures;

        open_gold();
        before = company_says(&c);
        memset(&c.error, 0, sizeof c.error);
        kind->break_it(at);
        status = works[i].run();
        kind->mend_it();
        failures = kind->failures();
        said = c.error;
        if (status < 0) {
            ck_assert_msg(failures > 0, "%s: fails although nothing did: %s", works[i].name, said.text);
            ck_assert_msg(kind->is_clear(&said), "%s, %s %ld: status %d: %s", works[i].name, kind->name, at, status, said.text);
        }
        as_it_should_be(i, kind, at, status, before, undisturbed);
        company_close(&c);
        if (failures == 0)
            break;
        tries++;
        refused += status < 0;
        if (only > 0)
            break;
    }
    printf("%s: %s: %ld of %ld calls failed in turn, %ld times it was refused, each time it went on\n", works[i].name, kind->name,
           tries, calls, refused);
    free(undisturbed);
    dissolve();
    return tries;
}
