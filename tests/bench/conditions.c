/* conditions.c: fifty triggers that listen to one topic, each with its condition on the ticket that the event is about: what
 * deciding all of them takes, beside the same conditions written by hand in C over a struct.
 *
 *   bench_conditions FOLDER EVENTS
 *
 * Prints a line of: the events; microseconds for one event (all fifty conditions) when the row is there already, as the struct is
 * for the baseline; the baseline's; ours with the row read from the store each time; ours with the conditions asked one by one, the
 * row being there. All of them must find the same number of conditions met. */
#include "bus/bus.h"
#include "model/filter.h"
#include "model/model.h"
#include "model/sieve.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TRIGGERS = 50 };

static double now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void need(tend_status status, const tend_error *error)
{
    if (status >= 0)
        return;
    (void)fprintf(stderr, "bench_conditions: %s\n", error->text);
    exit(1);
}

static tend_value text(const char *words)
{
    return (tend_value){ .type = TEND_TEXT, .text = words, .length = strlen(words) };
}

typedef struct ticket {
    const char *status, *priority;
    int64_t severity, first_response;
} ticket;

/* The conditions in C: the same as `where` below. */
static bool is_met(const ticket *t, int trigger)
{
    return (strcmp(t->priority, "urgent") == 0 || strcmp(t->priority, "high") == 0) && t->severity <= trigger % 5 + 1 &&
           t->first_response > trigger * 3 && strcmp(t->status, "closed") != 0;
}

static void where(int trigger, char *ret_text, size_t room)
{
    (void)snprintf(ret_text, room,
                   "priority in (urgent, high) and severity <= %d and first_response_minutes > %d and not status = closed",
                   trigger % 5 + 1, trigger * 3);
}

static int64_t add(tend_model *model, const tend_schema *schema, tend_kind kind, const char *const *names, const tend_value *values,
                   int count, tend_error *error)
{
    tend_principal principal = tend_principal_administrator();
    tend_origin origin = { .principal = &principal };
    tend_assignment fields[8];
    tend_put put = { .kind = kind, .fields = fields, .field_count = count, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME };
    tend_put_result result;

    for (int i = 0; i < count; i++)
        fields[i] = (tend_assignment){ tend_schema_field(tend_schema_kind(schema, kind), names[i]), values[i] };
    need(tend_model_put(model, &origin, &put, &result, error), error);
    return result.id;
}

/* A store with one ticket, and the conditions. */
typedef struct facts {
    tend_store *store;
    tend_bus *bus;
    tend_schema *schema;
    tend_model *model;
    tend_filter *filters[TRIGGERS];
    tend_filter_rows *rows;
    tend_sieve *sieve;
    tend_world world;
    int64_t ticket;
} facts;

static void open_facts(facts *all, const char *folder, tend_error *error)
{
    static const char *const account_names[] = { "name" }, *const ticket_names[] = { "account", "status", "priority", "severity",
                                                                                     "first_response_minutes" };
    char text_of[4096];
    int64_t account;

    (void)snprintf(text_of, sizeof text_of, "%s/conditions.db", folder);
    need(tend_store_open(text_of, TEND_STORE_CREATE, &all->store, error), error);
    need(tend_bus_open(all->store, &all->bus, error), error);
    need(tend_schema_new(NULL, &all->schema, error), error);
    need(tend_model_open(all->store, all->bus, all->schema, tend_clock_system(), &all->model, error), error);
    need(tend_model_begin(all->model, error), error);
    account = add(all->model, all->schema, TEND_KIND_ACCOUNT, account_names,
                  &(tend_value){ .type = TEND_TEXT, .text = "Acme", .length = 4 }, 1, error);
    all->ticket = add(all->model, all->schema, TEND_KIND_TICKET, ticket_names,
                      (tend_value[]){ { .type = TEND_REF, .integer = account },
                                      text("open"),
                                      text("high"),
                                      { .type = TEND_INT, .integer = 2 },
                                      { .type = TEND_INT, .integer = 60 } },
                      5, error);
    need(tend_model_commit(all->model, error), error);
    for (int i = 0; i < TRIGGERS; i++) {
        where(i, text_of, sizeof text_of);
        need(tend_filter_parse(all->schema, NULL, TEND_KIND_TICKET, text_of, "where", &all->filters[i], error), error);
    }
    need(tend_sieve_new(all->schema, TEND_KIND_TICKET, (const tend_filter *const *)all->filters, TRIGGERS, &all->sieve, error),
         error);
    all->rows = tend_filter_rows_new();
    if (!all->rows)
        need(TEND_ENOMEM, error);
    all->world = tend_world_live(all->model);
}

static void close_facts(facts *all)
{
    tend_sieve_free(all->sieve);
    for (int i = 0; i < TRIGGERS; i++)
        tend_filter_free(all->filters[i]);
    tend_filter_rows_free(all->rows);
    tend_model_close(all->model);
    tend_schema_free(all->schema);
    tend_bus_close(all->bus);
    tend_store_close(all->store);
}

/* Each returns how many conditions were met. */

static long long together(facts *all, bool is_read_anew, tend_error *error)
{
    uint64_t is_met = 0;

    if (is_read_anew)
        tend_filter_rows_forget(all->rows);
    need(tend_sieve_match(all->sieve, &all->world, NULL, all->rows, all->ticket, NULL, &is_met, error), error);
    return __builtin_popcountll(is_met);
}

static long long one_by_one(facts *all, tend_error *error)
{
    long long count = 0;

    for (int i = 0; i < TRIGGERS; i++) {
        bool is_met = false;

        need(tend_filter_match_rows(all->filters[i], &all->world, NULL, all->rows, all->ticket, &is_met, NULL, error), error);
        count += is_met;
    }
    return count;
}

static long long by_hand(void)
{
    static volatile ticket there = { "open", "high", 2, 60 };
    ticket t = there;
    long long count = 0;

    for (int i = 0; i < TRIGGERS; i++)
        count += is_met(&t, i);
    return count;
}

enum { TOGETHER, BY_HAND, WITH_READING, ONE_BY_ONE, WAYS };

static long long decide(int way, facts *all, tend_error *error)
{
    return way == BY_HAND ? by_hand() : way == ONE_BY_ONE ? one_by_one(all, error) : together(all, way == WITH_READING, error);
}

int main(int argc, char **argv)
{
    int events = argc == 3 ? atoi(argv[2]) : 0;
    tend_error error = { 0 };
    facts all = { 0 };
    double taken[WAYS];
    long long count[WAYS] = { 0 };

    if (events < 1) {
        (void)fprintf(stderr, "usage: bench_conditions FOLDER EVENTS\n");
        return 2;
    }
    open_facts(&all, argv[1], &error);
    need(tend_store_begin(all.store, &error), &error);
    for (int way = 0; way < WAYS; way++) {
        double begun;

        (void)decide(way, &all, &error); /* what is built and read once */
        begun = now();
        for (int i = 0; i < events; i++)
            count[way] += decide(way, &all, &error);
        taken[way] = (now() - begun) / events * 1e6;
    }
    tend_store_rollback(all.store);
    close_facts(&all);
    (void)printf("%d %.3f %.3f %.3f %.3f\n", events, taken[TOGETHER], taken[BY_HAND], taken[WITH_READING], taken[ONE_BY_ONE]);
    for (int way = 0; way < WAYS; way++)
        if (count[way] != count[BY_HAND] || count[way] == 0)
            return 1;
    return 0;
}
