#include "engine/backtest_answers.h"
#include "playbook/sql.h"
#include <stdlib.h>
#include <string.h>

enum { NOON = 12 * 60, FIELDS = 40 };

/* An answer that is to come. */
typedef struct coming {
    tend_time at;
    tend_kind kind;
    int64_t row;  /* of the desk */
    int64_t twin; /* the row of history that was asked the same; 0: it is assumed */
} coming;

struct tend_answers {
    tend_store *history; /* borrowed, as all of these */
    tend_workspace *desk;
    tend_model *model;
    const tend_backtest_options *options;
    bool has_runs; /* history has steps of playbooks */
    coming *list;  /* owned; a heap, the earliest first */
    size_t count, room;
    int64_t seen_task, seen_approval;
    int64_t answered, assumed, unanswered;
    tend_arena *arena;
};

/* -- what is to come, the earliest first -- */

static bool is_before(const coming *a, const coming *b)
{
    return a->at != b->at ? a->at < b->at : a->row < b->row;
}

static tend_status push(tend_answers *answers, const coming *added, tend_error *reterr)
{
    size_t at = answers->count;

    if (answers->count == answers->room) {
        size_t room = answers->room ? answers->room * 2 : 256;
        coming *larger = realloc(answers->list, room * sizeof *larger);

        if (!larger)
            return tend_fail(reterr, TEND_ENOMEM, "backtest: memory is used up");
        answers->list = larger;
        answers->room = room;
    }
    answers->count++;
    for (; at > 0 && is_before(added, &answers->list[(at - 1) / 2]); at = (at - 1) / 2)
        answers->list[at] = answers->list[(at - 1) / 2];
    answers->list[at] = *added;
    return TEND_OK;
}

static coming pop(tend_answers *answers)
{
    coming first = answers->list[0], last = answers->list[--answers->count];
    size_t at = 0;

    for (;;) {
        size_t below = 2 * at + 1;

        if (below >= answers->count)
            break;
        if (below + 1 < answers->count && is_before(&answers->list[below + 1], &answers->list[below]))
            below++;
        if (!is_before(&answers->list[below], &last))
            break;
        answers->list[at] = answers->list[below];
        at = below;
    }
    if (answers->count > 0)
        answers->list[at] = last;
    return first;
}

/* -- what runs ask -- */

#define TWIN_ANSWERED                                                                                                   \
    " JOIN changes c ON c.kind = ?5 AND c.row = h.id AND c.field = 'status' AND c.after <> 'open' AND c.known_at >= ?6" \
    " WHERE u.playbook = ?1 AND u.kind = ?2 AND u.row = ?3 ORDER BY c.known_at, c.id LIMIT 1"

/* When the same was answered in history: the first answer from now on to what the playbook asked there, at the same step about the
 * same row. */
static tend_status find_twin(tend_answers *answers, tend_kind kind, int64_t run, const char *step, coming *inout_coming,
                             tend_error *reterr)
{
    static const char of_task[] = "SELECT c.known_at, c.row FROM runs u JOIN tasks h ON h.run = u.id AND h.step = ?4" TWIN_ANSWERED;
    static const char of_approval[] =
        "SELECT c.known_at, c.row FROM runs u JOIN approvals h ON h.run = u.id AND h.step = ?4" TWIN_ANSWERED;
    tend_store *store = tend_workspace_store(answers->desk);
    const char *playbook = NULL;
    int64_t subject_kind = 0, subject = 0;
    tend_statement *statement;
    bool has_row = false;
    tend_status status = TEND_OK;

    if (!answers->has_runs)
        return TEND_OK;
    status = tend_sql_ask(store, &statement, reterr, "SELECT playbook, kind, row FROM runs WHERE id = ?1", "i", run);
    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        playbook = tend_arena_string(answers->arena, tend_statement_text(statement, 0, NULL));
        subject_kind = tend_statement_int(statement, 1);
        subject = tend_statement_int(statement, 2);
    }
    tend_statement_end(statement);
    if (status < 0 || !playbook)
        return status;
    status = tend_sql_ask(answers->history, &statement, reterr, kind == TEND_KIND_TASK ? of_task : of_approval, "siisit", playbook,
                          subject_kind, subject, step, (int64_t)kind, tend_model_now(answers->model));
    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        inout_coming->at = tend_statement_int(statement, 0);
        inout_coming->twin = tend_statement_int(statement, 1);
    }
    tend_statement_end(statement);
    return status;
}

/* At noon of the day it is due, or of the next day. */
static tend_time assumed_at(const tend_answers *answers, tend_kind kind, bool has_due, tend_date due)
{
    const tend_zone *zone = tend_workspace_zone(answers->desk);
    tend_time now = tend_model_now(answers->model), at;
    tend_date tomorrow = tend_zone_date(zone, now) + 1;

    at = tend_zone_at(zone, kind == TEND_KIND_TASK && has_due ? due : tomorrow, NOON);
    return at > now ? at : tend_zone_at(zone, tomorrow, NOON);
}

static tend_status take(tend_answers *answers, tend_kind kind, tend_statement *asked, tend_error *reterr)
{
    coming added = { .at = TEND_NO_TIME, .kind = kind, .row = tend_statement_int(asked, 0) };
    const char *step = tend_arena_string(answers->arena, tend_statement_text(asked, 2, NULL));
    tend_status status = find_twin(answers, kind, tend_statement_int(asked, 1), step ? step : "", &added, reterr);

    if (status >= 0 && added.twin == 0 && answers->options->assumption == TEND_ASSUME_ON_TIME)
        added.at = assumed_at(answers, kind, !tend_statement_is_null(asked, 3), (tend_date)tend_statement_int(asked, 3));
    if (status < 0 || added.at == TEND_NO_TIME) {
        answers->unanswered += status >= 0;
        return status;
    }
    return push(answers, &added, reterr);
}

static tend_status look(tend_answers *answers, tend_kind kind, const char *sql, int64_t *seen, tend_error *reterr)
{
    tend_statement *asked;
    bool has_row = false;
    tend_status status = tend_sql_ask(tend_workspace_store(answers->desk), &asked, reterr, sql, "i", *seen);

    if (status < 0)
        return status;
    while (status >= 0 && (status = tend_statement_step(asked, &has_row, reterr)) >= 0 && has_row) {
        tend_arena_reset(answers->arena);
        status = take(answers, kind, asked, reterr);
        *seen = tend_statement_int(asked, 0);
    }
    tend_statement_end(asked);
    return status;
}

tend_status tend_answers_look(tend_answers *answers, tend_error *reterr)
{
    tend_status status = look(
        answers, TEND_KIND_TASK,
        "SELECT id, run, step, due_on FROM tasks WHERE id > ?1 AND run IN (SELECT id FROM runs) AND status = 'open' ORDER BY id",
        &answers->seen_task, reterr);

    return status < 0 ? status
                      : look(answers, TEND_KIND_APPROVAL,
                             "SELECT a.id, a.run, a.step, a.due_on FROM approvals a JOIN runs u ON u.id = a.run"
                             " WHERE a.id > ?1 AND a.status = 'open' ORDER BY a.id",
                             &answers->seen_approval, reterr);
}

tend_time tend_answers_next(const tend_answers *answers)
{
    return answers->count > 0 ? answers->list[0].at : TEND_NO_TIME;
}

/* -- what they answer -- */

static tend_value read_value(tend_statement *statement, int column, const tend_field *field)
{
    tend_value value = { .type = TEND_NULL };

    if (tend_statement_is_null(statement, column))
        return value;
    value.type = field->type;
    if (field->type == TEND_TEXT)
        value.text = tend_statement_text(statement, column, &value.length);
    else
        value.integer = tend_statement_int(statement, column);
    if (field->type == TEND_DECIMAL)
        value.scale = field->scale;
    return value;
}

/* What was written into the twin then, by whoever answered. */
static tend_status copy_answer(tend_answers *answers, const coming *answer, tend_assignment *fields, int *ret_count,
                               tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(tend_model_schema(answers->model), answer->kind);
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(answers->history, &statement, reterr,
                                      "SELECT field, after FROM changes WHERE kind = ?1 AND row = ?2 AND known_at = ?3"
                                      " AND field <> '' ORDER BY id",
                                      "iit", (int64_t)answer->kind, answer->twin, answer->at);

    *ret_count = 0;
    while (status >= 0 && *ret_count < FIELDS && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        int field = tend_schema_field(kind, tend_statement_text(statement, 0, NULL));
        tend_value value;

        if (field < 0 || kind->fields[field].type == TEND_REF) /* who answered may not be there yet */
            continue;
        value = read_value(statement, 1, &kind->fields[field]);
        fields[*ret_count].field = field;
        if (tend_arena_value(answers->arena, &value, &fields[*ret_count].value) < 0)
            status = tend_fail(reterr, TEND_ENOMEM, "backtest: memory is used up");
        (*ret_count)++;
    }
    tend_statement_end(statement);
    return status;
}

/* What is assumed: a task is done, an approval given, a question answered with its first choice. */
static tend_status assume_answer(tend_answers *answers, const coming *answer, tend_assignment *fields, int *ret_count,
                                 tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(tend_model_schema(answers->model), answer->kind);
    const char *word = answer->kind == TEND_KIND_TASK ? "done" : "approved", *choices = NULL;
    tend_statement *statement;
    bool has_row = false;
    tend_status status = TEND_OK;

    fields[(*ret_count)++] =
        (tend_assignment){ .field = kind->status_field, .value = { .type = TEND_TEXT, .text = word, .length = strlen(word) } };
    if (answer->kind != TEND_KIND_TASK)
        return TEND_OK;
    status = tend_sql_ask(tend_workspace_store(answers->desk), &statement, reterr, "SELECT choices FROM tasks WHERE id = ?1", "i",
                          answer->row);
    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row && !tend_statement_is_null(statement, 0))
        choices = tend_arena_string(answers->arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    if (choices) {
        size_t length = strcspn(choices, "|");

        while (length > 0 && choices[length - 1] == ' ')
            length--;
        fields[(*ret_count)++] = (tend_assignment){ .field = tend_schema_field(kind, "outcome"),
                                                    .value = { .type = TEND_TEXT, .text = choices, .length = length } };
    }
    return status;
}

static tend_status give(tend_answers *answers, const coming *answer, tend_error *reterr)
{
    const tend_principal administrator = tend_principal_administrator();
    const tend_origin origin = { .principal = &administrator };
    tend_assignment fields[FIELDS];
    tend_put put = {
        .kind = answer->kind, .id = answer->row, .fields = fields, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME
    };
    tend_put_result result;
    int64_t is_open = 0;
    tend_status status = tend_sql_number(
        tend_workspace_store(answers->desk), 0, &is_open, reterr,
        answer->kind == TEND_KIND_TASK ? "SELECT count(*) FROM tasks WHERE id = ?1 AND status = 'open' AND removed_at IS NULL"
                                       : "SELECT count(*) FROM approvals WHERE id = ?1 AND status = 'open' AND removed_at IS NULL",
        "i", answer->row);

    if (status < 0 || !is_open)
        return status;
    tend_arena_reset(answers->arena);
    if (answer->twin != 0)
        status = copy_answer(answers, answer, fields, &put.field_count, reterr);
    else
        status = assume_answer(answers, answer, fields, &put.field_count, reterr);
    if (status >= 0)
        status = tend_model_put(answers->model, &origin, &put, &result, reterr);
    if (status >= 0)
        *(answer->twin ? &answers->answered : &answers->assumed) += 1;
    return status;
}

tend_status tend_answers_give(tend_answers *answers, tend_time until, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (answers->count == 0 || answers->list[0].at > until)
        return TEND_OK;
    status = tend_model_begin_soft(answers->model, reterr);
    if (status < 0)
        return status;
    while (status >= 0 && answers->count > 0 && answers->list[0].at <= until) {
        coming answer = pop(answers);

        status = give(answers, &answer, reterr);
    }
    if (status >= 0)
        return tend_model_commit(answers->model, reterr);
    tend_model_rollback(answers->model);
    return status;
}

void tend_answers_count(const tend_answers *answers, int64_t *ret_answered, int64_t *ret_assumed, int64_t *ret_unanswered)
{
    *ret_answered = answers->answered;
    *ret_assumed = answers->assumed;
    *ret_unanswered = answers->unanswered + (int64_t)answers->count;
}

tend_status tend_answers_open(tend_store *history, tend_workspace *desk, const tend_backtest_options *options,
                              tend_answers **ret_answers, tend_error *reterr)
{
    tend_answers *answers = calloc(1, sizeof *answers);
    tend_status status;

    if (!answers)
        return tend_fail(reterr, TEND_ENOMEM, "backtest: memory is used up");
    *answers = (tend_answers){ .history = history,
                               .desk = desk,
                               .model = tend_workspace_model(desk),
                               .options = options,
                               .has_runs = tend_store_has_table(history, "steps"),
                               .arena = tend_arena_new() };
    status = answers->arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "backtest: memory is used up");
    if (status < 0) {
        tend_answers_close(answers);
        return status;
    }
    *ret_answers = answers;
    return TEND_OK;
}

void tend_answers_close(tend_answers *answers)
{
    if (!answers)
        return;
    tend_arena_free(answers->arena);
    free(answers->list);
    free(answers);
}
