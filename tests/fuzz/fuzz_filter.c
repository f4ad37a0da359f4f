/* Filters: the first byte chooses the kind, the rest is the expression. What parses is asked of every row in C, in SQL and in
 * tables, and all must say the same. */
#include "base/buffer.h"
#include "base/date.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "model/filter.h"
#include "model/measure.h"
#include "model/parse.h"
#include "model/sieve.h"
#include <inttypes.h>
#include <unistd.h>

#define TODAY "2026-03-02"
#define ROWS 3

static const tend_measure_name measures[] = {
    { .name = "arr", .is_money = true }, { .name = "nrr" }, { .name = "health", .choices = "red yellow green" }, { .name = NULL }
};
static const tend_kind kinds[] = { TEND_KIND_ACCOUNT, TEND_KIND_CONTRACT, TEND_KIND_TASK, TEND_KIND_ORDER_LINE };
static const char segment_ini[] = "[segment.key]\nwhere = tier = gold\n[segment.large]\nwhere = seats > 100\n";
static char store_path[64];
static tend_time now;
static tend_store *store;
static tend_bus *bus;
static tend_schema *schema;
static tend_model *model;
static tend_rates *rates;
static tend_config *config;
static tend_segments *segments;
static tend_principal principal;
static tend_error error;

#define MUST(call) FUZZ_EXPECT((call) >= 0, "%s", error.text)

typedef struct pair {
    const char *name, *text;
} pair;

/* References are written as the id of the row, the rest as people write it. */
static void put(tend_kind kind, const pair *pairs)
{
    const tend_kind_schema *about = tend_schema_kind(schema, kind);
    const tend_format format = { .currency = "USD" };
    tend_origin origin = { .principal = &principal };
    tend_assignment fields[16] = { 0 };
    tend_put row = { .kind = kind, .fields = fields, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME };
    tend_put_result result;
    tend_arena *arena = tend_arena_new();

    for (; pairs->name; pairs++) {
        tend_assignment *field = &fields[row.field_count++];

        field->field = tend_schema_field(about, pairs->name);
        FUZZ_EXPECT(field->field >= 0, "no field %s", pairs->name);
        if (about->fields[field->field].type == TEND_REF)
            field->value = (tend_value){ .type = TEND_REF, .integer = strtoll(pairs->text, NULL, 10) };
        else
            MUST(tend_field_parse(&about->fields[field->field], pairs->text, strlen(pairs->text), "USD", &format, arena,
                                  &field->value, &error));
    }
    MUST(tend_model_put(model, &origin, &row, &result, &error));
    tend_arena_free(arena);
}

static void add_rows(void)
{
    put(TEND_KIND_USER, (const pair[]){ { "name", "Kim" }, { "email", "kim@example.test" }, { NULL, NULL } });
    put(TEND_KIND_ACCOUNT, (const pair[]){ { "name", "Acme" },
                                           { "region", "EMEA" },
                                           { "tier", "gold" },
                                           { "seats", "120" },
                                           { "currency", "USD" },
                                           { "revenue", "1000000" },
                                           { "customer_since", "2020-02-29" },
                                           { "owner", "1" },
                                           { NULL, NULL } });
    put(TEND_KIND_ACCOUNT, (const pair[]){ { "name", "서울 상사" }, { "tier", "premier" }, { "parent", "1" }, { NULL, NULL } });
    put(TEND_KIND_ACCOUNT, (const pair[]){ { "name", "Nothing known" }, { NULL, NULL } });
    put(TEND_KIND_CONTRACT, (const pair[]){ { "account", "1" },
                                            { "status", "active" },
                                            { "ends_on", "2026-05-31" },
                                            { "currency", "USD" },
                                            { "annual_amount", "600000" },
                                            { "auto_renew", "yes" },
                                            { NULL, NULL } });
    put(TEND_KIND_TASK, (const pair[]){ { "title", "Write the plan" }, { "contract", "1" }, { "assignee", "1" }, { NULL, NULL } });
    put(TEND_KIND_ORDER_LINE,
        (const pair[]){
            { "account", "1" }, { "ordered_at", "2024-03-05T01:00" }, { "currency", "USD" }, { "amount", "100" }, { NULL, NULL } });
    put(TEND_KIND_RATE,
        (const pair[]){
            { "from_currency", "EUR" }, { "to_currency", "USD" }, { "on_date", "2024-03-01" }, { "rate", "1.1" }, { NULL, NULL } });
}

/* Once, in a store that no longer has a name. */
static void set_up(void)
{
    static const tend_section *const sections[] = { tend_segment_sections, NULL };
    tend_world world;
    tend_date today;
    char name[] = "/tmp/tend-fuzz-XXXXXX";

    FUZZ_EXPECT(mkdtemp(name) && tend_date_parse(TODAY, 10, &today) == TEND_OK, "no folder");
    now = today * INT64_C(86400000);
    (void)snprintf(store_path, sizeof store_path, "%s/a.db", name);
    principal = tend_principal_administrator();
    MUST(tend_schema_new(NULL, &schema, &error));
    MUST(tend_store_open(store_path, TEND_STORE_CREATE, &store, &error));
    MUST(tend_bus_open(store, &bus, &error));
    MUST(tend_model_open(store, bus, schema, tend_clock_by_hand(&now), &model, &error));
    MUST(tend_model_begin(model, &error));
    add_rows();
    MUST(tend_model_commit(model, &error));
    world = tend_world_live(model);
    MUST(tend_rates_load(&world, &rates, &error));
    MUST(tend_filter_define(store, rates, &error));
    MUST(tend_config_load_text("x.ini", segment_ini, strlen(segment_ini), sections, NULL, &config, &error));
    MUST(tend_segments_load(config, schema, measures, NULL, &segments, &error));
    MUST(tend_store_begin(store, &error));
    for (const char *const *end = (const char *const[]){ "", "-wal", "-shm", ".lock", NULL }; *end; end++) {
        char file[96];

        (void)snprintf(file, sizeof file, "%s%s", store_path, *end);
        (void)unlink(file);
    }
    (void)rmdir(name);
}

static void compare(const tend_filter *filter, tend_kind kind)
{
    tend_world world = tend_world_live(model);
    tend_arena *arena = tend_arena_new();
    tend_buffer query = { 0 };
    const char *source, *sql, *decided_by;
    const tend_filter *const filters[] = { filter, NULL, filter };
    tend_filter_rows *rows = tend_filter_rows_new();
    tend_sieve *sieve;

    FUZZ_EXPECT(arena && rows, "no memory");
    MUST(tend_sieve_new(schema, kind, filters, 3, &sieve, &error));
    MUST(tend_world_source(&world, kind, arena, &source, &error));
    MUST(tend_filter_sql(filter, &world, "r", arena, &sql, &error));
    tend_buffer_print(&query, "SELECT count(*) FROM %s AS r WHERE r.id = ?1 AND ", source);
    tend_buffer_text(&query, sql);
    for (int64_t row = 1; row <= ROWS; row++) {
        tend_statement *statement = NULL;
        bool is_met = false, has_row = false;
        uint64_t bits = 0;
        tend_status status = tend_filter_match(filter, &world, rates, row, &is_met, &decided_by, &error);

        if (status == TEND_ENOTFOUND)
            break;
        MUST(status);
        MUST(tend_store_prepare(store, tend_buffer_string(&query), &statement, &error));
        tend_statement_bind_int(statement, 1, row);
        MUST(tend_statement_step(statement, &has_row, &error));
        FUZZ_EXPECT(has_row && (tend_statement_int(statement, 0) == 1) == is_met, "row %" PRId64 ": C says %d, SQL does not", row,
                    is_met);
        tend_statement_end(statement);
        MUST(tend_sieve_match(sieve, &world, rates, rows, row, NULL, &bits, &error));
        FUZZ_EXPECT(bits == (is_met ? 7 : 2), "row %" PRId64 ": C says %d, the sieve does not", row, is_met);
    }
    tend_sieve_free(sieve);
    tend_filter_rows_free(rows);
    tend_buffer_clear(&query);
    tend_arena_free(arena);
}

/* What was written, in the one form in which texts are kept (NFC). */
static bool is_text_of(const tend_filter *filter, const char *text)
{
    tend_arena *arena = tend_arena_new();
    const char *same = NULL;
    size_t length = 0;
    bool is_same =
        arena && tend_utf8_nfc(arena, text, strlen(text), &same, &length) >= 0 && strcmp(tend_filter_text(filter), same) == 0;

    tend_arena_free(arena);
    return is_same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const tend_kind kind = kinds[fuzz_byte(&input) % (sizeof kinds / sizeof kinds[0])];
    char *text = fuzz_text(input.at, input.left);
    tend_filter *filter = NULL;
    tend_status status;

    if (!store)
        set_up();
    status = tend_filter_parse(schema, segments, kind, text, "x.ini:1: [segment.x] where", &filter, &error);
    if (status == TEND_OK) {
        FUZZ_EXPECT(is_text_of(filter, text), "another text: %s", tend_filter_text(filter));
        compare(filter, kind);
    } else {
        FUZZ_EXPECT(status == TEND_EINVAL, "status %d: %s", status, error.text);
        fuzz_sentence(&error);
    }
    tend_filter_free(filter);
    free(text);
    return 0;
}
