/* session.c: opening what a command works on, and the small conversions that commands share. */
#include "cli/session.h"
#include "base/file.h"
#include "base/near.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "engine/login.h"
#include "model/parse.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *tend_session_option(const tend_session *session, const char *name)
{
    return tend_session_option_at(session, name, 0);
}

const char *tend_session_option_at(const tend_session *session, const char *name, int i)
{
    for (int at = 0; at < session->option_count; at++)
        if (strcmp(session->options[at].name, name) == 0 && i-- == 0)
            return session->options[at].value;
    return NULL;
}

tend_status tend_session_number(const tend_session *session, const char *name, int64_t otherwise, int64_t *ret_number,
                                tend_error *reterr)
{
    const char *text = tend_session_option(session, name);
    int64_t number;

    if (!text) {
        *ret_number = otherwise;
        return TEND_OK;
    }
    if (tend_decimal_parse(text, strlen(text), &tend_number_plain, 0, &number) < 0 || number < 0)
        return tend_fail(reterr, TEND_EINVAL, "--%s: '%s' is not a whole number; write digits only", name, text);
    *ret_number = number;
    return TEND_OK;
}

/* "+90d", "-3m", "+2w", "+1y" from today. */
static bool relative_date(const char *text, tend_date today, tend_date *ret_date)
{
    char *end;
    long count = strtol(text, &end, 10);

    if ((*text != '+' && *text != '-') || end == text || !*end || end[1] || count < -40000 || count > 40000)
        return false;
    switch (*end) {
    case 'd':
        *ret_date = today + (tend_date)count;
        return true;
    case 'w':
        *ret_date = today + (tend_date)count * 7;
        return true;
    case 'm':
        *ret_date = tend_date_add_months(today, (int)count);
        return true;
    case 'y':
        *ret_date = tend_date_add_months(today, (int)count * 12);
        return true;
    default:
        return false;
    }
}

tend_status tend_session_date(tend_session *session, const char *text, tend_date *ret_date, tend_error *reterr)
{
    if (strcmp(text, "today") == 0) {
        *ret_date = tend_session_today(session);
        return TEND_OK;
    }
    if (relative_date(text, tend_session_today(session), ret_date) || tend_date_parse(text, strlen(text), ret_date) == TEND_OK)
        return TEND_OK;
    return tend_fail(reterr, TEND_EINVAL, "'%s' is not a date; write YYYY-MM-DD, today, +90d, -3m or +1y", text);
}

const char *tend_session_path(tend_session *session, const char *written)
{
    return *written == '/' ? tend_arena_string(session->arena, written)
                           : tend_arena_print(session->arena, "%s/%s", session->cwd, written);
}

const char *tend_session_short(const tend_session *session, const char *path)
{
    const char *cwd = session->cwd, *rest;
    size_t same = 0, ups = 0;
    char up[10] = "";

    if (*path != '/' || !cwd || *cwd != '/')
        return path;
    for (size_t i = 0;; i++) { /* both may end where the folder of the other goes on */
        if ((cwd[i] == '/' || cwd[i] == '\0') && (path[i] == '/' || path[i] == '\0'))
            same = i;
        if (cwd[i] == '\0' || cwd[i] != path[i])
            break;
    }
    for (const char *at = cwd + same; *at; at++)
        ups += *at == '/' && at[1] != '\0';
    rest = path + same + (path[same] == '/');
    if (ups > 3 || *rest == '\0')
        return path;
    for (size_t i = 0; i < ups; i++)
        strcat(up, "../");
    if (strlen(up) + strlen(rest) >= strlen(path))
        return path;
    rest = ups > 0 ? tend_arena_print(session->arena, "%s%s", up, rest) : rest;
    return rest ? rest : path;
}

bool tend_session_can_read(const tend_session *session)
{
    static const char *const names[] = { "tend.ini", "tend.db" };
    char folder[4096], path[4200];

    if (tend_workspace_find(session->workspace_wanted, session->cwd, folder, sizeof folder, NULL) < 0)
        return true; /* opening it says what is wrong */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (access(path, R_OK) != 0 && errno == EACCES)
            return false;
    }
    return true;
}

tend_status tend_session_may_open(const tend_session *session, tend_error *reterr)
{
    if (!session->is_foreign)
        return TEND_OK;
    return tend_fail(
        reterr, TEND_EDENIED,
        "tend %s: the running engine would open the files with its own rights, not with yours; let an administrator do it",
        session->command->name);
}

/* A short command of somebody else holds the lock for a moment: it is waited for. */
static tend_status open_folder(tend_session *session, tend_store_mode mode, tend_workspace **ret_workspace, tend_error *reterr)
{
    enum { TURNS = 40, TURN_NS = 50 * 1000 * 1000 }; /* 2 s */
    const struct timespec turn = { .tv_nsec = TURN_NS };
    char folder[4096];
    tend_status status = tend_workspace_find(session->workspace_wanted, session->cwd, folder, sizeof folder, reterr);

    for (int i = 0; status >= 0; i++) {
        status = tend_workspace_open(folder, mode, session->clock, session->err, ret_workspace, reterr);
        if (status != TEND_EBUSY || i == TURNS)
            break;
        status = TEND_OK;
        (void)nanosleep(&turn, NULL);
    }
    return status;
}

/* The private copy of a dry run lives in the workspace's own folder, so that it has room where the store has. */
static tend_status open_copy(tend_session *session, tend_error *reterr)
{
    tend_workspace *live = NULL, *copy = NULL;
    char folder[4000];
    tend_status status = open_folder(session, TEND_STORE_READ, &live, reterr);

    if (status < 0)
        return status;
    status = tend_workspace_subfolder(live, "spool", folder, sizeof folder, reterr);
    if (status < 0)
        goto out;
    (void)snprintf(session->copy, sizeof session->copy, "%s/dry-run-%ld.db", folder, (long)getpid());
    status = tend_workspace_open_copy(live, session->copy, *tend_workspace_clock(live), &copy, reterr);
    if (status < 0)
        session->copy[0] = '\0';
out:
    session->live = live; /* the copy borrows its configuration */
    session->workspace = copy;
    session->owns_workspace = copy != NULL;
    return status;
}

tend_status tend_session_open(tend_session *session, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (!session->workspace && session->is_dry_run)
        status = open_copy(session, reterr);
    else if (!session->workspace) {
        status = open_folder(session, session->command->flags & TEND_COMMAND_WRITES ? TEND_STORE_WRITE : TEND_STORE_READ,
                             &session->workspace, reterr);
        session->owns_workspace = status >= 0;
    }
    if (status < 0)
        return status;
    session->clock = *tend_workspace_clock(session->workspace); /* a simulated one has its own */
    return tend_login_principal(session->workspace, session->asked_by, session->user, &session->principal, reterr);
}

tend_status tend_session_reopen_to_write(tend_session *session, tend_error *reterr)
{
    tend_status status;

    if (!session->owns_workspace || tend_store_can_write(tend_workspace_store(session->workspace)))
        return TEND_OK;
    session->clock = tend_clock_system(); /* the workspace's own goes with it */
    tend_workspace_close(session->workspace);
    session->workspace = NULL;
    status = open_folder(session, TEND_STORE_WRITE, &session->workspace, reterr);
    session->owns_workspace = status >= 0;
    if (status < 0)
        return status;
    session->clock = *tend_workspace_clock(session->workspace);
    return tend_login_principal(session->workspace, session->asked_by, session->user, &session->principal, reterr);
}

void tend_session_close(tend_session *session)
{
    if (session->result)
        session->result->free(session->result);
    session->result = NULL;
    if (session->owns_workspace)
        tend_workspace_close(session->workspace);
    if (session->owns_workspace || !session->in_engine)
        session->workspace = NULL;
    tend_workspace_close(session->live);
    session->live = NULL;
    if (session->copy[0])
        tend_store_remove_copy(session->copy);
    session->copy[0] = '\0';
    tend_arena_free(session->arena);
    session->arena = NULL;
}

tend_world tend_session_world(tend_session *session)
{
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));

    world.effective = session->as_of;
    world.known = session->known_at;
    if (session->as_of != TEND_NO_TIME)
        world.now = session->as_of;
    return world;
}

/* --as-of DATE is the end of that day in UTC, so its day is read in UTC too, whatever zone the workspace lives in. */
tend_date tend_session_today(tend_session *session)
{
    const tend_zone *utc = NULL;

    if (session->as_of == TEND_NO_TIME && session->workspace)
        return tend_zone_date(tend_workspace_zone(session->workspace), tend_clock_now(&session->clock));
    if (tend_zone_find("UTC", &utc, NULL) < 0)
        return TEND_NO_DATE;
    return tend_zone_date(utc, session->as_of != TEND_NO_TIME ? session->as_of : tend_clock_now(&session->clock));
}

tend_origin tend_session_origin(tend_session *session)
{
    return (tend_origin){ .principal = &session->principal };
}

/* The clock of who asks: the zone of --user, else the company's. */
static const tend_zone *zone_of_reader(tend_session *session)
{
    const tend_zone *zone = session->workspace ? tend_workspace_zone(session->workspace) : NULL;
    tend_statement *statement = NULL;
    bool has_row = false;

    if (!session->workspace || session->principal.user == 0 ||
        tend_store_prepare(tend_workspace_store(session->workspace), "SELECT zone FROM users WHERE id = ?1", &statement, NULL) < 0)
        return zone;
    tend_statement_bind_int(statement, 1, session->principal.user);
    if (tend_statement_step(statement, &has_row, NULL) >= 0 && has_row && !tend_statement_is_null(statement, 0))
        (void)tend_zone_find(tend_statement_text(statement, 0, NULL), &zone, NULL); /* a zone that went away: the company's */
    tend_statement_end(statement);
    return zone;
}

const char *tend_session_language(tend_session *session)
{
    const char *language;
    tend_statement *statement = NULL;
    bool has_row = false;

    if (session->language || !session->workspace)
        return session->language;
    language = tend_config_text(tend_workspace_config(session->workspace), "tend", NULL, "language");
    if (session->principal.user == 0 || tend_store_prepare(tend_workspace_store(session->workspace),
                                                           "SELECT language FROM users WHERE id = ?1", &statement, NULL) < 0)
        return language;
    tend_statement_bind_int(statement, 1, session->principal.user);
    if (tend_statement_step(statement, &has_row, NULL) >= 0 && has_row && !tend_statement_is_null(statement, 0))
        language = tend_arena_string(session->arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return language;
}

tend_result *tend_session_result(tend_session *session)
{
    if (session->result)
        return session->result;
    if (session->output == TEND_OUTPUT_JSON)
        session->result = tend_result_json(session->out);
    else if (session->output == TEND_OUTPUT_CSV)
        session->result = tend_result_csv(session->out);
    else
        session->result = tend_result_text(session->out, zone_of_reader(session), tend_session_language(session), session->width);
    return session->result;
}

tend_status tend_session_finish(tend_session *session, tend_error *reterr)
{
    return session->result ? session->result->end(session->result, reterr) : TEND_OK;
}

enum { NEAR_ROWS = 20000 };

/* A row of this kind whose name is nearly what was written; NULL when there is none. */
static const char *near_name(tend_session *session, const tend_kind_schema *schema, const char *text)
{
    tend_store *store = tend_model_store(tend_workspace_model(session->workspace));
    const char **names = tend_arena_take(session->arena, (NEAR_ROWS + 1) * sizeof *names);
    tend_statement *statement = NULL;
    size_t count = 0;
    bool has_row = true;
    const char *sql;

    if (!names || schema->name_field < 0 || schema->fields[schema->name_field].type != TEND_TEXT)
        return NULL;
    sql = tend_arena_print(session->arena, "SELECT \"%s\" FROM \"%s\" WHERE \"%s\" IS NOT NULL AND %s IS NULL LIMIT %d",
                           schema->fields[schema->name_field].name, schema->table, schema->fields[schema->name_field].name,
                           schema->is_fact ? "closed_at" : "removed_at", NEAR_ROWS);
    if (!sql || tend_store_prepare(store, sql, &statement, NULL) < 0)
        return NULL;
    while (count < NEAR_ROWS && tend_statement_step(statement, &has_row, NULL) >= 0 && has_row)
        if ((names[count] = tend_arena_string(session->arena, tend_statement_text(statement, 0, NULL))) != NULL)
            count++;
    tend_statement_end(statement);
    names[count] = NULL;
    return tend_near(text, names);
}

/* "A, B (and 3 more)": rows whose name holds what was written, the shortest first; NULL when there is none. */
static const char *names_with(tend_session *session, const tend_kind_schema *schema, const char *text)
{
    enum { SHOWN = 3 };
    tend_statement *statement = NULL;
    const char *list = NULL, *sql;
    int64_t count = 0;
    bool has_row = true;

    if (strlen(text) < 2 || schema->name_field < 0 || schema->fields[schema->name_field].type != TEND_TEXT)
        return NULL;
    sql = tend_arena_print(session->arena,
                           "SELECT \"%s\", id, count(*) OVER () FROM \"%s\" WHERE instr(lower(\"%s\"), lower(?1)) > 0 AND "
                           "%s IS NULL ORDER BY length(\"%s\"), id LIMIT %d",
                           schema->fields[schema->name_field].name, schema->table, schema->fields[schema->name_field].name,
                           schema->is_fact ? "closed_at" : "removed_at", schema->fields[schema->name_field].name, SHOWN);
    if (!sql || tend_store_prepare(tend_model_store(tend_workspace_model(session->workspace)), sql, &statement, NULL) < 0)
        return NULL;
    tend_statement_bind_string(statement, 1, text);
    while (tend_statement_step(statement, &has_row, NULL) >= 0 && has_row) {
        count = tend_statement_int(statement, 2);
        list = tend_arena_print(session->arena, "%s%s#%lld %s", list ? list : "", list ? ", " : "",
                                (long long)tend_statement_int(statement, 1), tend_statement_text(statement, 0, NULL));
    }
    tend_statement_end(statement);
    return list && count > SHOWN ? tend_arena_print(session->arena, "%s or %lld more", list, (long long)(count - SHOWN)) : list;
}

/* A row that is gone was there on the day that is looked at, or it is said that it was not. */
static tend_status find_gone(const tend_session *session, const tend_kind_schema *schema, const char *number, int64_t *ret_row)
{
    char sql[120];
    int64_t id, found = 0;
    tend_status status = tend_decimal_parse(number, strlen(number), &tend_number_plain, 0, &id);

    if (status < 0 || schema->is_fact || (session->as_of == TEND_NO_TIME && session->known_at == TEND_NO_TIME))
        return TEND_ENOTFOUND;
    (void)snprintf(sql, sizeof sql, "SELECT id FROM \"%s\" WHERE id=%lld", schema->table, (long long)id);
    status = tend_store_number(tend_workspace_store(session->workspace), sql, 0, &found, NULL);
    if (status < 0 || found == 0)
        return TEND_ENOTFOUND;
    *ret_row = found;
    return TEND_OK;
}

tend_status tend_session_row(tend_session *session, tend_kind kind, const char *written, int64_t *ret_row, tend_error *reterr)
{
    const tend_kind_schema *schema = tend_schema_kind(tend_workspace_schema(session->workspace), kind);
    tend_model *model = tend_workspace_model(session->workspace);
    tend_arena *arena = session->arena;
    const char *text;
    size_t length;
    int64_t number;
    tend_status status = tend_utf8_nfc(arena, written, strlen(written), &text, &length);

    if (status < 0)
        return tend_fail(reterr, status, "'%s' cannot be read as text", written);
    if (*written == '#' || tend_decimal_parse(text, length, &tend_number_plain, 0, &number) == TEND_OK) {
        const char *id = *written == '#' ? written : tend_arena_print(arena, "#%s", written);

        status = tend_model_lookup(model, kind, schema->name_field, id, strlen(id), ret_row, reterr);
        if (status == TEND_ENOTFOUND && find_gone(session, schema, id + 1, ret_row) == TEND_OK)
            status = TEND_OK;
        if (status != TEND_ENOTFOUND || *written == '#')
            return status;
    }
    status = TEND_ENOTFOUND;
    for (int field = 0; status == TEND_ENOTFOUND && field < schema->field_count; field++)
        if (field == schema->name_field || (schema->fields[field].flags & TEND_FIELD_KEY))
            status = tend_model_lookup(model, kind, field, text, length, ret_row, reterr);
    if (status == TEND_ENOTFOUND)
        status = tend_identity_any(model, kind, text, length, ret_row, reterr);
    if (status == TEND_ENOTFOUND) {
        const char *with = names_with(session, schema, text), *near;

        if (with)
            return tend_fail(reterr, status, "no %s is called '%s'; did you mean %s?", schema->name, written, with);
        near = near_name(session, schema, text);
        if (near)
            return tend_fail(reterr, status, "no %s is called '%s'; did you mean %s?", schema->name, written, near);
        return tend_fail(reterr, status, "no %s is called '%s'; see tend list %s", schema->name, written, schema->table);
    }
    return status;
}
