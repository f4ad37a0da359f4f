#include "company.h"

#include "base/buffer.h"
#include "base/failpoint.h"
#include "engine/engine.h"
#include "sync/import.h"

#define ACCOUNTS 14
#define DAY INT64_C(86400000)

static company *at_work; /* whose commits are promises */

/* The named places of the core are passed here instead of in base/failpoint.c. */
void tend_failpoint(const char *name)
{
    if (!at_work || !at_work->keeps_promises)
        return;
    if (strcmp(name, "store.commit.before") == 0 || strcmp(name, "store.settle.before") == 0)
        at_work->asked = disk_length();
    if (strcmp(name, "store.commit.after") == 0 || strcmp(name, "store.settle.after") == 0)
        company_promise(at_work);
    /* Nobody is told of these: a cut may take them back, whole, until the next promise. */
    if (strcmp(name, "store.soft.after") == 0) {
        at_work->soft++;
        if (at_work->trusts_soft)
            company_promise(at_work);
    }
}

const char *const *tend_failpoint_names(void)
{
    static const char *const none[] = { NULL };

    return none;
}

uint64_t company_says(company *c)
{
    const uint64_t says = image_says(company_file(c, "tend.db"), &c->error);

    ck_assert_msg(says != 0, "%s", c->error.text);
    return says;
}

void company_promise(company *c)
{
    if (!c->keeps_promises)
        return;
    ck_assert_uint_lt(c->promise_count, PROMISES_MAX);
    c->promises[c->promise_count++] = (image_promise){ c->asked, disk_length(), company_says(c) };
    c->asked = disk_length();
}

const char *company_file(company *c, const char *name)
{
    char *path = c->folder.names[c->folder.next++ % 16]; /* as test_folder_path, and works without memory */

    (void)stpcpy(stpcpy(stpcpy(path, c->folder.path), "/"), name);
    return path;
}

tend_model *company_model(company *c)
{
    return tend_workspace_model(c->workspace);
}

static const char ini[] = "[tend]\nname = Durable\nzone = UTC\ncurrency = EUR\n"
                          "[plugin.csv]\ngrant = files\n[plugin.jsonl]\ngrant = files\n"
                          "[sink.file]\nplugin = jsonl\nchannel = mail\npath = messages.jsonl\n"
                          "[segment.key]\nwhere = tier = platinum\n[segment.growth]\nwhere = tier = gold\n"
                          "[playbook.renewal]\nenabled = yes\n";

static const char mapping[] =
    "[mapping]\nsource = crm\n"
    "[stream.users]\nfile = users.csv\nkind = user\nkey = name\n"
    "[fields.users]\nname = name\nemail = email\nmanager = manager -> user.name, else empty\n"
    "[stream.accounts]\nfile = accounts*.csv\nkind = account\nkey = id\n"
    "[fields.accounts]\nname = name\ntier = tier\nowner = owner -> user.name, else empty\nindustry = note\n"
    "[stream.contracts]\nfile = contracts.csv\nkind = contract\nkey = id\n"
    "[fields.contracts]\naccount = account -> account\nstatus = status\nstarts_on = starts\nends_on = ends\n"
    "annual_amount = amount\ncurrency = currency\n"
    "[stream.usage]\nfile = usage.csv\nkind = usage\nkey = account, day\n"
    "[fields.usage]\naccount = account -> account\nused_on = day\nfeature = feature\nuses = uses\n";

static void write_file(company *c, const char *name, tend_buffer *text)
{
    ck_assert(!text->failed);
    (void)test_folder_write_text(&c->folder, name, tend_buffer_string(text));
    tend_buffer_clear(text);
}

static void write_accounts(company *c, const char *name, const char *note)
{
    tend_buffer text = { 0 };

    tend_buffer_text(&text, "id,name,tier,owner,note\n");
    for (int i = 0; i < ACCOUNTS; i++)
        tend_buffer_print(&text, "A%d,Account %d,%s,%s,%s %d\n", i, i, i % 3 ? "gold" : "platinum", i % 2 ? "Kim" : "Lee", note, i);
    write_file(c, name, &text);
}

void company_found(company *c)
{
    tend_buffer text = { 0 };

    memset(c, 0, sizeof *c);
    test_folder_make(&c->folder);
    disk_watch(c->folder.path, true);
    c->now = INT64_C(1772409600000); /* 2026-03-02 */
    c->principal = tend_principal_administrator();
    c->arena = tend_arena_new();
    (void)test_folder_write_text(&c->folder, "tend.ini", ini);
    (void)test_folder_write_text(&c->folder, "crm.ini", mapping);
    (void)test_folder_write_text(&c->folder, "users.csv",
                                 "name,email,manager\nHan,han@example.test,\nKim,kim@example.test,Han\nLee,lee@example.test,Han\n");
    write_accounts(c, "accounts.csv", "first");
    write_accounts(c, "accounts2.csv", "second");
    tend_buffer_text(&text, "id,account,status,starts,ends,amount,currency\n");
    for (int i = 0; i < ACCOUNTS; i++)
        tend_buffer_print(&text, "C%d,A%d,active,2025-0%d-01,2026-0%d-1%d,%d.50,EUR\n", i, i, 1 + i % 9, 4 + i % 3, i % 10,
                          1000 + i);
    write_file(c, "contracts.csv", &text);
    tend_buffer_text(&text, "account,day,feature,uses\n");
    for (int i = 0; i < ACCOUNTS * 3; i++)
        tend_buffer_print(&text, "A%d,2026-02-%02d,seats,%d\n", i % ACCOUNTS, 1 + i / ACCOUNTS, 10 + i);
    write_file(c, "usage.csv", &text);
}

void company_open(company *c, tend_store_mode mode)
{
    at_work = c;
    COMPANY_OK(c, tend_workspace_open(c->folder.path, mode, tend_clock_by_hand(&c->now), stderr, &c->workspace, &c->error));
    if (c->stops_syncing)
        disk_stop_syncing();
    c->asked = disk_length();
    company_promise(c);
}

void company_close(company *c)
{
    tend_workspace_close(c->workspace);
    c->workspace = NULL;
    at_work = NULL;
}

void company_dissolve(company *c)
{
    company_close(c);
    tend_arena_free(c->arena);
    test_folder_remove(&c->folder);
    disk_forget();
}

tend_status company_import(company *c, const char *const *names, size_t count, size_t chunk)
{
    tend_import_options options = { .principal = &c->principal, .chunk = chunk };
    const char *files[8];
    const tend_import_report *report;
    char spool[600];
    tend_mapping *read = NULL;
    tend_plugins *plugins;
    tend_status status;

    for (size_t i = 0; i < count; i++)
        files[i] = company_file(c, names[i]);
    options.spool_folder = strcpy(spool, company_file(c, "spool"));
    status = tend_workspace_plugins(c->workspace, &plugins, &c->error);
    if (status >= 0)
        status = tend_mapping_load(company_file(c, "crm.ini"), tend_workspace_schema(c->workspace), NULL, &read, &c->error);
    if (status >= 0)
        status = tend_import(company_model(c), plugins, read, files, count, &options, c->arena, &report, &c->error);
    tend_mapping_free(read);
    return status;
}

tend_status company_engine(company *c)
{
    tend_engine_counts counts;

    return tend_engine_once(c->workspace, &counts, &c->error);
}

/* Inside an open transaction. */
static tend_status set_accounts(company *c, int first, int count, const char *text, int64_t *ret_batch)
{
    const tend_schema *schema = tend_workspace_schema(c->workspace);
    tend_origin origin = { .principal = &c->principal };
    tend_status status =
        tend_batch_open(company_model(c), &origin, "set", "note", NULL, &origin.batch, &(bool){ false }, &c->error);

    for (int i = first; status >= 0 && i < first + count; i++) {
        const tend_assignment field = { tend_schema_field(tend_schema_kind(schema, TEND_KIND_ACCOUNT), "industry"),
                                        { .type = TEND_TEXT, .text = text, .length = strlen(text) } };
        const tend_put put = { .kind = TEND_KIND_ACCOUNT,
                               .id = 1 + i % ACCOUNTS,
                               .fields = &field,
                               .field_count = 1,
                               .effective_at = TEND_NO_TIME,
                               .known_at = TEND_NO_TIME };
        tend_put_result result;

        status = tend_model_put(company_model(c), &origin, &put, &result, &c->error);
    }
    *ret_batch = origin.batch;
    return status;
}

tend_status company_set(company *c, int first, int count, const char *text, int64_t *ret_batch)
{
    int64_t batch = 0;
    tend_status status = tend_model_begin(company_model(c), &c->error);

    if (status < 0)
        return status;
    status = set_accounts(c, first, count, text, &batch);
    if (status < 0) {
        tend_model_rollback(company_model(c));
        return status;
    }
    return tend_batch_finish(company_model(c), batch, ret_batch, &c->error);
}

tend_status company_undo(company *c, int64_t batch)
{
    const tend_origin origin = { .principal = &c->principal };
    tend_undo_report report;
    tend_status status = tend_model_begin(company_model(c), &c->error);

    if (status < 0)
        return status;
    status = tend_batch_undo(company_model(c), &origin, batch, c->arena, &report, &c->error);
    if (status < 0) {
        tend_model_rollback(company_model(c));
        return status;
    }
    return tend_model_commit(company_model(c), &c->error);
}

tend_status company_group(company *c, int first, int sets, const char *text)
{
    tend_error failure;
    tend_status status = tend_model_group_begin(company_model(c), &c->error), one;

    if (status < 0)
        return status;
    for (int i = 0; i < sets; i++) {
        one = company_set(c, first + i, 1, text, NULL);
        if (one < 0 && status >= 0) {
            status = one;
            failure = c->error;
        }
    }
    one = tend_model_group_commit(company_model(c), &c->error);
    if (status < 0)
        c->error = failure;
    return status < 0 ? status : one;
}

tend_status company_copy(company *c, const char *name)
{
    const tend_status status = tend_store_copy(tend_workspace_store(c->workspace), company_file(c, name), false, &c->error);

    if (status >= 0 && c->keeps_promises)
        c->copied = (image_promise){ disk_length(), disk_length(), company_says(c) };
    return status;
}

static void promised(company *c, tend_status status)
{
    ck_assert_msg(status >= 0, "%s", c->error.text);
    company_promise(c);
}

void company_work(company *c)
{
    static const char *const files[] = { "users.csv", "accounts.csv", "contracts.csv", "usage.csv" };
    static const char *const again[] = { "accounts2.csv" };
    char text[3000];
    int64_t batch;

    company_open(c, TEND_STORE_CREATE);
    promised(c, company_import(c, files, 4, 12));
    promised(c, company_engine(c));
    for (int i = 0; i < 12; i++) {
        memset(text, 'a' + i, sizeof text);
        text[100 + 250 * i] = '\0'; /* from a line to several pages */
        promised(c, company_set(c, i, 1 + i % 5, text, &batch));
        if (i % 3 == 2)
            promised(c, company_undo(c, batch));
        if (i % 4 == 3)
            promised(c, company_group(c, i, 4, text));
    }
    promised(c, company_copy(c, "copy.db"));
    company_close(c);
    company_open(c, TEND_STORE_WRITE);
    promised(c, company_import(c, again, 1, 5));
    for (int week = 0; week < 12; week++) {
        c->now += 7 * DAY;
        promised(c, company_engine(c));
    }
    company_close(c);
    company_open(c, TEND_STORE_WRITE);
    promised(c, company_set(c, 0, ACCOUNTS, "the end", &batch));
    company_close(c);
}
