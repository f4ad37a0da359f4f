/* conditions.c: fifty triggers that listen to one topic, each with its condition on the ticket that the event is about: what
 * deciding all of them takes, beside the same conditions written by hand in C over a struct.
 *
 *   bench_conditions FOLDER EVENTS
 *
 * Prints the events, our microseconds for one event (all fifty conditions), the baseline's, and how many were met by each. */
#include "bus/bus.h"
#include "model/filter.h"
#include "model/model.h"
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

int main(int argc, char **argv)
{
    static const char *const account_names[] = { "name" }, *const ticket_names[] = { "account", "status", "priority", "severity",
                                                                                     "first_response_minutes" };
    int events = argc == 3 ? atoi(argv[2]) : 0;
    tend_error error = { 0 };
    tend_store *store;
    tend_bus *bus;
    tend_schema *schema;
    tend_model *model;
    tend_filter *filters[TRIGGERS];
    tend_filter_rows *rows = tend_filter_rows_new();
    tend_world world;
    char path[4096];
    long long ours_met = 0, bare_met = 0;
    volatile ticket by_hand = { "open", "high", 2, 60 };
    double ours, bare;
    int64_t id;

    if (events < 1 || !rows) {
        (void)fprintf(stderr, "usage: bench_conditions FOLDER EVENTS\n");
        return 2;
    }
    (void)snprintf(path, sizeof path, "%s/conditions.db", argv[1]);
    need(tend_store_open(path, TEND_STORE_CREATE, &store, &error), &error);
    need(tend_bus_open(store, &bus, &error), &error);
    need(tend_schema_new(NULL, &schema, &error), &error);
    need(tend_model_open(store, bus, schema, tend_clock_system(), &model, &error), &error);
    need(tend_model_begin(model, &error), &error);
    id = add(model, schema, TEND_KIND_ACCOUNT, account_names, &(tend_value){ .type = TEND_TEXT, .text = "Acme", .length = 4 }, 1,
             &error);
    id = add(model, schema, TEND_KIND_TICKET, ticket_names,
             (tend_value[]){ { .type = TEND_REF, .integer = id },
                             text("open"),
                             text("high"),
                             { .type = TEND_INT, .integer = 2 },
                             { .type = TEND_INT, .integer = 60 } },
             5, &error);
    need(tend_model_commit(model, &error), &error);
    for (int i = 0; i < TRIGGERS; i++) {
        where(i, path, sizeof path);
        need(tend_filter_parse(schema, NULL, TEND_KIND_TICKET, path, "where", &filters[i], &error), &error);
    }
    world = tend_world_live(model);
    need(tend_store_begin(store, &error), &error);
    ours = now();
    for (int e = 0; e < events; e++) {
        tend_filter_rows_forget(rows);
        for (int i = 0; i < TRIGGERS; i++) {
            bool met = false;

            need(tend_filter_match_rows(filters[i], &world, NULL, rows, id, &met, NULL, &error), &error);
            ours_met += met;
        }
    }
    ours = (now() - ours) / events * 1e6;
    tend_store_rollback(store);
    bare = now();
    for (int e = 0; e < events; e++) {
        ticket t = by_hand;

        for (int i = 0; i < TRIGGERS; i++)
            bare_met += is_met(&t, i);
    }
    bare = (now() - bare) / events * 1e6;
    for (int i = 0; i < TRIGGERS; i++)
        tend_filter_free(filters[i]);
    tend_filter_rows_free(rows);
    tend_model_close(model);
    tend_schema_free(schema);
    tend_bus_close(bus);
    tend_store_close(store);
    (void)printf("%d %.3f %.3f %lld %lld\n", events, ours, bare, ours_met / events, bare_met / events);
    return ours_met == bare_met ? 0 : 1;
}
