/* scan_chunk.c: rows from chunks, and among them those of accounts for which chunks do not hold. */
#include "base/together.h"
#include "kpi/filling.h"
#include "kpi/pick.h"
#include "kpi/sift.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define HANDS_MAX 16
#define PIECE_ROWS 1024u
#define GROUPS_AT_ONCE 4 /* that one of several readers takes */

typedef struct chunk_reading {
    tend_chunk *chunk;
    int columns[TEND_INPUTS_MAX], currency; /* in the chunk */
    int64_t *numbers[TEND_INPUTS_MAX];      /* by word of the chunk its number for the reader, -1: none yet */
    uint32_t *codes;                        /* packed, by word of the currency */
    int64_t *accounts;                      /* owned; of the group */
    uint32_t *starts, *places, *found;      /* owned; found: where wanted rows begin */
    int64_t *scratch;                       /* owned; currencies of a run */
    size_t room, scratch_room;
    tend_sift sift;  /* owned */
    bool has_ranges; /* some rows are not wanted */
} chunk_reading;

static void clear_reading(chunk_reading *reading)
{
    free(reading->accounts);
    free(reading->starts);
    free(reading->places);
    free(reading->found);
    free(reading->scratch);
    tend_sift_clear(&reading->sift);
}

static int currency_column(const tend_scan *scan, const tend_chunk *chunk)
{
    const tend_kind_schema *kind = scan->kind;
    tend_found_input found;
    tend_error error;
    char name[96];

    (void)snprintf(name, sizeof name, "%s.%s", kind->name, kind->fields[kind->currency_field].name);
    if (tend_input_find(scan->world->schema, &(tend_input){ name, TEND_ALL }, &found, &error) < 0)
        return -1;
    return tend_cached_column(chunk, &found, name);
}

static bool find_columns(const tend_scan *scan, chunk_reading *reading)
{
    reading->chunk = scan->cached ? scan->cached->chunks[scan->kind->kind] : NULL;
    reading->currency = -1;
    if (!reading->chunk || !scan->is_direct)
        return false;
    for (size_t i = 0; i < scan->input_count; i++) {
        reading->columns[i] = tend_cached_column(reading->chunk, scan->inputs[i].found, scan->inputs[i].name);
        if (reading->columns[i] < 0)
            return false;
        reading->has_ranges |= scan->is_loose && scan->inputs[i].range;
    }
    if (scan->is_split)
        reading->currency = currency_column(scan, reading->chunk);
    return !scan->is_split || reading->currency >= 0;
}

bool tend_scan_is_cached(const tend_scan *scan)
{
    chunk_reading reading = { 0 };

    return find_columns(scan, &reading);
}

static tend_status prepare_words(const tend_scan *scan, chunk_reading *reading, tend_error *reterr)
{
    uint32_t count;

    for (size_t i = 0; i < scan->input_count; i++) {
        if (!scan->inputs[i].words)
            continue;
        const char *const *words = tend_chunk_words(reading->chunk, (size_t)reading->columns[i], &count);

        reading->numbers[i] = malloc((count + 1) * sizeof *reading->numbers[i]);
        if (!reading->numbers[i])
            return tend_filling_no_memory(reterr);
        for (uint32_t k = 0; k <= count; k++)
            reading->numbers[i][k] = -1;
        for (uint32_t k = 0; scan->is_loose && k < count; k++) { /* all of them, while nobody else asks */
            reading->numbers[i][k] = tend_words_number(scan->inputs[i].words, words[k], strlen(words[k]));
            if (reading->numbers[i][k] < 0)
                return tend_filling_no_memory(reterr);
        }
    }
    if (scan->is_split) {
        const char *const *words = tend_chunk_words(reading->chunk, (size_t)reading->currency, &count);

        reading->codes = calloc(count + 1, sizeof *reading->codes);
        if (!reading->codes)
            return tend_filling_no_memory(reterr);
        for (uint32_t k = 0; k < count; k++)
            reading->codes[k] = tend_currency_pack(words[k]);
    }
    return TEND_OK;
}

static tend_status no_such_word(const tend_filling *f)
{
    return tend_fail(f->reterr, TEND_ECORRUPT, "columns of %s: a word that is not there", f->scan->kind->table);
}

/* Numbers of the chunk become those of the reader, who hears of words in the order they are met. */
static tend_status translate(tend_filling *f, const chunk_reading *reading, size_t input, int64_t *values, uint32_t count)
{
    int64_t *numbers = reading->numbers[input];
    uint32_t known;
    const char *const *words = tend_chunk_words(reading->chunk, (size_t)reading->columns[input], &known);

    for (uint32_t i = 0; i < count; i++) {
        if (values[i] == TEND_UNKNOWN)
            continue;
        if (values[i] < 0 || values[i] >= (int64_t)known)
            return no_such_word(f);
        if (numbers[values[i]] < 0)
            numbers[values[i]] = tend_words_number(f->scan->inputs[input].words, words[values[i]], strlen(words[values[i]]));
        if (numbers[values[i]] < 0)
            return tend_filling_no_memory(f->reterr);
        values[i] = numbers[values[i]];
    }
    return TEND_OK;
}

static tend_status read_input(tend_filling *f, const chunk_reading *reading, size_t group, size_t input, uint32_t first,
                              uint32_t count, int64_t *values)
{
    uint32_t known;

    if (f->scan->inputs[input].words && f->scan->is_loose) {
        (void)tend_chunk_words(reading->chunk, (size_t)reading->columns[input], &known);
        return tend_chunk_read_as(reading->chunk, group, reading->columns[input], first, count, reading->numbers[input], known,
                                  values)
                   ? TEND_OK
                   : no_such_word(f);
    }
    tend_chunk_read(reading->chunk, group, reading->columns[input], first, count, values);
    return f->scan->inputs[input].words ? translate(f, reading, input, values, count) : TEND_OK;
}

/* The row's currency, else the account's, else the scan's; `first` is the first row of the account in the block. */
static void name_currencies(tend_filling *f, const chunk_reading *reading, const int64_t *numbers, uint32_t place, size_t first,
                            size_t count)
{
    const uint32_t own = f->scan->currencies ? f->scan->currencies[place] : 0;
    const uint32_t otherwise = own ? own : tend_currency_pack(f->scan->currency);

    for (size_t i = 0; i < count; i++) {
        const uint32_t code = numbers[i] == TEND_UNKNOWN ? 0 : reading->codes[numbers[i]];

        f->currencies[first + i] = code ? code : otherwise;
    }
}

/* Rows of one account by currency, otherwise in the order they stand in: few, and nearly always in order already. */
static void sort_by_currency(tend_filling *f, size_t first, size_t end)
{
    for (size_t i = first + 1; i < end; i++) {
        for (size_t k = i; k > first && f->currencies[k - 1] > f->currencies[k]; k--) {
#define SWAP(array)                                      \
    do {                                                 \
        const int64_t other_ = (int64_t)(array)[k];      \
                                                         \
        (array)[k] = (array)[k - 1];                     \
        (array)[k - 1] = (__typeof__((array)[0]))other_; \
    } while (0)
            SWAP(f->currencies);
            if (f->scan->has_at)
                SWAP(f->at);
            if (f->scan->has_ids)
                SWAP(f->ids);
            for (size_t input = 0; input < f->scan->input_count; input++)
                SWAP(f->values[input]);
        }
    }
}

/* Those of the rows that lie within all ranges. */
static tend_status take_wanted(tend_filling *f, chunk_reading *reading, size_t group, size_t from, size_t to,
                               const uint32_t *places)
{
    const tend_scan *scan = f->scan;
    const uint32_t first = reading->starts[from], count = reading->starts[to] - first;
    tend_sift *sift = &reading->sift;
    const size_t rows = f->rows;
    uint32_t wanted;
    tend_status status;

    if (!tend_sift_begin(sift, count))
        return tend_filling_no_memory(f->reterr);
    for (size_t i = 0; i < scan->input_count; i++)
        if (scan->inputs[i].range)
            tend_chunk_sift(reading->chunk, group, reading->columns[i], first, count, scan->inputs[i].range, sift->is_in);
    wanted = tend_sift_end(sift, count);
    tend_sift_starts(sift, reading->starts + from, to - from, reading->found + from);
    status = tend_filling_reserve(f, wanted ? wanted : 1);
    if (status >= 0)
        status = tend_filling_add_all(f, places + from, reading->found + from, to - from);
    if (status < 0)
        return status;
    f->rows = rows + wanted;
    if (scan->has_at)
        tend_chunk_pick(reading->chunk, group, TEND_CHUNK_AT, first, sift->rows, wanted, f->at + rows);
    for (size_t i = 0; status >= 0 && i < scan->input_count; i++) {
        int64_t *values = f->values[i] + rows;

        tend_chunk_pick(reading->chunk, group, reading->columns[i], first, sift->rows, wanted, values);
        if (scan->inputs[i].words)
            status = translate(f, reading, i, values, wanted);
    }
    return status;
}

/* Accounts `from` to `to` of the group, whose rows follow each other; `places` by account of the group. */
static tend_status take_run(tend_filling *f, chunk_reading *reading, size_t group, size_t from, size_t to, const uint32_t *places)
{
    const uint32_t first = reading->starts[from], count = reading->starts[to] - first;
    const size_t rows = f->rows;
    tend_status status;

    if (reading->has_ranges)
        return take_wanted(f, reading, group, from, to, places);
    status = tend_filling_reserve(f, count);
    if (status >= 0)
        status = tend_filling_add_all(f, places + from, reading->starts + from, to - from);
    if (status < 0)
        return status;
    f->rows = rows + count;
    if (f->scan->has_at)
        tend_chunk_read(reading->chunk, group, TEND_CHUNK_AT, first, count, f->at + rows);
    if (f->scan->has_ids)
        tend_chunk_read(reading->chunk, group, TEND_CHUNK_ID, first, count, f->ids + rows);
    for (size_t i = 0; status >= 0 && i < f->scan->input_count; i++)
        status = read_input(f, reading, group, i, first, count, f->values[i] + rows);
    if (status < 0 || !f->scan->is_split)
        return status;
    if (count > reading->scratch_room && !tend_grow(&reading->scratch, reading->scratch_room = count, sizeof *reading->scratch))
        return tend_filling_no_memory(f->reterr);
    tend_chunk_read(reading->chunk, group, reading->currency, first, count, reading->scratch);
    for (size_t i = from; i < to; i++) {
        const size_t begin = reading->starts[i] - first, end = reading->starts[i + 1] - first;

        name_currencies(f, reading, reading->scratch + begin, places[i], rows + begin, end - begin);
        sort_by_currency(f, rows + begin, rows + end);
    }
    return TEND_OK;
}

/* What was read from the store beforehand, account by account. */
typedef struct kept_block {
    tend_filling f;
    size_t next; /* the account to be taken next */
} kept_block;

static tend_status keep_block(void *self, const tend_block *block)
{
    (void)self;
    (void)block;
    return TEND_OK;
}

static tend_status take_kept(tend_filling *f, kept_block *kept)
{
    const tend_filling *from = &kept->f;
    const size_t i = kept->next++, first = from->starts[i];
    const size_t count = (i + 1 < from->accounts ? from->starts[i + 1] : from->rows) - first;
    tend_status status = tend_filling_reserve(f, count);

    if (status >= 0)
        status = tend_filling_add(f, from->places[i]);
    if (status < 0 || count == 0)
        return status;
    if (f->scan->has_at)
        memcpy(f->at + f->rows, from->at + first, count * sizeof *f->at);
    if (f->scan->has_ids)
        memcpy(f->ids + f->rows, from->ids + first, count * sizeof *f->ids);
    if (f->scan->is_split)
        memcpy(f->currencies + f->rows, from->currencies + first, count * sizeof *f->currencies);
    for (size_t input = 0; input < f->scan->input_count; input++)
        memcpy(f->values[input] + f->rows, from->values[input] + first, count * sizeof *f->values[input]);
    f->rows += count;
    return TEND_OK;
}

/* Whether the next account that was read from the store comes before `account`, or is it. */
static bool is_kept_due(const tend_scan *scan, const kept_block *kept, int64_t account)
{
    return kept->next < kept->f.accounts && scan->accounts[kept->f.places[kept->next]] <= account;
}

/* All accounts of the group are asked for, one after the other, and all their rows stand there: nearly always. */
static bool is_plain(const tend_scan *scan, const chunk_reading *reading, size_t accounts, size_t at)
{
    return scan->account_count - at >= accounts &&
           memcmp(scan->accounts + at, reading->accounts, accounts * sizeof *reading->accounts) == 0 &&
           !memchr(scan->is_direct + at, true, accounts);
}

/* All accounts of the group, so few at a time that their rows stay in the nearest cache until they have been visited. */
static tend_status take_pieces(tend_filling *f, chunk_reading *reading, size_t group, size_t accounts)
{
    tend_status status = tend_filling_flush(f);

    for (size_t from = 0, to; status >= 0 && from < accounts; from = to) {
        for (to = from + 1; to < accounts && reading->starts[to + 1] - reading->starts[from] <= PIECE_ROWS; to++)
            ;
        status = take_run(f, reading, group, from, to, reading->places);
        if (status >= 0)
            status = tend_filling_flush(f);
    }
    return status;
}

/* The accounts of one group that are asked for, and those read from the store that stand among them. `*at` is the place in the
 * scope. */
static tend_status take_group(tend_filling *f, chunk_reading *reading, size_t group, size_t *at, kept_block *kept)
{
    const tend_scan *scan = f->scan;
    const size_t accounts = tend_chunk_group_at(reading->chunk, group).accounts;
    uint32_t *places = reading->places;
    tend_status status = tend_chunk_accounts(reading->chunk, group, reading->accounts, reading->starts, f->reterr);
    size_t run = SIZE_MAX; /* where a run of wanted accounts began */

    if (status >= 0 && is_plain(scan, reading, accounts, *at)) {
        for (size_t i = 0; i < accounts; i++)
            places[i] = (uint32_t)(*at + i);
        *at += accounts;
        return scan->is_loose && !reading->has_ranges ? take_pieces(f, reading, group, accounts)
                                                      : take_run(f, reading, group, 0, accounts, places);
    }
    for (size_t i = 0; status >= 0 && i < accounts; i++) {
        const int64_t account = reading->accounts[i];

        while (*at < scan->account_count && scan->accounts[*at] < account)
            ++*at;
        const bool is_wanted = *at < scan->account_count && scan->accounts[*at] == account && !scan->is_direct[*at];
        const bool is_due = is_kept_due(scan, kept, account);

        if (run != SIZE_MAX && (!is_wanted || is_due)) {
            status = take_run(f, reading, group, run, i, places);
            run = SIZE_MAX;
        }
        while (status >= 0 && is_kept_due(scan, kept, account))
            status = take_kept(f, kept);
        places[i] = (uint32_t)*at;
        if (is_wanted && run == SIZE_MAX)
            run = i;
    }
    if (status >= 0 && run != SIZE_MAX)
        status = take_run(f, reading, group, run, accounts, places);
    return status;
}

static tend_status read_direct(const tend_scan *scan, kept_block *kept, tend_error *reterr)
{
    uint32_t *picked = malloc((scan->account_count + 1) * sizeof *picked);
    size_t count = 0;
    tend_status status = picked ? TEND_OK : tend_filling_no_memory(reterr);

    kept->f = (tend_filling){ .scan = scan, .visit = keep_block, .reterr = reterr };
    for (size_t i = 0; picked && i < scan->account_count; i++)
        if (scan->is_direct[i])
            picked[count++] = (uint32_t)i;
    for (size_t i = 0; status >= 0 && i < count; i += TEND_PICK_MOST)
        status = tend_scan_store(&kept->f, picked + i, count - i < TEND_PICK_MOST ? count - i : TEND_PICK_MOST, false);
    free(picked);
    return status;
}

/* Nothing when no account of the scope stands in the group. */
static tend_status read_group(tend_filling *f, chunk_reading *reading, size_t group, size_t *at, kept_block *kept)
{
    const tend_scan *scan = f->scan;
    const tend_chunk_group about = tend_chunk_group_at(reading->chunk, group);
    tend_status status = TEND_OK;

    while (*at < scan->account_count && scan->accounts[*at] < about.first)
        ++*at;
    if (*at == scan->account_count || scan->accounts[*at] > about.last)
        return TEND_OK;
    if (about.accounts + 1 > reading->room) {
        reading->room = about.accounts + 1;
        if (!tend_grow(&reading->accounts, reading->room, sizeof *reading->accounts) ||
            !tend_grow(&reading->starts, reading->room, sizeof *reading->starts) ||
            !tend_grow(&reading->places, reading->room, sizeof *reading->places) ||
            !tend_grow(&reading->found, reading->room, sizeof *reading->found))
            return tend_filling_no_memory(f->reterr);
    }
    while (status >= 0 && kept->next < kept->f.accounts && kept->f.places[kept->next] < *at)
        status = take_kept(f, kept);
    if (status >= 0)
        status = take_group(f, reading, group, at, kept);
    return status < 0 ? status : tend_filling_flush(f);
}

static tend_status read_in_order(const tend_scan *scan, chunk_reading *reading, kept_block *kept,
                                 tend_status (*visit)(void *self, const tend_block *block), void *self, tend_error *reterr)
{
    tend_filling f = { .scan = scan, .visit = visit, .self = self, .reterr = reterr };
    size_t at = 0;
    tend_status status = TEND_OK;

    for (size_t group = 0; status >= 0 && group < tend_chunk_groups(reading->chunk) && at < scan->account_count; group++)
        status = read_group(&f, reading, group, &at, kept);
    while (status >= 0 && kept->next < kept->f.accounts)
        status = take_kept(&f, kept);
    if (status >= 0)
        status = tend_filling_flush(&f);
    tend_filling_clear(&f);
    return status;
}

/* ---- several groups at the same time ----------------------------------------------------------------------------------- */

typedef struct loose_reading {
    const tend_scan *scan;
    const chunk_reading *found; /* what all of them only look at */
    tend_status (*visit)(void *self, const tend_block *block);
    void *self;
    atomic_size_t next; /* group */
    atomic_bool has_failed;
    struct loose_end {
        tend_status status;
        tend_error error;
    } ends[HANDS_MAX];
} loose_reading;

/* The first account of the scope that is not below this one. */
static size_t find_place(const tend_scan *scan, int64_t account)
{
    size_t low = 0, high = scan->account_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (scan->accounts[middle] < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void read_some(void *self, size_t hand)
{
    loose_reading *loose = self;
    struct loose_end *end = &loose->ends[hand];
    chunk_reading reading = *loose->found;
    kept_block none = { 0 };
    tend_filling f = { .scan = loose->scan, .visit = loose->visit, .self = loose->self, .reterr = &end->error };
    const size_t groups = tend_chunk_groups(reading.chunk);
    size_t first;

    while (end->status >= 0 && !atomic_load(&loose->has_failed) &&
           (first = atomic_fetch_add(&loose->next, GROUPS_AT_ONCE)) < groups) {
        const size_t next = first + GROUPS_AT_ONCE;
        size_t at = first == 0 ? 0 : find_place(loose->scan, tend_chunk_group_at(reading.chunk, first).first);

        if (loose->scan->begin)
            loose->scan->begin(loose->self, at,
                               next < groups ? find_place(loose->scan, tend_chunk_group_at(reading.chunk, next).first)
                                             : loose->scan->account_count);
        for (size_t group = first; end->status >= 0 && group < groups && group < next; group++)
            end->status = read_group(&f, &reading, group, &at, &none);
    }
    if (end->status < 0)
        atomic_store(&loose->has_failed, true);
    clear_reading(&reading);
    tend_filling_clear(&f);
}

static tend_status read_loosely(const tend_scan *scan, const chunk_reading *found, kept_block *kept,
                                tend_status (*visit)(void *self, const tend_block *block), void *self, tend_error *reterr)
{
    loose_reading loose = { .scan = scan, .found = found, .visit = visit, .self = self };
    const size_t most = tend_together_hands(), groups = tend_chunk_groups(found->chunk);
    const size_t wanted = (groups + GROUPS_AT_ONCE - 1) / GROUPS_AT_ONCE, hands = most < wanted ? most : wanted;

    if (groups == 0 && scan->begin)
        scan->begin(self, 0, scan->account_count);
    tend_together(hands < HANDS_MAX ? hands : HANDS_MAX, read_some, &loose);
    for (size_t i = 0; i < HANDS_MAX; i++)
        if (loose.ends[i].status < 0) {
            *reterr = loose.ends[i].error;
            return loose.ends[i].status;
        }
    kept->f.visit = visit;
    kept->f.self = self;
    return tend_filling_flush(&kept->f);
}

tend_status tend_scan_chunks(const tend_scan *scan, tend_status (*visit)(void *self, const tend_block *block), void *self,
                             tend_error *reterr)
{
    chunk_reading reading = { 0 };
    kept_block kept = { 0 };
    tend_status status = find_columns(scan, &reading) ? prepare_words(scan, &reading, reterr)
                                                      : tend_fail(reterr, TEND_ENOTFOUND, "columns: not there");

    if (status >= 0)
        status = read_direct(scan, &kept, reterr);
    if (status >= 0)
        status = scan->is_loose ? read_loosely(scan, &reading, &kept, visit, self, reterr)
                                : read_in_order(scan, &reading, &kept, visit, self, reterr);
    tend_filling_clear(&kept.f);
    for (size_t i = 0; i < TEND_INPUTS_MAX; i++)
        free(reading.numbers[i]);
    free(reading.codes);
    clear_reading(&reading);
    return status;
}
