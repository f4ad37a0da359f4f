/* why.c: what became of an account at a playbook, on a day or ever, and which field decided. */
#include "query/why.h"
#include "base/near.h"
#include "model/merge.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 500, ROWS_MAX = 1000 };

const char *why_day(const why_question *question, tend_time at)
{
    const tend_query *query = question->query;
    tend_date day = query->zone ? tend_zone_date(query->zone, at) : (tend_date)(at / 86400000);

    return query_date(query, day);
}

tend_time why_midnight(const why_question *question, tend_date day)
{
    return question->query->zone ? tend_zone_midnight(question->query->zone, day) : (tend_time)day * 86400000;
}

const char *why_span(const why_question *question, const why_trigger *trigger)
{
    int64_t days = trigger->days < 0 ? -trigger->days : trigger->days;

    bool is_whole = strchr(trigger->anchor, '.') != NULL;

    return tend_arena_print(question->query->arena, "%lld %sday%s %s %s%s%s", (long long)days, trigger->unit ? "business " : "",
                            days == 1 ? "" : "s", trigger->days < 0 ? "after" : "before", is_whole ? "" : trigger->kind->name,
                            is_whole ? "" : ".", trigger->anchor);
}

/* Every playbook that ever worked here is known. */
static tend_status check_name(const why_question *question, tend_error *reterr)
{
    const tend_query *query = question->query;
    const char *names[NAMES_MAX + 1], *near;
    tend_statement *statement = NULL;
    size_t count = 0;
    bool has_row = true, is_known = false;
    tend_status status = query_prepare(query, "SELECT name FROM playbooks ORDER BY name", &statement, reterr);

    while (status >= 0 && count < NAMES_MAX && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        names[count] = query_text(query, statement, 0);
        is_known |= strcmp(names[count++], question->playbook) == 0;
    }
    tend_statement_end(statement);
    if (status < 0 || is_known)
        return status;
    names[count] = NULL;
    near = tend_near(question->playbook, names);
    if (near)
        return tend_fail(reterr, TEND_ENOTFOUND, "playbook '%s': there is none; did you mean %s?", question->playbook, near);
    return tend_fail(reterr, TEND_ENOTFOUND, "playbook '%s': there is none; see tend playbook list", question->playbook);
}

static tend_status read_position(why_question *question, tend_error *reterr)
{
    return tend_store_number(question->query->world.store, "SELECT sequence FROM positions WHERE subscriber = 'playbook'", 0,
                             &question->position, reterr);
}

/* The rows of the subject's kind that the account had at `to`. */
static tend_status read_rows(const why_question *question, int64_t rows[ROWS_MAX], size_t *ret_count, tend_error *reterr)
{
    const tend_kind_schema *kind = question->trigger.kind;
    tend_query then = *question->query;
    tend_statement *statement = NULL;
    bool has_row = true;
    tend_status status;
    const char *sql;

    *ret_count = 0;
    if (kind->kind != TEND_KIND_ACCOUNT && kind->account_field < 0)
        return TEND_OK;
    then.world.effective = TEND_NO_TIME;
    then.world.known = question->to >= tend_model_now(then.model) ? TEND_NO_TIME : question->to;
    sql = tend_arena_print(then.arena, "SELECT t.id FROM {%s} t WHERE t.\"%s\" = ?1 ORDER BY t.id LIMIT ?2", kind->name,
                           kind->kind == TEND_KIND_ACCOUNT ? "id" : kind->fields[kind->account_field].name);
    status = sql ? query_prepare(&then, sql, &statement, reterr) : tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, question->account);
    tend_statement_bind_int(statement, 2, ROWS_MAX);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        rows[(*ret_count)++] = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

static tend_value number_or_none(int64_t number)
{
    return number ? tend_value_int(number) : tend_value_none();
}

static tend_value time_or_none(tend_time at)
{
    return at == TEND_NO_TIME ? tend_value_none() : tend_value_time(at);
}

static tend_status show_answers(const why_question *question, const why_list *answers, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "row", NULL, TEND_INT, false },  { "name", NULL, TEND_TEXT, false }, { "what", "decision", TEND_TEXT, false },
        { "why", NULL, TEND_TEXT, false }, { "at", NULL, TEND_TIME, true },    { "due_on", "due", TEND_DATE, true },
        { "event", NULL, TEND_INT, true }, { "run", NULL, TEND_INT, true },
    };
    const query_section section = { "answers", "What became of it", headings, QUERY_COUNT(headings), false, NULL };
    const tend_query *query = question->query;
    tend_status status = query_announce(query, &section, result, reterr);

    for (size_t i = 0; status >= 0 && i < answers->count; i++) {
        const why_answer *answer = &answers->answers[i];
        const tend_value values[] = {
            tend_value_int(answer->row),
            tend_value_of(tend_row_name(&query->world, question->trigger.kind->kind, answer->row, query->arena)),
            tend_value_of(answer->what),
            tend_value_of(answer->why),
            time_or_none(answer->at),
            answer->due_on == TEND_NO_DATE ? tend_value_none() : tend_value_date(answer->due_on),
            number_or_none(answer->event),
            number_or_none(answer->run),
        };

        status = result->row(result, values, reterr);
    }
    return status;
}

static tend_status show_fields(const why_question *question, const why_list *answers, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "row", NULL, TEND_INT, false },     { "field", NULL, TEND_TEXT, false },  { "value", NULL, TEND_TEXT, false },
        { "wanted", NULL, TEND_TEXT, false }, { "segment", NULL, TEND_TEXT, true }, { "why", NULL, TEND_TEXT, true },
    };
    const query_section section = { "fields", "Fields that decided", headings, QUERY_COUNT(headings), false, NULL };
    tend_status status = query_announce(question->query, &section, result, reterr);

    for (size_t i = 0; i < answers->count; i++) {
        const why_answer *answer = &answers->answers[i];

        for (size_t k = 0; status >= 0 && k < answer->reason_count; k++) {
            const tend_filter_reason *reason = &answer->reasons[k];
            const tend_value values[] = {
                tend_value_int(answer->row),   tend_value_of(reason->field),   tend_value_of(reason->value),
                tend_value_of(reason->wanted), tend_value_of(reason->segment), tend_value_of(reason->why),
            };

            status = result->row(result, values, reterr);
        }
    }
    return status;
}

/* "when a contract.signed happens", "90 days before contract.ends_on" */
static const char *start_words(const why_question *question)
{
    const why_trigger *trigger = &question->trigger;

    if (trigger->topic)
        return tend_arena_print(question->query->arena, "at each %s", trigger->topic);
    if (trigger->unit && strcmp(trigger->unit, "cadence") == 0)
        return "again and again, each row on days of its own";
    if (trigger->anchor)
        return why_span(question, trigger);
    return trigger->condition ? "when its condition becomes true" : "by hand, or by another playbook";
}

static tend_status show_trigger(const why_question *question, tend_time first, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "playbook", NULL, TEND_TEXT, false }, { "day", NULL, TEND_DATE, true },        { "state", NULL, TEND_TEXT, false },
        { "since", NULL, TEND_TIME, true },     { "subject", "about", TEND_TEXT, true }, { "starts", NULL, TEND_TEXT, true },
        { "condition", NULL, TEND_TEXT, true },
    };
    const query_section section = { "trigger", "The playbook then", headings, QUERY_COUNT(headings), true, NULL };
    const why_trigger *trigger = &question->trigger;
    const tend_value values[] = {
        tend_value_of(question->playbook),
        question->day == TEND_NO_DATE ? tend_value_none() : tend_value_date(question->day),
        tend_value_of(!trigger->exists     ? "absent"
                      : trigger->is_active ? "at work"
                                           : "off"),
        trigger->exists         ? tend_value_time(trigger->since)
        : first != TEND_NO_TIME ? tend_value_time(first)
                                : tend_value_none(),
        trigger->exists ? tend_value_of(trigger->kind->name) : tend_value_none(),
        trigger->exists ? tend_value_of(start_words(question)) : tend_value_none(),
        tend_value_of(trigger->condition),
    };
    tend_status status = query_announce(question->query, &section, result, reterr);

    return status < 0 ? status : result->row(result, values, reterr);
}

/* Both lists are newest first, each by its events. */
static tend_status show_decisions(const why_question *question, int64_t limit, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "at", NULL, TEND_TIME, false },   { "decision", NULL, TEND_TEXT, false }, { "topic", NULL, TEND_TEXT, false },
        { "event", NULL, TEND_INT, false }, { "row", NULL, TEND_INT, false },       { "why", NULL, TEND_TEXT, false },
        { "run", NULL, TEND_INT, true },
    };
    const query_section section = { "decisions", "Events that were put before it", headings, QUERY_COUNT(headings), false, NULL };
    const why_list *recorded = &question->decisions, *counted = &question->events;
    size_t a = 0, b = 0;
    int64_t shown = 0;
    tend_status status = query_announce(question->query, &section, result, reterr);

    while (status >= 0 && (limit == 0 || shown < limit)) {
        const why_answer *next;

        while (a < recorded->count && recorded->answers[a].at < question->from)
            a++;
        if (a == recorded->count && b == counted->count)
            return TEND_OK;
        if (b == counted->count || (a < recorded->count && recorded->answers[a].event >= counted->answers[b].event))
            next = &recorded->answers[a++];
        else
            next = &counted->answers[b++];
        shown++;
        status = result->row(result,
                             (tend_value[]){ tend_value_time(next->at), tend_value_of(next->what), tend_value_of(next->topic),
                                             number_or_none(next->event), tend_value_int(next->row), tend_value_of(next->why),
                                             number_or_none(next->run) },
                             reterr);
    }
    if (status >= 0 && (a < recorded->count || b < counted->count))
        status = result->note(result,
                              query_fill(question->query, "{n} events shown, the newest; --limit shows more.", "n",
                                         query_number(question->query, shown), NULL),
                              reterr);
    return status;
}

/* All decisions, so that they can be seen to add up; topics that can never start it stand together. */
static tend_status show_counts(const why_question *question, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = { { "topic", NULL, TEND_TEXT, false },
                                             { "decision", NULL, TEND_TEXT, false },
                                             { "events", NULL, TEND_INT, false } };
    const tend_query *query = question->query;
    const char *name = query_quoted(query, question->playbook), *topics = "''";
    tend_status status = question->trigger.exists ? why_topics(question, &topics, reterr) : TEND_OK;
    query_section section = { "counts", "All decisions of all accounts", headings, QUERY_COUNT(headings), false, NULL };

    if (status < 0)
        return status;
    section.sql = tend_arena_print(
        query->arena,
        "SELECT CASE WHEN topic LIKE '%s.%%' OR topic IN ('due.' || %s, 'met.' || %s, %s) OR "
        "topic IN (SELECT topic FROM decisions WHERE playbook = %s) THEN topic ELSE 'other topics' END, what, sum(n) "
        "FROM (SELECT topic, what, n FROM decision_counts WHERE playbook = %s UNION ALL SELECT topic, what, 1 FROM "
        "decisions WHERE playbook = %s AND what <> 'stopped') GROUP BY 1, 2 ORDER BY 1 = 'other topics', 1, 2",
        question->trigger.exists ? question->trigger.kind->name : "-", name, name, topics, name, name, name);
    return section.sql ? query_show(query, &section, NULL, 0, result, NULL, reterr)
                       : tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
}

/* What cannot be said of a row. */
static const char *no_rows(const why_question *question, tend_time first, size_t rows)
{
    const tend_query *query = question->query;
    const why_trigger *trigger = &question->trigger;
    const char *when =
        question->day == TEND_NO_DATE ? "" : tend_arena_print(query->arena, " on %s", query_date(query, question->day));

    if (!trigger->exists)
        return first != TEND_NO_TIME
                   ? tend_arena_print(query->arena, "There was no playbook %s%s; it came on %s.", question->playbook, when,
                                      why_day(question, first))
                   : tend_arena_print(
                         query->arena,
                         "Playbook %s has not worked yet; see tend playbook list whether it is at work, then run tend once.",
                         question->playbook);
    if (!trigger->is_active)
        return tend_arena_print(query->arena, "Playbook %s was switched off on %s; nothing was put before it%s.",
                                question->playbook, why_day(question, trigger->since), when);
    if (!trigger->topic && !trigger->anchor && !trigger->condition && !trigger->unit)
        return tend_arena_print(query->arena, "Nothing but people and other playbooks starts %s: it has no start_when.",
                                question->playbook);
    if (rows == 0 && trigger->kind->kind != TEND_KIND_ACCOUNT && trigger->kind->account_field < 0)
        return tend_arena_print(query->arena, "Playbook %s is about %s, which belong to no account.", question->playbook,
                                trigger->kind->table);
    if (rows == 0 && trigger->kind->kind == TEND_KIND_ACCOUNT)
        return tend_arena_print(query->arena, "The account was not known%s.", when);
    if (rows == 0)
        return tend_arena_print(query->arena, "The account had no %s%s, so nothing could start.", trigger->kind->name, when);
    return NULL;
}

/* When it came, for a day before that; TEND_NO_TIME when it has not worked yet. */
static tend_status read_first(const why_question *question, tend_time *ret_since, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = query_prepare(question->query, "SELECT min(since) FROM triggers WHERE playbook = ?1", &statement, reterr);

    *ret_since = TEND_NO_TIME;
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, question->playbook);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_since = query_int(statement, 0, TEND_NO_TIME);
    tend_statement_end(statement);
    return status;
}

static int by_event(const void *a, const void *b)
{
    const why_answer *left = a, *right = b;

    return left->event < right->event ? 1 : left->event > right->event ? -1 : 0;
}

static void set_window(why_question *question)
{
    const tend_world *world = &question->query->world;
    tend_time end;

    question->from = INT64_MIN;
    question->to = world->known != TEND_NO_TIME       ? world->known
                   : world->effective != TEND_NO_TIME ? world->effective
                                                      : tend_model_now(question->query->model);
    if (question->day == TEND_NO_DATE)
        return;
    question->from = why_midnight(question, question->day);
    end = why_midnight(question, question->day + 1) - 1;
    if (end < question->to)
        question->to = end;
}

static tend_status answer(why_question *question, int64_t limit, tend_result *result, tend_error *reterr)
{
    int64_t rows[ROWS_MAX];
    why_list answers = { 0 };
    tend_time first = TEND_NO_TIME;
    const char *none;
    size_t count = 0;
    bool is_at_work;
    tend_status status = why_read_trigger(question, 0, &question->trigger, reterr);

    if (status >= 0 && !question->trigger.exists)
        status = read_first(question, &first, reterr);
    is_at_work = question->trigger.exists && question->trigger.is_active;
    if (status >= 0)
        status = why_read_decisions(question, reterr);
    if (status >= 0 && is_at_work)
        status = read_rows(question, rows, &count, reterr);
    why_use_condition(question, question->trigger.condition);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        why_answer one;

        status = why_read_events(question, rows[i], reterr);
        if (status >= 0)
            status = why_row(question, rows[i], &one, reterr);
        if (status >= 0)
            status = why_add(question, &answers, &one, reterr);
    }
    if (question->events.count > 0)
        qsort(question->events.answers, question->events.count, sizeof *question->events.answers, by_event);
    if (status >= 0)
        status = show_answers(question, &answers, result, reterr);
    if (status >= 0 && count > 0 && question->trigger.kind->kind != TEND_KIND_ACCOUNT)
        status = result->note(
            result,
            query_fill(question->query, "The rows are {what} of account {id}, {name}; tend playbook start takes their numbers.",
                       "what", query_say(question->query, question->trigger.kind->table), "id",
                       tend_arena_print(question->query->arena, "%lld", (long long)question->account), "name",
                       tend_row_name(&question->query->world, TEND_KIND_ACCOUNT, question->account, question->query->arena), NULL),
            reterr);
    none = no_rows(question, first, count);
    if (status >= 0 && none)
        status = result->note(result, none, reterr);
    if (status >= 0 && question->day > question->query->today)
        status = result->note(result,
                              tend_arena_print(question->query->arena, "%s is ahead: this is how things stand today.",
                                               query_date(question->query, question->day)),
                              reterr);
    if (status >= 0)
        status = show_fields(question, &answers, result, reterr);
    if (status >= 0)
        status = show_trigger(question, first, result, reterr);
    if (status >= 0)
        status = show_decisions(question, limit, result, reterr);
    return status < 0 ? status : show_counts(question, result, reterr);
}

tend_status tend_query_why(const tend_query *query, const char *playbook, int64_t account, tend_date day, int64_t limit,
                           tend_result *result, tend_error *reterr)
{
    why_question question = { .query = query, .playbook = playbook, .account = account, .day = day };
    tend_status status = query_begin(query, reterr);

    set_window(&question);
    if (status >= 0)
        status = tend_merge_resolve(&query->world, account, &question.account, reterr);
    if (status >= 0)
        status = check_name(&question, reterr);
    if (status >= 0)
        status = read_position(&question, reterr);
    if (status >= 0)
        status = answer(&question, limit, result, reterr);
    tend_filter_free(question.filter);
    return status;
}
