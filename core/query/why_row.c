/* why_row.c: how one row of the account stands with a playbook at an instant. */
#include "query/why.h"
#include <string.h>

/* The newest of a list that is of this row, and not before `from`. */
static const why_answer *newest(const why_list *list, int64_t row, tend_time from)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->answers[i].row == row && list->answers[i].at >= from)
            return &list->answers[i];
    return NULL;
}

/* The date a due trigger hangs on, as it was known at `to`; TEND_NO_DATE when it was not. */
static tend_status read_anchor(const why_question *question, int64_t row, tend_date *ret_date, tend_error *reterr)
{
    const why_trigger *trigger = &question->trigger;
    int field = tend_schema_field(trigger->kind, trigger->anchor);
    tend_world world = question->query->world;
    tend_row read;
    tend_status status;

    *ret_date = TEND_NO_DATE;
    world.effective = TEND_NO_TIME;
    world.known = question->to >= tend_model_now(question->query->model) ? TEND_NO_TIME : question->to;
    status = tend_read(&world, question->query->principal, trigger->kind->kind, row, question->query->arena, &read, reterr);
    if (status >= 0 && field >= 0 && read.values[field].type == TEND_DATE)
        *ret_date = (tend_date)read.values[field].integer;
    return status == TEND_ENOTFOUND ? TEND_OK : status;
}

static tend_status read_state(const why_question *question, int64_t row, const char **ret_state, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status =
        query_prepare(question->query, "SELECT state FROM dues WHERE playbook = ?1 AND kind = ?2 AND row = ?3", &statement, reterr);

    *ret_state = "";
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, question->playbook);
    tend_statement_bind_int(statement, 2, question->trigger.kind->kind);
    tend_statement_bind_int(statement, 3, row);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_state = query_text(question->query, statement, 0);
    tend_statement_end(statement);
    return status;
}

static void say(const why_question *question, why_answer *answer, const char *what, const char *words)
{
    answer->what = what;
    answer->why = words ? words : tend_arena_string(question->query->arena, "");
}

/* The day has come and nothing is recorded of it. */
static tend_status due_unrecorded(why_question *question, const char *due, why_answer *answer, tend_error *reterr)
{
    const tend_query *query = question->query;
    const char *state = "";
    bool is_met = true;
    tend_status status = why_evaluate(question, answer->row, 0, question->to, answer, &is_met, reterr);

    if (status >= 0)
        status = read_state(question, answer->row, &state, reterr);
    if (status < 0)
        return status;
    if (!is_met)
        say(question, answer, "unmet", tend_arena_print(query->arena, "due since %s; %s", due, answer->why));
    else if (strcmp(state, "fired") == 0)
        say(question, answer, "ran", tend_arena_print(query->arena, "due since %s; it ran before the date moved", due));
    else if (strcmp(state, "late") == 0)
        say(question, answer, "late",
            tend_arena_print(query->arena,
                             "due since %s; that had passed when the row or the playbook came; left out, tend playbook release %s "
                             "may start it",
                             due, question->playbook));
    else if (strcmp(state, "dropped") == 0)
        say(question, answer, "late",
            tend_arena_print(query->arena, "due since %s; that had passed when the row or the playbook came; left out for good",
                             due));
    else
        say(question, answer, "due",
            tend_arena_print(query->arena, "due since %s; no engine has worked since; run tend once", due));
    return TEND_OK;
}

/* "2026-12-01, 90 days before contract.ends_on 2027-03-01" */
static const char *due_words(const why_question *question, tend_date due, tend_date anchor)
{
    const tend_query *query = question->query;

    return tend_arena_print(query->arena, "%s, %s %s", query_date(query, due), why_span(question, &question->trigger),
                            query_date(query, anchor));
}

/* The day on which it begins next, TEND_NO_DATE where it has none; the date it hangs on. */
static tend_status read_next(const why_question *question, int64_t row, tend_date *ret_day, tend_date *ret_anchor,
                             tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = query_prepare(
        question->query, "SELECT at, anchor FROM dues WHERE playbook = ?1 AND kind = ?2 AND row = ?3", &statement, reterr);

    *ret_day = *ret_anchor = TEND_NO_DATE;
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, question->playbook);
    tend_statement_bind_int(statement, 2, question->trigger.kind->kind);
    tend_statement_bind_int(statement, 3, row);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        tend_time at = tend_statement_int(statement, 0);

        *ret_day = question->query->zone ? tend_zone_date(question->query->zone, at) : (tend_date)(at / 86400000);
        *ret_anchor = (tend_date)tend_statement_int(statement, 1);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status due_row(why_question *question, why_answer *answer, tend_error *reterr)
{
    const tend_query *query = question->query;
    const why_trigger *trigger = &question->trigger;
    const why_answer *recorded = newest(&question->decisions, answer->row, question->from);
    int64_t row = answer->row;
    tend_date anchor = TEND_NO_DATE, counted = TEND_NO_DATE;
    tend_time at;
    bool is_met = true;
    tend_status status;

    if (recorded && question->day != TEND_NO_DATE) {
        *answer = *recorded;
        return TEND_OK;
    }
    if (trigger->unit || strchr(trigger->anchor, '.'))
        status = read_next(question, row, &counted, &anchor, reterr);
    else
        status = read_anchor(question, row, &anchor, reterr);
    if (status < 0)
        return status;
    if (anchor == TEND_NO_DATE && !recorded) {
        say(question, answer, "no_date",
            tend_arena_print(query->arena, "%s%s%s is not known", strchr(trigger->anchor, '.') ? "" : trigger->kind->name,
                             strchr(trigger->anchor, '.') ? "" : ".", trigger->anchor));
        return TEND_OK;
    }
    answer->due_on = counted != TEND_NO_DATE ? counted : anchor == TEND_NO_DATE ? TEND_NO_DATE : anchor - (tend_date)trigger->days;
    at = anchor == TEND_NO_DATE ? TEND_NO_TIME : why_midnight(question, answer->due_on);
    if (anchor != TEND_NO_DATE && at > question->to) {
        const char *due = due_words(question, answer->due_on, anchor);

        status = why_evaluate(question, row, 0, question->to, answer, &is_met, reterr);
        if (status < 0)
            return status;
        if (is_met)
            answer->reason_count = 0; /* the day decides */
        say(question, answer, "waiting",
            is_met ? tend_arena_print(query->arena, "due on %s", due)
                   : tend_arena_print(query->arena, "due on %s; as things stand it would not start: %s", due, answer->why));
        return TEND_OK;
    }
    recorded = newest(&question->decisions, row, anchor == TEND_NO_DATE ? INT64_MIN : at);
    if (!recorded)
        return due_unrecorded(question, due_words(question, answer->due_on, anchor), answer, reterr);
    *answer = *recorded;
    answer->due_on = counted != TEND_NO_DATE ? counted : anchor == TEND_NO_DATE ? TEND_NO_DATE : anchor - (tend_date)trigger->days;
    return TEND_OK;
}

/* A row that begins again and again. */
static tend_status rhythm_row(why_question *question, why_answer *answer, tend_error *reterr)
{
    const why_answer *recorded = newest(&question->decisions, answer->row, question->from);
    const tend_query *query = question->query;
    bool is_met = true;
    tend_date day, anchor;
    tend_status status = read_next(question, answer->row, &day, &anchor, reterr);

    if (status < 0)
        return status;
    if (recorded && question->day != TEND_NO_DATE) {
        *answer = *recorded;
        return TEND_OK;
    }
    if (day == TEND_NO_DATE) {
        say(question, answer, "no_date", "it is in no segment that has a rhythm here");
        return TEND_OK;
    }
    status = why_evaluate(question, answer->row, 0, question->to, answer, &is_met, reterr);
    if (status < 0)
        return status;
    answer->due_on = day;
    if (is_met)
        answer->reason_count = 0; /* the day decides */
    say(question, answer, "waiting",
        is_met ? tend_arena_print(query->arena, "its next day is %s", query_date(query, day))
               : tend_arena_print(query->arena, "its next day is %s; as things stand it would not start: %s",
                                  query_date(query, day), answer->why));
    return TEND_OK;
}

/* What met the condition when the playbook came, or was changed, and waits for somebody to start it. */
static tend_status read_left_out(const why_question *question, int64_t row, bool *ret_left_out, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status;

    *ret_left_out = false;
    if (!tend_store_has_table(question->query->world.store, "left_out"))
        return TEND_OK;
    status =
        query_prepare(question->query, "SELECT 1 FROM left_out WHERE playbook = ?1 AND kind = ?2 AND row = ?3", &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, question->playbook);
    tend_statement_bind_int(statement, 2, question->trigger.kind->kind);
    tend_statement_bind_int(statement, 3, row);
    status = tend_statement_step(statement, ret_left_out, reterr);
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* As it stands at the end of the window. */
static tend_status quiet_row(why_question *question, why_answer *answer, tend_error *reterr)
{
    const tend_query *query = question->query;
    const why_trigger *trigger = &question->trigger;
    const char *when = question->day != TEND_NO_DATE
                           ? tend_arena_print(query->arena, "on %s", query_date(query, question->day))
                           : tend_arena_print(query->arena, "since the playbook came on %s", why_day(question, trigger->since));
    const why_answer *before = newest(&question->decisions, answer->row, INT64_MIN);
    bool is_met = true, is_left_out = false;
    tend_status status = TEND_OK;

    if (!trigger->topic)
        status = why_evaluate(question, answer->row, 0, question->to, answer, &is_met, reterr);
    if (status >= 0 && is_met)
        status = read_left_out(question, answer->row, &is_left_out, reterr);
    if (status < 0)
        return status;
    if (trigger->topic)
        say(question, answer, "no_event", tend_arena_print(query->arena, "no %s happened to it %s", trigger->topic, when));
    else if (!is_met)
        say(question, answer, "unmet", answer->why);
    else if (is_left_out)
        say(question, answer, "left_out",
            tend_arena_print(query->arena,
                             "the condition was met already when the playbook came or changed, so it was left out; tend playbook "
                             "release %s starts it: %s",
                             question->playbook, answer->why));
    else if (before) {
        say(question, answer, "met_before",
            tend_arena_print(query->arena, "the condition has been met since %s: %s", why_day(question, before->at), answer->why));
        answer->run = before->run;
    } else
        say(question, answer, "met_before",
            tend_arena_print(query->arena, "the condition was met already when the playbook came on %s, so it is no news: %s",
                             why_day(question, trigger->since), answer->why));
    return TEND_OK;
}

/* A record says what decided in words; the fields are looked up as they were. */
static tend_status recorded_row(why_question *question, const why_answer *recorded, why_answer *answer, tend_error *reterr)
{
    bool is_met = true;
    why_answer then = *recorded;
    tend_status status = why_evaluate(question, recorded->row, recorded->event, recorded->at, &then, &is_met, reterr);

    *answer = *recorded;
    if (status < 0 || !is_met)
        return status;
    answer->reasons = then.reasons;
    answer->reason_count = then.reason_count;
    return TEND_OK;
}

/* Without a day, what a condition has to say is how it stands now; what was merely counted is in the list of events. */
static bool is_old_news(const why_question *question, const why_answer *counted)
{
    return question->day == TEND_NO_DATE && !question->trigger.topic && strcmp(counted->what, "filtered") == 0;
}

tend_status why_row(why_question *question, int64_t row, why_answer *ret_answer, tend_error *reterr)
{
    const why_answer *recorded = newest(&question->decisions, row, question->from);
    const why_answer *counted = newest(&question->events, row, question->from);
    tend_status status = TEND_OK;

    *ret_answer = (why_answer){ .row = row, .at = TEND_NO_TIME, .due_on = TEND_NO_DATE };
    if (question->trigger.unit && !question->trigger.anchor)
        status = rhythm_row(question, ret_answer, reterr);
    else if (question->trigger.anchor)
        status = due_row(question, ret_answer, reterr);
    else if (recorded && (!counted || recorded->event >= counted->event))
        status = recorded_row(question, recorded, ret_answer, reterr);
    else if (counted && !is_old_news(question, counted))
        *ret_answer = *counted;
    else
        status = quiet_row(question, ret_answer, reterr);
    if (status >= 0 && !ret_answer->why)
        status = tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
    return status;
}
