/* commands_write.c: add, set, log, answer, undo: what people write by hand. */
#include "cli/commands.h"
#include "cli/form.h"
#include "sync/source.h"
#include <string.h>

static tend_status find_kind(tend_session *session, const char *name, const tend_kind_schema **ret_kind, tend_error *reterr)
{
    const tend_schema *schema = tend_workspace_schema(session->workspace);
    const char *near;
    char all[600] = "";
    size_t used = 0;

    *ret_kind = tend_schema_find(schema, name);
    if (*ret_kind)
        return TEND_OK;
    near = tend_near(name, tend_schema_names(schema));
    if (near)
        return tend_fail(reterr, TEND_EINVAL, "'%s' is not a kind; did you mean %s?", name, near);
    for (const char *const *known = tend_schema_names(schema); *known; known++)
        used += used < sizeof all ? (size_t)snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", *known) : 0;
    return tend_fail(reterr, TEND_EINVAL, "'%s' is not a kind; those are %s", name, all);
}

tend_status tend_cli_kind(tend_session *session, const char *name, const tend_kind_schema **ret_kind, tend_error *reterr)
{
    return find_kind(session, name, ret_kind, reterr);
}

tend_status tend_cli_add(tend_session *session, tend_error *reterr)
{
    const tend_kind_schema *kind;
    tend_form form;
    tend_status status = find_kind(session, session->words[0], &kind, reterr);

    if (status < 0)
        return status;
    tend_form_init(&form, session, kind->kind);
    status = tend_form_words(&form, session, 0, session->words + 1, session->word_count - 1, reterr);
    return status < 0 ? status : tend_form_write(&form, session, "add", 0, NULL, reterr);
}

/* The rows that `set` is about: ids before the first field=value, or those that --where finds. */
static tend_status rows_to_set(tend_session *session, const tend_kind_schema *kind, int *ret_words, tend_arena *arena,
                               int64_t **ret_rows, int *ret_count, tend_error *reterr)
{
    const char *where = tend_session_option(session, "where");
    int named = 1;
    tend_status status = TEND_OK;
    tend_query query;
    tend_cli_ids ids = { 0 };

    while (named < session->word_count && !strchr(session->words[named], '='))
        named++;
    *ret_words = named;
    if (where && named > 1)
        return tend_fail(reterr, TEND_EINVAL, "tend set: write either rows or --where, not both");
    if (where) {
        status = tend_cli_query(session, &query, reterr);
        if (status >= 0)
            status = tend_cli_matching(session, &query, kind->kind, where, &ids, reterr);
        *ret_rows = ids.rows;
        *ret_count = ids.count;
        return status;
    }
    if (named == 1)
        return tend_fail(reterr, TEND_EINVAL, "tend set: which %s? name rows, or write --where FILTER", kind->table);
    *ret_rows = tend_arena_take(arena, (size_t)named * sizeof **ret_rows);
    *ret_count = named - 1;
    for (int i = 1; status >= 0 && *ret_rows && i < named; i++)
        status = tend_session_row(session, kind->kind, session->words[i], &(*ret_rows)[i - 1], reterr);
    return *ret_rows ? status : tend_fail(reterr, TEND_ENOMEM, "no memory");
}

/* One row that a dry run of `set` tried: what stood in it, and what would. */
typedef struct tried {
    const char *was;
    bool is_changed;
} tried;

/* "tier silver, region EMEA"; "" when memory is used up. */
static const char *what_stands(tend_session *session, const tend_form *form, int64_t row)
{
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    tend_row read;
    tend_error ignored;
    const char *text = "";

    if (tend_read(&world, &session->principal, form->kind->kind, row, session->arena, &read, &ignored) < 0)
        return "";
    for (int i = 0; text && i < form->count; i++) {
        const tend_value *value = &read.values[form->fields[i].field];
        const char *shown =
            value->type == TEND_NULL ? "nothing"
            : value->type == TEND_REF
                ? tend_row_name(&world, form->kind->fields[form->fields[i].field].target, value->integer, session->arena)
                : tend_value_show(value, tend_workspace_zone(session->workspace), session->arena);

        text = tend_arena_print(session->arena, "%s%s%s %s", text, i > 0 ? ", " : "",
                                form->kind->fields[form->fields[i].field].name, shown ? shown : "");
    }
    return text ? text : "";
}

static tend_status show_tried(tend_session *session, const tend_kind_schema *kind, const int64_t *rows, const tried *list,
                              int count, tend_error *reterr)
{
    static const tend_heading headings[] = { { "id", NULL, TEND_INT, false },
                                             { "name", NULL, TEND_TEXT, false },
                                             { "outcome", NULL, TEND_TEXT, false },
                                             { "was", NULL, TEND_TEXT, false } };
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    tend_result *result = tend_session_result(session);
    tend_status status = result ? result->section(result, "rows", "Tried", headings, 4, false, reterr)
                                : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    for (int i = 0; status >= 0 && i < count; i++)
        status = result->row(
            result,
            (tend_value[]){ tend_value_int(rows[i]), tend_value_of(tend_row_name(&world, kind->kind, rows[i], session->arena)),
                            tend_value_of(list[i].is_changed ? "would be updated" : "stays as it is"), tend_value_of(list[i].was) },
            reterr);
    return status;
}

tend_status tend_cli_set(tend_session *session, tend_error *reterr)
{
    const tend_kind_schema *kind;
    tried *list;
    int64_t *rows = NULL;
    int count = 0, words = 0, updated = 0;
    tend_origin origin;
    tend_status status = find_kind(session, session->words[0], &kind, reterr);

    if (status >= 0)
        status = rows_to_set(session, kind, &words, session->arena, &rows, &count, reterr);
    if (status < 0)
        return status;
    if (words >= session->word_count)
        return tend_fail(reterr, TEND_EINVAL, "tend set: nothing to set; write field=value");
    if (count == 1) {
        tend_form form;

        tend_form_init(&form, session, kind->kind);
        status = tend_form_words(&form, session, rows[0], session->words + words, session->word_count - words, reterr);
        return status < 0 ? status : tend_form_write(&form, session, "set", rows[0], NULL, reterr);
    }
    list = tend_arena_take(session->arena, ((size_t)count + 1) * sizeof *list);
    if (!list)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the rows");
    status =
        tend_form_begin(session, "set", tend_arena_print(session->arena, "tend set on %d %s", count, kind->table), &origin, reterr);
    if (status < 0)
        return status;
    for (int i = 0; status >= 0 && i < count; i++) {
        tend_put_result put;
        tend_form form;

        tend_form_init(&form, session, kind->kind);
        status = tend_form_words(&form, session, rows[i], session->words + words, session->word_count - words, reterr);
        if (status >= 0 && session->is_dry_run)
            list[i].was = what_stands(session, &form, rows[i]);
        if (status >= 0)
            status = tend_form_put(&form, session, &origin, rows[i], &put, reterr);
        list[i].is_changed = status >= 0 && put.outcome == TEND_PUT_UPDATED;
        updated += list[i].is_changed;
    }
    if (status < 0) {
        tend_form_abandon(session);
        return status;
    }
    status = tend_form_end(session, &origin, reterr);
    if (status >= 0)
        status = tend_cli_tell_batch(session, kind->table, count, updated, origin.batch, reterr);
    return status < 0 || !session->is_dry_run ? status : show_tried(session, kind, rows, list, count, reterr);
}

/* @name in a text: the longest run of letters that is a user's name, first name or the part of the e-mail before the @. */
static tend_status mention(tend_session *session, const tend_origin *origin, int64_t note, int64_t account, const char *name,
                           size_t length, tend_error *reterr)
{
    const char *pattern = tend_arena_copy(session->arena, name, length);
    tend_statement *statement = NULL;
    tend_form form;
    tend_put_result put;
    int64_t user = 0;
    bool has_row = false;
    tend_status status =
        tend_store_prepare(tend_workspace_store(session->workspace),
                           "SELECT id FROM users WHERE removed_at IS NULL AND (name = ?1 COLLATE NOCASE OR email LIKE ?1 || "
                           "'@%' OR name LIKE ?1 || ' %' OR replace(name, ' ', '.') = ?1 COLLATE NOCASE) ORDER BY name = ?1 "
                           "DESC, id LIMIT 1",
                           &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, pattern);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        user = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    if (status < 0 || user == 0) {
        if (status >= 0)
            fprintf(session->err, "@%s: nobody here is called so; nobody was told\n", pattern);
        return status;
    }
    tend_form_init(&form, session, TEND_KIND_MENTION);
    tend_form_set(&form, "note", tend_value_int(note));
    tend_form_set(&form, "user", tend_value_int(user));
    if (account)
        tend_form_set(&form, "account", tend_value_int(account));
    return tend_form_put(&form, session, origin, 0, &put, reterr);
}

static tend_status mentions(tend_session *session, const tend_origin *origin, int64_t note, int64_t account, const char *text,
                            tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (const char *at = strchr(text, '@'); status >= 0 && at; at = strchr(at + 1, '@')) {
        const char *end = at[1] == '"' ? strchr(at + 2, '"') : NULL; /* @"Luc Martin" */
        size_t length = strcspn(at + 1, " \t\r\n,;:!?()\"'<>@");

        if (end && (at == text || strchr(" \t\n(", at[-1]))) {
            if (end > at + 2)
                status = mention(session, origin, note, account, at + 2, (size_t)(end - at - 2), reterr);
            continue;
        }
        while (length > 0 && at[length] == '.')
            length--;
        if (length > 0 && (at == text || strchr(" \t\n(", at[-1])))
            status = mention(session, origin, note, account, at + 1, length, reterr);
    }
    return status;
}

static tend_status log_note(tend_session *session, int64_t account, const char *text, tend_error *reterr)
{
    tend_form form;
    tend_put_result put;
    tend_origin origin;
    tend_status status = tend_form_begin(session, "log", "tend log note", &origin, reterr);

    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_NOTE);
    tend_form_set(&form, "account", tend_value_int(account));
    tend_form_set(&form, "text", tend_value_of(text));
    tend_form_set(&form, "written_at", tend_value_time(tend_clock_now(&session->clock)));
    if (session->principal.user)
        tend_form_set(&form, "author", tend_value_int(session->principal.user));
    status = tend_form_words(&form, session, 0, session->words + 3, session->word_count - 3, reterr);
    if (status >= 0)
        status = tend_form_put(&form, session, &origin, 0, &put, reterr);
    if (status >= 0)
        status = mentions(session, &origin, put.id, account, text, reterr);
    if (status < 0) {
        tend_form_abandon(session);
        return status;
    }
    status = tend_form_end(session, &origin, reterr);
    return status < 0 ? status : tend_cli_tell_batch(session, "notes", 1, 1, origin.batch, reterr);
}

tend_status tend_cli_log(tend_session *session, tend_error *reterr)
{
    static const char *const kinds = "call meeting mail visit chat training workshop review other note";
    const char *what = session->words[0], *when = tend_session_option(session, "at");
    tend_form form;
    int64_t account;
    tend_time at = tend_clock_now(&session->clock);
    tend_status status;

    if (!strstr(kinds, what) || strchr(what, ' '))
        return tend_fail(reterr, TEND_EINVAL, "tend log: '%s' is not something to log; write one of: %s", what, kinds);
    status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[1], &account, reterr);
    if (status < 0)
        return status;
    if (strcmp(what, "note") == 0)
        return log_note(session, account, session->words[2], reterr);
    if (when) {
        tend_date date;

        status = tend_session_date(session, when, &date, reterr);
        if (status < 0)
            return status;
        at = tend_zone_midnight(tend_workspace_zone(session->workspace), date) + 12 * 3600 * 1000;
    }
    tend_form_init(&form, session, TEND_KIND_INTERACTION);
    tend_form_set(&form, "account", tend_value_int(account));
    tend_form_set(&form, "kind", tend_value_of(what));
    tend_form_set(&form, "text", tend_value_of(session->words[2]));
    tend_form_set(&form, "happened_at", tend_value_time(at));
    if (session->principal.user)
        tend_form_set(&form, "user", tend_value_int(session->principal.user));
    status = tend_form_words(&form, session, 0, session->words + 3, session->word_count - 3, reterr);
    return status < 0 ? status : tend_form_write(&form, session, "log", 0, NULL, reterr);
}

typedef struct scale {
    const char *survey;
    int min, max;
} scale;

tend_status tend_cli_answer(tend_session *session, tend_error *reterr)
{
    static const scale scales[] = { { "nps", 0, 10 }, { "csat", 1, 5 }, { "ces", 1, 7 } };
    const scale *found = NULL;
    const char *score = session->words[2];
    int64_t account, number;
    tend_form form;
    tend_status status;

    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        if (strcmp(scales[i].survey, session->words[0]) == 0)
            found = &scales[i];
    if (!found)
        return tend_fail(reterr, TEND_EINVAL, "tend answer: '%s' is not a survey; write nps, csat or ces", session->words[0]);
    if (tend_decimal_parse(score, strlen(score), &tend_number_plain, 0, &number) < 0 || number < found->min || number > found->max)
        return tend_fail(reterr, TEND_EINVAL, "tend answer: '%s' is not a score; %s is answered with %d to %d", score,
                         found->survey, found->min, found->max);
    status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[1], &account, reterr);
    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_ANSWER);
    tend_form_set(&form, "account", tend_value_int(account));
    tend_form_set(&form, "survey", tend_value_of(found->survey));
    tend_form_set(&form, "score", tend_value_int(number));
    tend_form_set(&form, "scale_min", tend_value_int(found->min));
    tend_form_set(&form, "scale_max", tend_value_int(found->max));
    tend_form_set(&form, "direction", tend_value_of("high_is_good"));
    tend_form_set(&form, "answered_at", tend_value_time(tend_clock_now(&session->clock)));
    status = tend_form_words(&form, session, 0, session->words + 3, session->word_count - 3, reterr);
    return status < 0 ? status : tend_form_write(&form, session, "answer", 0, NULL, reterr);
}

/* What a source brought comes again only when it is asked for: the next sync goes on behind it. */
static tend_status tell_bookmark(tend_session *session, int64_t batch, tend_result *result, tend_error *reterr)
{
    tend_store *store = tend_workspace_store(session->workspace);
    tend_statement *find;
    const char *source = NULL;
    bool has_row = false;
    size_t length;
    tend_status status = tend_store_prepare(store, "SELECT label FROM batches WHERE id=?1 AND what='sync'", &find, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(find, 1, batch);
    status = tend_statement_step(find, &has_row, reterr);
    if (status >= 0 && has_row && (source = tend_statement_text(find, 0, &length)))
        source = tend_arena_copy(session->arena, source, length);
    tend_statement_end(find);
    if (status < 0 || !source || !tend_sync_is_source(tend_workspace_config(session->workspace), source))
        return status;
    return result->note(result,
                        tend_arena_print(session->arena,
                                         "The bookmark of source %s stays where it is: what was undone does not come again by "
                                         "itself. When it shall: tend sync %s --anew",
                                         source, source),
                        reterr);
}

static tend_status keeps_answer(void *self, tend_kind kind, int64_t row, tend_arena *arena, const char **ret_why,
                                tend_error *reterr)
{
    return tend_answer_taken(self, kind, row, arena, ret_why, reterr);
}

tend_status tend_cli_undo(tend_session *session, tend_error *reterr)
{
    static const tend_heading totals[] = { { "undone", "batch undone", TEND_INT, false },
                                           { "batch", "as batch", TEND_INT, false },
                                           { "restored", "fields and rows put back", TEND_INT, false },
                                           { "left", "left alone", TEND_INT, false },
                                           { "events", "events it had already caused", TEND_INT, false } };
    static const tend_heading lines[] = { { "kind", NULL, TEND_TEXT, false },
                                          { "id", NULL, TEND_INT, false },
                                          { "name", NULL, TEND_TEXT, false },
                                          { "field", NULL, TEND_TEXT, false },
                                          { "why", NULL, TEND_TEXT, false } };
    tend_model *model = tend_workspace_model(session->workspace);
    tend_world world = tend_world_live(model);
    tend_origin origin = tend_session_origin(session);
    tend_undo_report report;
    tend_result *result;
    const char *already = NULL;
    bool is_over = false; /* it was taken back before: what came of it was told then */
    int64_t batch;
    tend_status status;

    if (tend_decimal_parse(session->words[0], strlen(session->words[0]), &tend_number_plain, 0, &batch) < 0 || batch <= 0)
        return tend_fail(reterr, TEND_EINVAL, "tend undo: '%s' is not a batch; see tend batches", session->words[0]);
    status = tend_model_begin(model, reterr);
    if (status < 0)
        return status;
    status =
        tend_batch_undo_but(model, &origin, batch, &(tend_undo_keeper){ .keeps = keeps_answer, .self = tend_model_store(model) },
                            session->arena, &report, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    status = tend_model_commit(model, reterr);
    result = tend_session_result(session);
    if (status < 0 || !result)
        return status < 0 ? status : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (report.earlier != 0)
        already = tend_arena_print(session->arena,
                                   "Nothing to put back: batch %lld has taken it back already; tend undo %lld brings it again",
                                   (long long)report.earlier, (long long)report.earlier);
    is_over = report.batch == 0 && report.earlier != 0;
    status = result->section(result, "",
                             report.batch == 0 && already ? already
                             : session->is_dry_run        ? "Undo, tried on a copy"
                             : report.batch == 0          ? "Nothing to put back: nothing was written"
                                                          : "Undone",
                             totals, 5, true, reterr);
    if (status >= 0)
        status = result->row(result,
                             (tend_value[]){ tend_value_int(batch), report.batch ? tend_value_int(report.batch) : tend_value_none(),
                                             tend_value_int(report.restored), tend_value_int((int64_t)report.left_count),
                                             tend_value_int(report.events) },
                             reterr);
    if (status >= 0 && !is_over)
        status = tell_bookmark(session, batch, result, reterr);
    if (status >= 0 && !(is_over && report.left_count == 0))
        status = result->section(result, "left_alone", "Left alone", lines, 5, false, reterr);
    for (size_t i = 0; status >= 0 && i < report.left_count; i++) {
        const tend_undo_left *left = &report.left[i];
        const tend_kind_schema *kind = tend_schema_kind(tend_workspace_schema(session->workspace), left->kind);

        status = result->row(result,
                             (tend_value[]){ tend_value_of(kind->name), tend_value_int(left->row),
                                             tend_value_of(tend_row_name(&world, left->kind, left->row, session->arena)),
                                             tend_value_of(left->field < 0 ? "" : kind->fields[left->field].name),
                                             tend_value_of(left->why) },
                             reterr);
    }
    if (status >= 0 && report.events > 0 && !is_over) {
        tend_query query;

        status = tend_cli_begin(session, &query, &result, reterr);
        if (status >= 0)
            status = tend_query_came_of(&query, batch, result, reterr);
    }
    session->exit_code = report.left_count > 0;
    return status;
}
