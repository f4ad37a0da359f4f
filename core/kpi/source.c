#include "kpi/source.h"
#include "base/money.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <tend/plugin.h>

#define DAY_MS INT64_C(86400000)
#define INPUTS 4
#define MICRO_FITS (INT64_MAX / 1000000 / 4)

/* What the rows of one account come to: numerator / denominator. */
typedef struct source_sum {
    tend_int128 numerator, denominator;
    tend_time newest;
    bool has_value;
} source_sum;

/* One account's rows of a block: `of` columns in the order of the source's inputs, rows `from` to `end`. */
typedef struct source_rows {
    const int64_t *of[INPUTS];
    const tend_time *at;
    uint32_t from, end;
    tend_date today;
    int64_t one; /* by which a field's values are counted */
} source_rows;

typedef struct derived_source {
    const char *name;
    tend_input inputs[INPUTS + 1];
    const char *words[8]; /* texts that it compares with, by their number here; NULL ends them */
    tend_status (*read)(void *reading, const tend_block *block);
    /* What its rows must be for `read` to count them, by input; `read` asks all the same. NULL: it looks at all rows. */
    void (*want)(tend_date today, tend_chunk_range ranges[static INPUTS]);
    bool none_is_zero; /* an account without rows has 0 */
    bool is_dated;     /* how new its facts are matters */
} derived_source;

typedef struct source_reading {
    const char *name;
    const derived_source *source; /* NULL: a field of the account */
    size_t inputs;
    int64_t one; /* by which a field's values are counted */
    tend_date today;
    const int64_t *accounts;
    tend_source_value *values;
    pthread_mutex_t lock; /* of what follows: several threads read */
    uint32_t failed;      /* the first account that does not fit; UINT32_MAX: none */
} source_reading;

static bool fits(tend_int128 number)
{
    return number <= INT64_MAX && number >= INT64_MIN;
}

static tend_status fail_at(source_reading *reading, uint32_t place)
{
    (void)pthread_mutex_lock(&reading->lock);
    reading->failed = place < reading->failed ? place : reading->failed;
    (void)pthread_mutex_unlock(&reading->lock);
    return TEND_ELIMIT;
}

static inline tend_status put_value(source_reading *reading, uint32_t place, const source_sum *sum)
{
    tend_source_value *value = &reading->values[place];

    if (!fits(sum->numerator) || !fits(sum->denominator))
        return fail_at(reading, place);
    if (!sum->has_value || sum->denominator == 0)
        return TEND_OK;
    value->newest = sum->newest;
    if (sum->denominator != 1 && sum->numerator >= 0 && sum->denominator > 0 && sum->numerator < MICRO_FITS &&
        sum->denominator < MICRO_FITS) /* nearly always: 64 bits hold all of it */
        value->micro = ((int64_t)sum->numerator * 1000000 + (int64_t)sum->denominator / 2) / (int64_t)sum->denominator;
    else if (sum->denominator == 1 ? __builtin_mul_overflow((int64_t)sum->numerator, INT64_C(1000000), &value->micro)
                                   : tend_muldiv((int64_t)sum->numerator, 1000000, (int64_t)sum->denominator, &value->micro) < 0)
        value->micro = TEND_NO_VALUE;
    return TEND_OK;
}

/* What accounts without rows have. */
static void begin_values(void *self, size_t from, size_t end)
{
    const source_reading *reading = self;
    const tend_source_value none = { .micro = reading->source && reading->source->none_is_zero ? 0 : TEND_NO_VALUE,
                                     .newest = TEND_NO_TIME };

    for (size_t i = from; i < end; i++)
        reading->values[i] = none;
}

/* What `sum` makes of the rows of every account; a loop of its own for each source, which compilers look into. */
#define READ_BY(name, sum_up)                                                                 \
    static tend_status name(void *self, const tend_block *block)                              \
    {                                                                                         \
        source_reading *reading = self;                                                       \
        source_rows rows = { .at = block->at, .today = reading->today, .one = reading->one }; \
        tend_status status = TEND_OK;                                                         \
                                                                                              \
        for (size_t i = 0; i < reading->inputs; i++)                                          \
            rows.of[i] = block->values[i];                                                    \
        for (size_t i = 0; status >= 0 && i < block->accounts; i++) {                         \
            source_sum sum = { .newest = TEND_NO_TIME };                                      \
                                                                                              \
            rows.from = block->starts[i];                                                     \
            rows.end = block->starts[i + 1];                                                  \
            sum_up(&rows, &sum);                                                              \
            status = put_value(reading, block->places[i], &sum);                              \
        }                                                                                     \
        return status;                                                                        \
    }

static int64_t day_of(tend_time at)
{
    return at / DAY_MS;
}

static const tend_chunk_range any = { INT64_MIN, INT64_MAX, true };
static const tend_chunk_range only_unknown = { 1, 0, true };

static void later(source_sum *sum, tend_time at)
{
    sum->newest = at > sum->newest ? at : sum->newest;
}

static inline void usage_trend(const source_rows *rows, source_sum *sum)
{
    const int64_t *used_on = rows->of[0], *uses = rows->of[1];
    const int64_t first = rows->today - 60, middle = rows->today - 30;

    for (uint32_t i = rows->from; i < rows->end; i++) {
        if (used_on[i] <= first || used_on[i] > rows->today || used_on[i] == TEND_UNKNOWN || uses[i] == TEND_UNKNOWN)
            continue;
        if (used_on[i] > middle)
            sum->numerator += uses[i];
        else
            sum->denominator += uses[i];
        later(sum, rows->at[i]);
        sum->has_value = true;
    }
}

static void want_usage_trend(tend_date today, tend_chunk_range ranges[static INPUTS])
{
    ranges[0] = (tend_chunk_range){ (int64_t)today - 59, today, false };
}

enum { URGENT, SOLVED, CLOSED };
static inline void open_urgent(const source_rows *rows, source_sum *sum)
{
    const int64_t *priority = rows->of[0], *status = rows->of[1], *closed_at = rows->of[2], *opened_at = rows->of[3];

    for (uint32_t i = rows->from; i < rows->end; i++)
        if (priority[i] == URGENT && status[i] != SOLVED && status[i] != CLOSED && closed_at[i] == TEND_UNKNOWN &&
            (opened_at[i] == TEND_UNKNOWN || day_of(opened_at[i]) <= rows->today)) {
            sum->numerator++;
            sum->has_value = true;
        }
    sum->denominator = 1;
}

static void want_open_urgent(tend_date today, tend_chunk_range ranges[static INPUTS])
{
    (void)today;
    ranges[2] = only_unknown;
}

static inline void touch_days(const source_rows *rows, source_sum *sum)
{
    const int64_t *happened_at = rows->of[0];
    /* day_of(at) <= today, without a division for every row */
    const int64_t end = rows->today >= 0 ? (rows->today + INT64_C(1)) * DAY_MS : rows->today * DAY_MS + 1;
    int64_t last = TEND_UNKNOWN, newest = TEND_NO_TIME;

    for (uint32_t i = rows->from; i < rows->end; i++) {
        const bool is_in = (happened_at[i] != TEND_UNKNOWN) & (happened_at[i] < end);

        last = (is_in & (happened_at[i] > last)) ? happened_at[i] : last;
        newest = (is_in & (rows->at[i] > newest)) ? rows->at[i] : newest;
    }
    sum->newest = newest;
    sum->has_value = last != TEND_UNKNOWN;
    sum->numerator = sum->has_value ? rows->today - day_of(last) : 0;
    sum->denominator = 1;
}

enum { OFFERED, AGREED };
static inline void days_left(const source_rows *rows, source_sum *sum)
{
    const int64_t *starts_on = rows->of[0], *until = rows->of[1], *status = rows->of[2];
    int64_t first = INT64_MAX;

    for (uint32_t i = rows->from; i < rows->end; i++)
        if (starts_on[i] != TEND_UNKNOWN && starts_on[i] <= rows->today && until[i] >= rows->today && status[i] != OFFERED &&
            status[i] != AGREED)
            first = until[i] < first ? until[i] : first;
    sum->has_value = first != INT64_MAX;
    sum->numerator = sum->has_value ? first - rows->today : 0;
    sum->denominator = 1;
}

static void want_days_left(tend_date today, tend_chunk_range ranges[static INPUTS])
{
    ranges[0] = (tend_chunk_range){ INT64_MIN, today, false };
    ranges[1] = (tend_chunk_range){ today, INT64_MAX, false };
}

enum { DRAFT, PAID, VOID };
static inline void overdue_days(const source_rows *rows, source_sum *sum)
{
    const int64_t *status = rows->of[0], *paid_on = rows->of[1], *due_on = rows->of[2];
    int64_t first = rows->today;

    for (uint32_t i = rows->from; i < rows->end; i++)
        if (due_on[i] < first && due_on[i] != TEND_UNKNOWN && status[i] != DRAFT && status[i] != PAID && status[i] != VOID &&
            (paid_on[i] == TEND_UNKNOWN || paid_on[i] > rows->today))
            first = due_on[i];
    sum->has_value = true; /* an account without rows is in no block */
    sum->numerator = rows->today - first;
    sum->denominator = 1;
}

static void want_overdue_days(tend_date today, tend_chunk_range ranges[static INPUTS])
{
    ranges[1] = (tend_chunk_range){ (int64_t)today + 1, INT64_MAX, true };
    ranges[2] = (tend_chunk_range){ INT64_MIN, (int64_t)today - 1, false };
}

READ_BY(read_usage_trend, usage_trend)
READ_BY(read_open_urgent, open_urgent)
READ_BY(read_touch_days, touch_days)
READ_BY(read_days_left, days_left)
READ_BY(read_overdue_days, overdue_days)

static inline void of_field(const source_rows *rows, source_sum *sum)
{
    sum->numerator = rows->of[0][rows->from];
    sum->has_value = rows->of[0][rows->from] != TEND_UNKNOWN;
    sum->denominator = rows->one;
    sum->newest = rows->at[rows->from];
}
READ_BY(read_field, of_field)

static const derived_source sources[] = {
    { .name = "usage.trend",
      .inputs = { { "usage.used_on", TEND_ALL }, { "usage.uses", TEND_ALL } },
      .read = read_usage_trend,
      .want = want_usage_trend,
      .is_dated = true },
    { .name = "ticket.open_urgent",
      .inputs = { { "ticket.priority", TEND_ALL },
                  { "ticket.status", TEND_ALL },
                  { "ticket.closed_at", TEND_ALL },
                  { "ticket.opened_at", TEND_ALL } },
      .words = { "urgent", "solved", "closed" },
      .read = read_open_urgent,
      .want = want_open_urgent,
      .none_is_zero = true },
    { .name = "touch.days", .inputs = { { "interaction.happened_at", TEND_ALL } }, .read = read_touch_days, .is_dated = true },
    { .name = "contract.days_left",
      .inputs = { { "contract.starts_on", TEND_ALL }, { "contract.active_until", TEND_ALL }, { "contract.status", TEND_ALL } },
      .words = { "offered", "agreed" },
      .read = read_days_left,
      .want = want_days_left },
    { .name = "invoice.overdue_days",
      .inputs = { { "invoice.status", TEND_ALL }, { "invoice.paid_on", TEND_ALL }, { "invoice.due_on", TEND_ALL } },
      .words = { "draft", "paid", "void" },
      .read = read_overdue_days,
      .want = want_overdue_days },
};
#define SOURCE_COUNT (sizeof sources / sizeof *sources)

static const derived_source *find_source(const char *name)
{
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        if (strcmp(sources[i].name, name) == 0)
            return &sources[i];
    return NULL;
}

/* "account.seats": the field, or NULL when it is no number of an account. */
static const tend_field *find_field(const tend_schema *schema, const char *name)
{
    const tend_kind_schema *kind = tend_schema_kind(schema, TEND_KIND_ACCOUNT);
    const int field = strncmp(name, "account.", 8) == 0 ? tend_schema_field(kind, name + 8) : -1;

    if (field < 0 || (kind->fields[field].type != TEND_INT && kind->fields[field].type != TEND_DECIMAL))
        return NULL;
    return &kind->fields[field];
}

bool tend_source_exists(const tend_schema *schema, const char *name)
{
    return find_source(name) || find_field(schema, name);
}

const char *tend_source_name(size_t i)
{
    return i < SOURCE_COUNT ? sources[i].name : NULL;
}

const tend_input *tend_source_inputs(size_t i)
{
    return sources[i].inputs;
}

/* The words that the source compares with get the numbers of their places, before any row is read. */
static tend_status take_inputs(const tend_schema *schema, const derived_source *source, const tend_input *inputs,
                               const tend_chunk_range *ranges, tend_found_input *found, tend_scan_input *asked, size_t *ret_count,
                               tend_error *reterr)
{
    size_t count = 0;
    tend_status status = TEND_OK;

    for (; status >= 0 && inputs[count].column; count++) {
        status = tend_input_find(schema, &inputs[count], &found[count], reterr);
        asked[count] = (tend_scan_input){ .name = inputs[count].column, .found = &found[count] };
        if (ranges && !(ranges[count].low == any.low && ranges[count].high == any.high))
            asked[count].range = &ranges[count];
        if (status < 0 || found[count].type != TEND_TEXT)
            continue;
        asked[count].words = tend_words_new();
        for (size_t i = 0; asked[count].words && source->words[i]; i++)
            if (tend_words_number(asked[count].words, source->words[i], strlen(source->words[i])) < 0)
                status = TEND_ENOMEM;
        if (!asked[count].words || status == TEND_ENOMEM)
            status = tend_fail(reterr, TEND_ENOMEM, "health: memory is used up");
    }
    *ret_count = count;
    return status;
}

static tend_status find_inputs(const tend_schema *schema, source_reading *reading, tend_input of_account[2],
                               const tend_input **ret_inputs, tend_error *reterr)
{
    const tend_field *field = reading->source ? NULL : find_field(schema, reading->name);

    *ret_inputs = of_account;
    if (reading->source)
        *ret_inputs = reading->source->inputs;
    else if (!field)
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: neither a KPI nor a source of health; see `tend kpi list`", reading->name);
    of_account[0] = (tend_input){ reading->name, TEND_ALL };
    of_account[1] = (tend_input){ NULL, TEND_ALL };
    for (int i = 0; field && field->type == TEND_DECIMAL && i < field->scale; i++)
        reading->one *= 10;
    return TEND_OK;
}

tend_status tend_source_read(tend_members *members, const char *name, tend_date today, tend_source_value *ret_values,
                             tend_error *reterr)
{
    const tend_schema *schema = tend_members_world(members)->schema;
    const derived_source *source = find_source(name);
    source_reading reading = { .name = name, .source = source, .one = 1, .today = today, .values = ret_values };
    tend_found_input found[INPUTS];
    tend_scan_input asked[INPUTS] = { 0 };
    tend_chunk_range ranges[INPUTS] = { any, any, any, any };
    const bool has_ranges = source && source->want;
    const tend_input *inputs;
    tend_input of_account[2];
    size_t count;
    tend_status status = find_inputs(schema, &reading, of_account, &inputs, reterr);

    reading.accounts = tend_members_list(members, &count);
    reading.failed = UINT32_MAX;
    (void)pthread_mutex_init(&reading.lock, NULL);
    if (has_ranges)
        source->want(today, ranges);
    if (status >= 0)
        status = take_inputs(schema, source, inputs, has_ranges ? ranges : NULL, found, asked, &reading.inputs, reterr);
    for (int tries = 0; status >= 0 && tries < 2; tries++) {
        status = tend_members_scan_loosely(members, found[0].kind, asked, reading.inputs, !source || source->is_dated, begin_values,
                                           source ? source->read : read_field, &reading, reterr);
        if (status != TEND_ECORRUPT || tries > 0)
            break;
        status = TEND_OK; /* once more, from the store */
    }
    if (status == TEND_ELIMIT && reading.failed != UINT32_MAX)
        status = tend_fail(reterr, TEND_ELIMIT, "%s: account %lld adds up to more than 64 bits hold; look for a wrong amount", name,
                           (long long)reading.accounts[reading.failed]);
    (void)pthread_mutex_destroy(&reading.lock);
    for (size_t i = 0; i < INPUTS; i++)
        tend_words_free(asked[i].words);
    return status;
}
