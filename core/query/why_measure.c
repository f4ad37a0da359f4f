/* why_measure.c: the published numbers that a condition looks at, as they stood at an event: as they are kept where nothing was
 * published since, else computed from what was known then. */
#include "kpi/health.h"
#include "query/why.h"
#include <string.h>

enum { COMPUTED_MAX = 20 }; /* for one question: each asks the calculators */

/* What became of one that was published and is not the newest. */
typedef enum why_kept { NOT_LOOKED = 0, IS_COMPUTED, NOT_KEPT } why_kept;

typedef struct why_publication {
    int64_t sequence; /* of the event that told it */
    tend_time at;
    why_kept kept;
    tend_measure measure;
} why_publication;

struct why_published {
    const char *kpi;
    why_publication *told; /* oldest first */
    size_t count;
    struct why_published *next;
};

static tend_status no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
}

/* Every time that the number of the account was told, read once. */
static tend_status read_told(why_question *question, const char *kpi, why_published **ret_published, tend_error *reterr)
{
    const tend_query *query = question->query;
    const char *topic = tend_arena_print(query->arena, "measure.%s", kpi);
    tend_statement *statement = NULL;
    why_published *published = question->published;
    size_t room = 0;
    bool has_row = true;
    tend_status status;

    while (published && strcmp(published->kpi, kpi) != 0)
        published = published->next;
    *ret_published = published;
    if (published)
        return TEND_OK;
    published = tend_arena_take(query->arena, sizeof *published);
    if (!published || !topic)
        return no_memory(reterr);
    published->kpi = kpi;
    status = query_prepare(query,
                           "SELECT sequence, recorded_at FROM events WHERE topic = ?1 AND kind = ?2 AND first <= ?3 AND last >= ?3 "
                           "ORDER BY sequence",
                           &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, topic);
    tend_statement_bind_int(statement, 2, TEND_KIND_ACCOUNT);
    tend_statement_bind_int(statement, 3, question->account);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        if (published->count == room) {
            why_publication *more = tend_arena_take(query->arena, (room = room * 2 + 16) * sizeof *more);

            if (!more) {
                status = no_memory(reterr);
                break;
            }
            if (published->count > 0)
                memcpy(more, published->told, published->count * sizeof *more);
            published->told = more;
        }
        published->told[published->count++] =
            (why_publication){ .sequence = tend_statement_int(statement, 0), .at = tend_statement_int(statement, 1) };
    }
    tend_statement_end(statement);
    if (status < 0)
        return status;
    published->next = question->published;
    question->published = *ret_published = published;
    return TEND_OK;
}

static tend_status compute_health(const why_question *question, tend_kpi_view *view, tend_measure *measure, tend_error *reterr)
{
    tend_health *health = NULL;
    tend_health_score score;
    tend_status status = tend_health_open(view, question->query->card, &health, reterr);

    for (size_t i = 0; status >= 0 && tend_health_at(health, i, &score); i++)
        if (score.account == question->account) {
            measure->numerator = score.is_known ? score.score : 0;
            measure->denominator = score.is_known ? 1000000 : 0;
            measure->text = tend_arena_string(question->query->arena, score.band);
            measure->published_at = 0;
        }
    tend_health_close(health);
    return status;
}

static tend_status compute_kpi(const why_question *question, tend_kpi_view *view, tend_measure *measure, tend_error *reterr)
{
    const tend_kpi_value *value = NULL;
    tend_status status = tend_kpi_view_figure(view, measure->kpi, &value, reterr);

    for (size_t i = 0; status >= 0 && i < value->account_count; i++) {
        tend_kpi_account one = tend_kpi_view_at(view, value, i);

        if (one.account != question->account)
            continue;
        measure->numerator = one.numerator;
        measure->denominator = one.denominator;
        memcpy(measure->currency, value->currency, sizeof measure->currency);
        measure->published_at = 0;
    }
    return status;
}

/* As it was known at the instant of its publication. What a calculator cannot tell is not kept. */
static tend_status compute(why_question *question, const char *kpi, why_publication *told, tend_error *reterr)
{
    const tend_query *query = question->query;
    const tend_scope only = { .accounts = &question->account, .count = 1 };
    bool is_health = strcmp(kpi, "health") == 0;
    tend_world world = query->world;
    tend_kpi_view *view = NULL;
    tend_error why = { 0 };
    tend_status status;

    told->kept = NOT_KEPT;
    if (!query->kpis || (is_health && !query->card) || question->computed >= COMPUTED_MAX)
        return TEND_OK;
    question->computed++;
    world.now = world.effective = world.known = told->at;
    told->measure = (tend_measure){
        .kpi = kpi, .account = question->account, .day = (tend_date)(told->at / 86400000), .published_at = TEND_NO_TIME
    };
    status = tend_kpi_view_open(query->kpis, &world, NULL, &only, &view, &why);
    if (status >= 0)
        status =
            is_health ? compute_health(question, view, &told->measure, &why) : compute_kpi(question, view, &told->measure, &why);
    tend_kpi_view_close(view);
    if (status == TEND_ENOMEM)
        return tend_fail(reterr, status, "%s", why.text);
    if (status >= 0 && told->measure.published_at != TEND_NO_TIME) {
        told->measure.published_at = told->at;
        told->kept = IS_COMPUTED;
    }
    return TEND_OK;
}

/* What was published last up to the event (0: up to the instant); NULL: nothing yet. */
static why_publication *last_of(const why_published *published, int64_t sequence, tend_time at, bool *ret_is_newest)
{
    why_publication *last = NULL;

    for (size_t i = 0; i < published->count; i++)
        if (sequence ? published->told[i].sequence <= sequence : published->told[i].at <= at)
            last = &published->told[i];
    *ret_is_newest = published->count > 0 && last == &published->told[published->count - 1];
    return last;
}

/* One number as it stood; *ret_note where there is none, NULL where it is plain. */
static tend_status find_one(why_question *question, const char *kpi, int64_t sequence, tend_time at, bool is_live,
                            tend_measure *ret_measure, const char **ret_note, tend_error *reterr)
{
    tend_world live = tend_world_live(question->query->model);
    why_published *published = NULL;
    why_publication *last = NULL;
    tend_error none = { 0 };
    bool is_newest = is_live;
    tend_status status = tend_measure_get(&live, kpi, question->account, question->query->arena, ret_measure, &none);
    bool is_kept = status == TEND_OK;

    if (status < 0 && status != TEND_ENOTFOUND)
        return tend_fail(reterr, status, "%s", none.text);
    status = is_live ? TEND_OK : read_told(question, kpi, &published, reterr);
    if (status < 0)
        return status;
    if (!is_live)
        last = last_of(published, sequence, at, &is_newest);
    if (!is_live && published->count == 0) /* nothing is told of a value that was there before events were */
        is_newest = is_kept && ret_measure->published_at <= at;
    *ret_note = NULL;
    if (last && !is_newest && last->kept == NOT_LOOKED)
        status = compute(question, kpi, last, reterr);
    if (status < 0)
        return status;
    if (last && !is_newest && last->kept == IS_COMPUTED) {
        *ret_measure = last->measure;
    } else if (!is_newest || !is_kept) {
        *ret_measure = (tend_measure){ .kpi = kpi, .account = question->account, .published_at = TEND_NO_TIME };
        *ret_note = last && !is_newest ? "what it was then is not kept" : "it was not computed yet";
        return TEND_OK;
    }
    if (ret_measure->denominator == 0 && !ret_measure->text)
        *ret_note = "it is not defined, for there is nothing to divide by";
    return TEND_OK;
}

tend_status why_measures_at(why_question *question, int64_t sequence, tend_time at, bool is_live, why_measures *ret_measures,
                            tend_error *reterr)
{
    const tend_filter_way *ways = NULL;
    size_t count = 0;
    tend_status status = tend_filter_ways(question->filter, question->query->arena, &ways, &count, reterr);

    ret_measures->count = 0;
    for (size_t i = 0; status >= 0 && i < count && ret_measures->count < WHY_MEASURES_MAX; i++) {
        size_t k = 0;

        while (ways[i].measure && k < ret_measures->count && strcmp(ret_measures->measures[k].kpi, ways[i].measure) != 0)
            k++;
        if (!ways[i].measure || k < ret_measures->count)
            continue;
        status =
            find_one(question, ways[i].measure, sequence, at, is_live, &ret_measures->measures[k], &ret_measures->notes[k], reterr);
        ret_measures->count++;
    }
    return status;
}

/* "health", "account.health" of health. */
static bool is_named(const char *field, const char *kpi)
{
    size_t length = strlen(field), own = strlen(kpi);

    return length >= own && strcmp(field + length - own, kpi) == 0 && (length == own || field[length - own - 1] == '.');
}

tend_status why_measures_say(const why_question *question, const why_measures *measures, why_answer *answer, tend_error *reterr)
{
    tend_filter_reason *reasons = tend_arena_take(question->query->arena, (answer->reason_count + 1) * sizeof *reasons);

    if (!reasons)
        return no_memory(reterr);
    for (size_t i = 0; i < answer->reason_count; i++) {
        reasons[i] = answer->reasons[i];
        for (size_t k = 0; k < measures->count && !reasons[i].value && !reasons[i].why; k++)
            if (measures->notes[k] && is_named(reasons[i].field, measures->measures[k].kpi))
                reasons[i].why = measures->notes[k];
    }
    answer->reasons = reasons;
    return TEND_OK;
}
