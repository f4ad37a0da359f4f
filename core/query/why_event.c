/* why_event.c: what became of each event: as it was recorded, or found again for those that were merely counted. */
#include "query/why.h"
#include <string.h>

enum { LATER_LOOKS = 20, EVENTS_MAX = 1000 };

tend_status why_add(why_question *question, why_list *list, const why_answer *answer, tend_error *reterr)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 32;
        why_answer *more = tend_arena_take(question->query->arena, room * sizeof *more);

        if (!more)
            return tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
        if (list->count > 0)
            memcpy(more, list->answers, list->count * sizeof *more);
        list->answers = more;
        list->room = room;
    }
    list->answers[list->count++] = *answer;
    return TEND_OK;
}

tend_status why_read_trigger(const why_question *question, int64_t sequence, why_trigger *ret_trigger, tend_error *reterr)
{
    const tend_query *query = question->query;
    tend_statement *statement = NULL;
    bool has_row = false;
    bool has_unit = false; /* not where only an earlier version has worked */
    tend_status status = tend_store_look_for(query->world.store, "triggers", "unit", &has_unit, reterr);
    const char *sql = tend_arena_print(
        query->arena, "SELECT is_active, since, kind, topic, anchor, days, condition, %s FROM triggers WHERE playbook = ?1 AND %s",
        has_unit ? "unit" : "NULL",
        sequence ? "starts_at < ?2 ORDER BY number DESC LIMIT 1" : "since <= ?2 ORDER BY number DESC LIMIT 1");

    if (status >= 0 && !sql)
        status = tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
    if (status >= 0)
        status = query_prepare(query, sql, &statement, reterr);
    *ret_trigger = (why_trigger){ 0 };
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, question->playbook);
    tend_statement_bind_int(statement, 2, sequence ? sequence : question->to);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_trigger = (why_trigger){ .exists = true,
                                      .is_active = tend_statement_int(statement, 0) != 0,
                                      .since = tend_statement_int(statement, 1),
                                      .kind = tend_schema_kind(query->world.schema, (tend_kind)tend_statement_int(statement, 2)),
                                      .topic = query_text(query, statement, 3),
                                      .anchor = query_text(query, statement, 4),
                                      .days = tend_statement_int(statement, 5),
                                      .condition = query_text(query, statement, 6),
                                      .unit = query_text(query, statement, 7) };
    tend_statement_end(statement);
    return status;
}

/* The account's own id and those of the accounts that were merged into it. */
#define ITS_ACCOUNTS "(SELECT ?2 UNION SELECT l.account FROM account_roots l WHERE l.root = ?2)"

tend_status why_read_decisions(why_question *question, tend_error *reterr)
{
    const tend_query *query = question->query;
    tend_statement *statement = NULL;
    bool has_row = true;
    tend_status status = query_prepare(query,
                                       "SELECT row, at, what, why, topic, event, run FROM decisions WHERE playbook = ?1 AND "
                                       "account IN " ITS_ACCOUNTS " AND at <= ?3 ORDER BY at DESC, id DESC LIMIT ?4",
                                       &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, question->playbook);
    tend_statement_bind_int(statement, 2, question->account);
    tend_statement_bind_int(statement, 3, question->to);
    tend_statement_bind_int(statement, 4, EVENTS_MAX);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        why_answer answer = { .row = tend_statement_int(statement, 0),
                              .at = tend_statement_int(statement, 1),
                              .what = query_text(query, statement, 2),
                              .why = query_text(query, statement, 3),
                              .topic = query_text(query, statement, 4),
                              .event = tend_statement_int(statement, 5),
                              .run = tend_statement_int(statement, 6),
                              .due_on = TEND_NO_DATE };

        status = why_add(question, &question->decisions, &answer, reterr);
        if (status < 0)
            break;
    }
    tend_statement_end(statement);
    return status;
}

void why_use_condition(why_question *question, const char *condition)
{
    const tend_query *query = question->query;
    tend_error why = { 0 };

    if (question->filter_text && condition && strcmp(question->filter_text, condition) == 0)
        return;
    tend_filter_free(question->filter);
    question->filter = NULL;
    question->filter_fault = NULL;
    question->filter_text = condition;
    if (condition && tend_filter_parse(query->world.schema, query->segments, question->trigger.kind->kind, condition,
                                       "start_when.where", &question->filter, &why) < 0)
        question->filter_fault = tend_arena_string(query->arena, why.text);
}

/* Whether the event of this row has a record of its own. */
static bool is_recorded(const why_question *question, int64_t event, int64_t row)
{
    for (size_t i = 0; i < question->decisions.count; i++) {
        const why_answer *decision = &question->decisions.answers[i];

        if (decision->event == event && decision->row == row && strcmp(decision->what, "stopped") != 0)
            return true;
    }
    return false;
}

/* The instants after `sequence` at which the row or its account changed: the engine may have looked then. */
static tend_status look_later(why_question *question, int64_t sequence, why_answer *answer, tend_error *reterr)
{
    const tend_query *query = question->query;
    tend_statement *statement = NULL;
    bool has_row = true, is_met = true;
    tend_status status =
        query_prepare(query,
                      "SELECT recorded_at, sequence FROM events WHERE sequence > ?1 AND ((kind = ?2 AND first <= ?3 AND last "
                      ">= ?3) OR (kind = ?4 AND first <= ?5 AND last >= ?5)) AND recorded_at <= ?6 ORDER BY sequence "
                      "LIMIT ?7",
                      &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, sequence);
    tend_statement_bind_int(statement, 2, question->trigger.kind->kind);
    tend_statement_bind_int(statement, 3, answer->row);
    tend_statement_bind_int(statement, 4, TEND_KIND_ACCOUNT);
    tend_statement_bind_int(statement, 5, question->account);
    tend_statement_bind_int(statement, 6, question->to);
    tend_statement_bind_int(statement, 7, LATER_LOOKS);
    while (is_met && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        status = why_evaluate(question, answer->row, tend_statement_int(statement, 1), tend_statement_int(statement, 0), answer,
                              &is_met, reterr);
    tend_statement_end(statement);
    if (status < 0)
        return status;
    answer->why = is_met ? "what is recorded now meets its condition; it did not when the event was delivered"
                         : tend_arena_print(query->arena, "when it was delivered, %s", answer->why);
    return TEND_OK;
}

tend_status why_evaluate(why_question *question, int64_t row, int64_t sequence, tend_time at, why_answer *answer, bool *ret_met,
                         tend_error *reterr)
{
    const tend_query *query = question->query;
    tend_world world = query->world;
    why_measures measures;
    const char *words = NULL;
    tend_status status;

    answer->reasons = NULL;
    answer->reason_count = 0;
    *ret_met = true;
    if (!question->filter) {
        if (question->filter_fault)
            answer->why = tend_arena_print(query->arena, "its condition cannot be read any more: %s", question->filter_fault);
        *ret_met = !question->filter_fault;
        return TEND_OK;
    }
    world.now = at;
    world.effective = TEND_NO_TIME;
    world.known = at >= tend_model_now(query->model) ? TEND_NO_TIME : at;
    status = why_measures_at(question, sequence, at, world.known == TEND_NO_TIME && sequence == 0, &measures, reterr);
    world.measures = measures.measures;
    world.measure_count = measures.count;
    if (status >= 0)
        status = tend_filter_explain(question->filter, &world, query->principal, query->rates, row, query->arena, ret_met,
                                     &answer->reasons, &answer->reason_count, reterr);
    if (status == TEND_ENOTFOUND) {
        *ret_met = false;
        answer->why = tend_arena_print(query->arena, "%s %lld was gone", question->trigger.kind->name, (long long)row);
        return answer->why ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
    }
    if (status >= 0)
        status = why_measures_say(question, &measures, answer, reterr);
    for (size_t i = 0; status >= 0 && i < answer->reason_count; i++) {
        const char *one = tend_filter_reason_words(&answer->reasons[i], query->arena);

        words = words ? tend_arena_print(query->arena, "%s; %s", words, one) : one;
    }
    answer->why = words;
    return status;
}

/* An event without a record: it was counted, or nobody has looked at it yet. */
static tend_status find_again(why_question *question, const why_trigger *then, bool is_history, why_answer *answer,
                              tend_error *reterr)
{
    bool is_met = true;
    tend_status status;

    why_use_condition(question, then->condition);
    if (answer->event > question->position) {
        answer->what = "undelivered";
        answer->why = "no engine has looked at it yet; run tend once";
        return TEND_OK;
    }
    status = why_evaluate(question, answer->row, answer->event, answer->at, answer, &is_met, reterr);
    answer->what = is_met && is_history ? "suppressed" : "filtered";
    if (status >= 0 && is_met && is_history)
        answer->why = "it came as history, which starts nothing";
    else if (status >= 0 && is_met)
        status = look_later(question, answer->event, answer, reterr);
    return status;
}

tend_status why_topics(const why_question *question, const char **ret_topics, tend_error *reterr)
{
    const tend_query *query = question->query;
    const why_trigger *trigger = &question->trigger;
    const tend_filter_way *ways = NULL;
    const char *topics;
    size_t count = 0;
    tend_status status = TEND_OK;

    if (trigger->topic) {
        topics = query_quoted(query, trigger->topic);
    } else {
        topics = tend_arena_print(query->arena, "'%s.updated', '%s.created', 'met.' || %s", trigger->kind->name,
                                  trigger->kind->name, query_quoted(query, question->playbook));
        if (question->filter)
            status = tend_filter_ways(question->filter, query->arena, &ways, &count, reterr);
    }
    for (size_t i = 0; i < count && topics && status >= 0; i++)
        if (ways[i].measure && ways[i].ref_count == 0)
            topics = tend_arena_print(query->arena, "%s, 'measure.%s'", topics, ways[i].measure);
    *ret_topics = topics;
    return status >= 0 && !topics ? tend_fail(reterr, TEND_ENOMEM, "query: memory is used up") : status;
}

tend_status why_read_events(why_question *question, int64_t row, tend_error *reterr)
{
    const tend_query *query = question->query;
    const why_trigger *trigger = &question->trigger;
    tend_statement *statement = NULL;
    const char *topics = NULL, *sql;
    bool has_row = true;
    tend_status status;

    if (trigger->anchor || trigger->unit)
        return TEND_OK; /* every event of a due date has a record */
    status = why_topics(question, &topics, reterr);
    if (status < 0)
        return status;
    sql = tend_arena_print(query->arena,
                           "SELECT sequence, topic, recorded_at, is_history FROM events WHERE topic IN (%s) AND kind = ?1 AND "
                           "first <= ?2 AND last >= ?2 AND recorded_at >= ?3 AND recorded_at <= ?4 ORDER BY sequence DESC LIMIT ?5",
                           topics);
    status = sql ? query_prepare(query, sql, &statement, reterr) : tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, trigger->kind->kind);
    tend_statement_bind_int(statement, 2, row);
    tend_statement_bind_int(statement, 3, question->from);
    tend_statement_bind_int(statement, 4, question->to);
    tend_statement_bind_int(statement, 5, EVENTS_MAX);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        bool is_history = tend_statement_int(statement, 3) != 0;
        why_answer answer = { .row = row,
                              .at = tend_statement_int(statement, 2),
                              .topic = query_text(query, statement, 1),
                              .event = tend_statement_int(statement, 0),
                              .due_on = TEND_NO_DATE };
        why_trigger then;

        if (is_recorded(question, answer.event, row))
            continue;
        status = why_read_trigger(question, answer.event, &then, reterr);
        if (status >= 0 && then.exists && then.is_active) {
            status = find_again(question, &then, is_history, &answer, reterr);
            if (status >= 0)
                status = why_add(question, &question->events, &answer, reterr);
        }
        if (status < 0)
            break;
    }
    tend_statement_end(statement);
    why_use_condition(question, trigger->condition);
    return status;
}
