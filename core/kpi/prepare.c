/* prepare.c: several KPIs computed before they are asked for. */
#include "base/log.h"
#include "base/together.h"
#include "kpi/view.h"

#define ENTRIES_MOST (1u << 21) /* of a frame: results of more are not held all at once */

static tend_prepared *find_group(tend_kpi_view *view, const tend_kpi *kpi, const tend_frame *frame)
{
    tend_prepared *group = view->prepared;

    while (group && (group->hosted != kpi->hosted || group->frame->batch.columns != frame->batch.columns || group->many ||
                     group->has_ended || group->count == TEND_PREPARED_MAX))
        group = group->next;
    if (!group) {
        group = tend_arena_take(view->arena, sizeof *group);
        if (group) {
            group->hosted = kpi->hosted;
            group->frame = frame;
            group->next = view->prepared;
            view->prepared = group;
        }
    }
    return group;
}

static void sum_one(void *self, size_t i)
{
    tend_prepared *group = self;
    const tend_ratio *ratios;
    tend_error unwanted;

    if (tend_many_at(group->many, i, &ratios, &unwanted) >= 0)
        group->sums[i] = tend_sum_ratios(ratios, group->frame->batch.accounts, tend_unit_has_divisor(group->firsts[i]->unit));
}

/* A call that failed as a whole leaves its KPIs to be computed one by one: then the one at fault fails alone. */
static void end(const tend_kpi_view *view, tend_prepared *group)
{
    tend_error error;

    if (group->has_ended)
        return;
    group->has_ended = true;
    if (group->many && tend_many_end(group->many, &error) < 0) {
        tend_log(TEND_LOG_WARN, "kpi", "computed one by one", "why", error.text, NULL);
        tend_many_free(group->many);
        group->many = NULL;
    }
    if (group->many && tend_kpi_view_is_plain(view, group->frame)) {
        tend_together(group->first_count, sum_one, group);
        group->has_sums = true;
    }
}

static void begin(tend_kpi_view *view, tend_prepared *group)
{
    const char *names[TEND_PREPARED_MAX];
    const tend_sealed *sealed;
    tend_error error;

    for (tend_prepared *other = view->prepared; other; other = other->next)
        if (other != group && other->hosted == group->hosted && other->many)
            end(view, other); /* one call of a host at a time */
    for (size_t i = 0; i < group->first_count; i++)
        names[i] = group->firsts[i]->id;
    if (tend_columns_sealed(group->frame, &sealed, &error) < 0 ||
        tend_many_begin(group->hosted, names, group->first_count, sealed, view->period.from, view->period.to, &group->many,
                        &error) < 0) {
        group->many = NULL;
        group->has_ended = true;
    }
}

/* Adds a KPI to those of the call, or to another one that it is under a second name. */
static void add(tend_prepared *group, const tend_kpi *kpi)
{
    const uint32_t twin = tend_hosted_declared(kpi->hosted, kpi->place)->twin;
    size_t i = 0;

    while (i < group->first_count && (group->firsts[i]->is_money != kpi->is_money ||
                                      tend_hosted_declared(kpi->hosted, group->firsts[i]->place)->twin != twin))
        i++;
    if (i == group->first_count)
        group->firsts[group->first_count++] = kpi;
    group->computed[group->count] = i;
    group->kpis[group->count++] = kpi;
}

static bool is_known(const tend_kpi_view *view, const tend_kpi *kpi)
{
    for (const tend_kept_value *kept = view->values; kept; kept = kept->next)
        if (kept->value.kpi == kpi)
            return true;
    for (const tend_prepared *group = view->prepared; group; group = group->next)
        for (size_t i = 0; i < group->count; i++)
            if (group->kpis[i] == kpi)
                return true;
    return false;
}

tend_status tend_kpi_view_prepare(tend_kpi_view *view, const char *const *ids, size_t count, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < count; i++) {
        const tend_kpi *kpi;
        const tend_frame *frame;
        tend_prepared *group;
        tend_error error;

        if (tend_kpis_find(view->kpis, ids[i], &kpi, &error) < 0 || is_known(view, kpi))
            continue; /* health, or a name that is said to be wrong when its value is asked for */
        status = tend_columns_frame(view->columns, kpi->inputs, kpi->is_money, &frame, reterr);
        if (status < 0 || frame->batch.accounts == 0 || frame->batch.accounts > ENTRIES_MOST)
            continue;
        group = find_group(view, kpi, frame);
        if (!group)
            return tend_fail(reterr, TEND_ENOMEM, "kpi: memory is used up");
        add(group, kpi);
    }
    for (tend_prepared *group = view->prepared; status >= 0 && group; group = group->next)
        if (!group->many && !group->has_ended)
            begin(view, group);
    return status;
}

const tend_ratio *tend_prepared_find(tend_kpi_view *view, const tend_kpi *kpi)
{
    const tend_ratio *ratios = NULL;
    tend_error error;

    for (tend_prepared *group = view->prepared; group; group = group->next)
        for (size_t i = 0; i < group->count; i++) {
            if (group->kpis[i] != kpi)
                continue;
            end(view, group);
            if (!group->many || tend_many_at(group->many, group->computed[i], &ratios, &error) < 0)
                return NULL; /* it is computed once more, and fails in its own name */
            return ratios;
        }
    return NULL;
}

bool tend_prepared_sum(const tend_kpi_view *view, const tend_kpi *kpi, tend_ratio_sum *ret_sum)
{
    for (const tend_prepared *group = view->prepared; group; group = group->next)
        for (size_t i = 0; group->has_sums && i < group->count; i++) {
            const tend_ratio *ratios;
            tend_error unwanted;

            if (group->kpis[i] != kpi)
                continue;
            *ret_sum = group->sums[group->computed[i]];
            return tend_many_at(group->many, group->computed[i], &ratios, &unwanted) >= 0;
        }
    return false;
}

void tend_prepared_clear(tend_kpi_view *view)
{
    for (tend_prepared *group = view->prepared; group; group = group->next)
        tend_many_free(group->many); /* one that is not asked about any more ends by that */
    view->prepared = NULL;
}
