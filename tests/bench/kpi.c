/* kpi.c: every KPI and the health of every account of a workspace, computed again and again from columns that stand ready.
 *
 *   bench_kpi WORKSPACE DAY TIMES
 *
 * First the cost of making the columns and of the first figures; then TIMES full computations for the twelve months that end on
 * DAY, each from an empty view: all KPIs through tend-host, all measures of health, all scores. Then one account of a hundred
 * changes what it pays, and everything is computed once more. Prints one line of times and sizes, then the figures (of before
 * anything changed) as lines "NAME NUMERATOR DENOMINATOR MARK". The mark is the sum over accounts of (place of the account) times
 * (its numerator), so that figures at the wrong account show. */
#include "base/date.h"
#include "base/money.h"
#include "engine/workspace.h"
#include "kpi/health.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KPIS_MAX 64

static tend_error error;

static double now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static void need(tend_status status)
{
    if (status >= 0)
        return;
    (void)fprintf(stderr, "bench_kpi: %s\n", error.text);
    exit(1);
}

typedef struct figures {
    int64_t numerator, denominator;
    tend_int128 mark;
} figures;

static figures of_kpi(tend_kpi_view *view, const char *id)
{
    const tend_kpi_value *value;
    figures sum = { 0 };

    need(tend_kpi_view_figure(view, id, &value, &error));
    sum.numerator = value->numerator;
    sum.denominator = value->denominator;
    for (size_t i = 0; i < value->account_count; i++)
        sum.mark += (tend_int128)tend_kpi_view_at(view, value, i).numerator * (int64_t)(i + 1);
    return sum;
}

static figures of_health(tend_health *health)
{
    tend_health_score score;
    figures sum = { 0 };

    for (size_t i = 0; tend_health_at(health, i, &score); i++) {
        if (!score.is_known)
            continue;
        sum.numerator += score.score;
        sum.denominator++;
        sum.mark += (tend_int128)score.score * (int64_t)(i + 1);
    }
    return sum;
}

static void print(FILE *out, const char *name, const figures *sum)
{
    (void)fprintf(out, "%s %lld %lld %lld\n", name, (long long)sum->numerator, (long long)sum->denominator,
                  (long long)(sum->mark % 1000000007));
}

/* Processor time of this process and of those it started that still run, which are the hosts. */
static double processor(void)
{
    struct timespec at;
    char path[64], line[256] = "";
    FILE *children;
    double spent;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    spent = (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    children = fopen(path, "r");
    if (children && fgets(line, sizeof line, children))
        for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
            clockid_t clock;

            if (clock_getcpuclockid((pid_t)atoi(word), &clock) == 0 && clock_gettime(clock, &at) == 0)
                spent += (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
        }
    if (children)
        (void)fclose(children);
    return spent;
}

/* One account of a hundred pays another amount for its first contract. */
static void change_some(tend_workspace *workspace, const tend_world *world, tend_kpis *kpis)
{
    tend_model *model = tend_workspace_model(workspace);
    const tend_kind_schema *kind = tend_schema_kind(tend_workspace_schema(workspace), TEND_KIND_CONTRACT);
    const int field = tend_schema_field(kind, "annual_amount");
    const tend_principal principal = tend_principal_administrator();
    const tend_origin origin = { .principal = &principal };
    const tend_input inputs[] = { { "contract.annual_amount", TEND_ALL }, { NULL, TEND_ALL } };
    const tend_frame *frame;
    tend_kpi_view *view;
    tend_put_result result;

    need(tend_kpi_view_open(kpis, world, NULL, NULL, &view, &error));
    need(tend_columns_frame(tend_kpi_view_columns(view), inputs, true, &frame, &error));
    need(tend_model_begin(model, &error));
    for (uint32_t i = 0; i < frame->batch.accounts; i += 100) {
        const uint32_t row = tend_column_starts(&frame->batch, 0)[i];
        tend_assignment amount = { field, { .type = TEND_MONEY, .integer = tend_column_int(&frame->batch, 0)[row] + 100 } };
        const tend_put put = { .kind = TEND_KIND_CONTRACT,
                               .id = frame->rows[0][row],
                               .fields = &amount,
                               .field_count = 1,
                               .effective_at = TEND_NO_TIME,
                               .known_at = TEND_NO_TIME };

        memcpy(amount.value.currency, frame->currencies[i], sizeof amount.value.currency);
        if (row < tend_column_starts(&frame->batch, 0)[i + 1])
            need(tend_model_put(model, &origin, &put, &result, &error));
    }
    need(tend_model_commit(model, &error));
    tend_kpi_view_close(view);
}

static double compute(tend_kpis *kpis, const tend_world *world, const tend_scorecard *card, FILE *out)
{
    const double begun = now();
    tend_kpi_view *view;
    tend_health *health;
    const tend_kpi *kpi;
    figures sum;
    double took = 0;
    const char *ids[KPIS_MAX];
    size_t count;

    need(tend_kpi_view_open(kpis, world, NULL, NULL, &view, &error));
    for (count = 0; count < KPIS_MAX && (kpi = tend_kpis_at(kpis, count)) != NULL; count++)
        ids[count] = kpi->id;
    need(tend_kpi_view_prepare(view, ids, count, &error));
    need(tend_health_open(view, card, &health, &error)); /* reads its own columns while the hosts compute */
    for (size_t i = 0; i < count; i++) {
        const tend_kpi_value *value;

        need(tend_kpi_view_figure(view, ids[i], &value, &error));
    }
    took = now() - begun;
    for (size_t i = 0; out && (kpi = tend_kpis_at(kpis, i)) != NULL; i++) {
        const figures one = of_kpi(view, kpi->id);

        print(out, kpi->id, &one);
    }
    if (out) {
        sum = of_health(health);
        print(out, "health", &sum);
    }
    tend_health_close(health);
    tend_kpi_view_close(view);
    return took;
}

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static long long rows_kept(tend_kpis *kpis, const tend_world *world)
{
    const tend_cached *cached = NULL;
    long long rows = 0;

    need(tend_cache_take(tend_kpis_cache(kpis), world, &cached, &error));
    for (int kind = 0; cached && kind < TEND_KIND_COUNT; kind++)
        rows += cached->chunks[kind] ? (long long)tend_chunk_rows(cached->chunks[kind]) : 0;
    tend_cache_give(cached);
    return rows;
}

int main(int argc, char **argv)
{
    int times = argc == 4 ? atoi(argv[3]) : 0;
    double took[1000], build, first, spent, changed;
    tend_workspace *workspace;
    tend_kpis *kpis;
    tend_world world;
    tend_date day;
    FILE *out;
    char *figures_of = NULL;
    size_t length;

    if (times < 1 || times > 1000 || tend_date_parse(argv[2], strlen(argv[2]), &day) < 0) {
        (void)fprintf(stderr, "usage: bench_kpi WORKSPACE DAY TIMES\n");
        return 2;
    }
    need(tend_workspace_open(argv[1], TEND_STORE_WRITE, tend_clock_system(), NULL, &workspace, &error));
    need(tend_workspace_kpis(workspace, &kpis, &error));
    world = tend_world_live(tend_workspace_model(workspace));
    world.now = (tend_time)day * 86400000 + 43200000;
    build = now();
    need(tend_cache_keep(tend_kpis_cache(kpis), &world, &error));
    build = now() - build;
    first = compute(kpis, &world, tend_workspace_scorecard(workspace), NULL);
    spent = processor();
    for (int i = 0; i < times; i++)
        took[i] = compute(kpis, &world, tend_workspace_scorecard(workspace), NULL);
    spent = (processor() - spent) / times;
    qsort(took, (size_t)times, sizeof *took, compare);
    out = open_memstream(&figures_of, &length);
    (void)compute(kpis, &world, tend_workspace_scorecard(workspace), out);
    (void)fclose(out);
    change_some(workspace, &world, kpis);
    changed = compute(kpis, &world, tend_workspace_scorecard(workspace), NULL);
    (void)printf("%.3f %.3f %.3f %.3f %.3f %lld\n", build, first, took[times / 2], spent, changed, rows_kept(kpis, &world));
    (void)fputs(figures_of, stdout);
    free(figures_of);
    tend_workspace_close(workspace);
    return 0;
}
