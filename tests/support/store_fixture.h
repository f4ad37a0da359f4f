/* store_fixture.h: a temporary store with bus, schema and model, and a clock moved by hand.
 *
 * TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Acme") } }) puts in a transaction of its own. */
#ifndef TEND_STORE_FIXTURE_H
#define TEND_STORE_FIXTURE_H

#include "base/buffer.h"
#include "base/date.h"
#include "folder.h"
#include "model/batch.h"
#include "model/merge.h"
#include "model/world.h"
#include "tests.h"
#include <string.h>

typedef struct fixture {
    test_folder folder;
    tend_time now;
    tend_store *store;
    tend_bus *bus;
    tend_config *config;
    tend_schema *schema;
    tend_model *model;
    tend_arena *arena;
    tend_principal principal;
    tend_origin origin;
    tend_error error;
} fixture;

typedef struct fixture_record {
    tend_kind kind;
    int64_t id;
    const char *external;
    int64_t found;
    tend_time effective, known; /* 0: not given */
    bool removed, assumed, in_transaction, checked;
    struct {
        const char *name;
        tend_value value;
    } fields[16];
} fixture_record;

#define TEST_OK(f, call) ck_assert_msg((call) >= 0, "%s", (f)->error.text)

static inline tend_value text(const char *words)
{
    return (tend_value){ .type = TEND_TEXT, .text = words, .length = strlen(words) };
}

static inline tend_value number(int64_t integer)
{
    return (tend_value){ .type = TEND_INT, .integer = integer };
}

static inline tend_value ref(int64_t id)
{
    return (tend_value){ .type = TEND_REF, .integer = id };
}

static inline tend_value money(int64_t minor, const char *currency)
{
    tend_value value = { .type = TEND_MONEY, .integer = minor };

    strcpy(value.currency, currency);
    return value;
}

static inline tend_value day(const char *iso)
{
    tend_date date = 0;

    ck_assert_int_eq(tend_date_parse(iso, strlen(iso), &date), TEND_OK);
    return (tend_value){ .type = TEND_DATE, .integer = date };
}

static inline tend_value nothing(void)
{
    return (tend_value){ .type = TEND_NULL };
}

/* Midnight UTC of a day. */
static inline tend_time at(const char *iso)
{
    return day(iso).integer * INT64_C(86400000);
}

static inline void fixture_open_again(fixture *f)
{
    TEST_OK(f, tend_store_open(test_folder_path(&f->folder, "a.db"), TEND_STORE_CREATE, &f->store, &f->error));
    TEST_OK(f, tend_bus_open(f->store, &f->bus, &f->error));
    TEST_OK(f, tend_model_open(f->store, f->bus, f->schema, tend_clock_by_hand(&f->now), &f->model, &f->error));
}

static inline void fixture_close_store(fixture *f)
{
    tend_model_close(f->model);
    tend_bus_close(f->bus);
    tend_store_close(f->store);
}

/* `ini` may be NULL: the built-in fields alone. */
static inline void fixture_schema(fixture *f, const char *ini)
{
    static const tend_section *const sections[] = { tend_schema_sections, NULL };

    tend_schema_free(f->schema);
    if (f->config)
        tend_config_free(f->config);
    f->config = NULL;
    if (ini)
        TEST_OK(f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &f->config, &f->error));
    f->schema = NULL;
    TEST_OK(f, tend_schema_new(f->config, &f->schema, &f->error));
}

static inline void fixture_open(fixture *f)
{
    memset(f, 0, sizeof *f);
    test_folder_make(&f->folder);
    f->now = at("2026-03-02");
    f->arena = tend_arena_new();
    f->principal = tend_principal_administrator();
    f->origin.principal = &f->principal;
    fixture_schema(f, NULL);
    fixture_open_again(f);
}

static inline void fixture_close(fixture *f)
{
    fixture_close_store(f);
    tend_schema_free(f->schema);
    if (f->config)
        tend_config_free(f->config);
    tend_arena_free(f->arena);
    test_folder_remove(&f->folder);
}

static inline void begin(fixture *f)
{
    TEST_OK(f, tend_model_begin(f->model, &f->error));
}

static inline void commit(fixture *f)
{
    TEST_OK(f, tend_model_commit(f->model, &f->error));
}

static inline int field_of(const fixture *f, tend_kind kind, const char *name)
{
    int field = tend_schema_field(tend_schema_kind(f->schema, kind), name);

    ck_assert_msg(field >= 0, "no field %s", name);
    return field;
}

static inline tend_status fixture_try(fixture *f, const fixture_record *record, tend_put_result *ret_result)
{
    tend_assignment assignments[16];
    tend_put put = { .kind = record->kind,
                     .id = record->id,
                     .external = record->external,
                     .found = record->found,
                     .external_length = record->external ? strlen(record->external) : 0,
                     .fields = assignments,
                     .effective_at = record->effective ? record->effective : TEND_NO_TIME,
                     .known_at = record->known ? record->known : TEND_NO_TIME,
                     .known_assumed = record->assumed,
                     .is_removed = record->removed,
                     .is_checked = record->checked };
    tend_status status;

    while (put.field_count < 16 && record->fields[put.field_count].name) {
        assignments[put.field_count].field = field_of(f, record->kind, record->fields[put.field_count].name);
        assignments[put.field_count].value = record->fields[put.field_count].value;
        put.field_count++;
    }
    if (!record->in_transaction)
        begin(f);
    status = tend_model_put(f->model, &f->origin, &put, ret_result, &f->error);
    if (!record->in_transaction)
        commit(f);
    return status;
}

static inline tend_put_result fixture_put(fixture *f, const fixture_record *record)
{
    tend_put_result result;

    TEST_OK(f, fixture_try(f, record, &result));
    return result;
}

/* The sentence of the refusal. */
static inline const char *fixture_refuse(fixture *f, const fixture_record *record)
{
    tend_put_result result;

    ck_assert_int_eq(fixture_try(f, record, &result), TEND_EINVAL);
    return f->error.text;
}

#define TEST_PUT(f, ...) fixture_put((f), &(fixture_record){ __VA_ARGS__ })
#define TEST_REFUSE(f, ...) fixture_refuse((f), &(fixture_record){ __VA_ARGS__ })

static inline int64_t add_account(fixture *f, const char *name)
{
    return TEST_PUT(f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text(name) } }).id;
}

static inline tend_world world_of(fixture *f, tend_time effective, tend_time known)
{
    tend_world world = tend_world_live(f->model);

    if (effective)
        world.effective = effective;
    if (known)
        world.known = known;
    return world;
}

/* 0 for effective or known: live. The row stays valid until the fixture's arena is reset. */
static inline bool read_then(fixture *f, tend_time effective, tend_time known, tend_kind kind, int64_t id, tend_row *ret_row)
{
    tend_world world = world_of(f, effective, known);
    tend_status status = tend_read(&world, &f->principal, kind, id, f->arena, ret_row, &f->error);

    ck_assert_msg(status >= 0 || status == TEND_ENOTFOUND, "%s", f->error.text);
    return status >= 0;
}

/* A text field's value then; "-" for null, "gone" when there was no row. */
static inline const char *text_then(fixture *f, tend_time effective, tend_time known, tend_kind kind, int64_t id, const char *name)
{
    tend_row row;
    const tend_value *value;

    if (!read_then(f, effective, known, kind, id, &row))
        return "gone";
    value = &row.values[field_of(f, kind, name)];
    return value->type == TEND_NULL ? "-" : value->text;
}

/* An integer field's value then; -1 for null, -2 when there was no row. */
static inline int64_t number_then(fixture *f, tend_time effective, tend_time known, tend_kind kind, int64_t id, const char *name)
{
    tend_row row;
    const tend_value *value;

    if (!read_then(f, effective, known, kind, id, &row))
        return -2;
    value = &row.values[field_of(f, kind, name)];
    return value->type == TEND_NULL ? -1 : value->integer;
}

/* How many rows tend_world_source gives. */
static inline int64_t rows_then(fixture *f, tend_time effective, tend_time known, tend_kind kind)
{
    tend_world world = world_of(f, effective, known);
    const char *source = NULL;
    int64_t count = -1;
    tend_buffer sql = { 0 };

    TEST_OK(f, tend_world_source(&world, kind, f->arena, &source, &f->error));
    tend_buffer_print(&sql, "SELECT count(*) FROM ");
    tend_buffer_text(&sql, source);
    tend_buffer_text(&sql, " x");
    TEST_OK(f, tend_store_number(f->store, tend_buffer_string(&sql), 0, &count, &f->error));
    tend_buffer_clear(&sql);
    return count;
}

static inline tend_status fixture_line(void *self, const char *line, size_t length)
{
    tend_buffer_append(self, line, length);
    tend_buffer_byte(self, '\n');
    return TEND_OK;
}

/* Everything in the store as text; owned by the caller. */
static inline tend_buffer dump(fixture *f)
{
    tend_buffer out = { 0 };

    TEST_OK(f, tend_store_dump(f->store, NULL, fixture_line, &out, &f->error));
    return out;
}

/* The topics of all events from the first on, in one line: "account.created 1-3, account.updated 2". */
static inline const char *told(fixture *f)
{
    tend_event events[64];
    tend_buffer line = { 0 };
    size_t count = 0;
    const char *copy;

    TEST_OK(f, tend_bus_read(f->bus, "nobody", events, 64, &count, &f->error));
    for (size_t i = 0; i < count; i++) {
        tend_buffer_print(&line, "%s%s %lld", i ? ", " : "", events[i].topic, (long long)events[i].first);
        if (events[i].last != events[i].first)
            tend_buffer_print(&line, "-%lld", (long long)events[i].last);
    }
    copy = tend_arena_string(f->arena, tend_buffer_string(&line));
    tend_buffer_clear(&line);
    return copy;
}

#endif
