#include "engine/conform_batch.h"

#include "kpi/input.h"
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 6, FROM_DAY = 19723, TO_DAY = 20088 }; /* 2024-01-01 to 2024-12-31 */

static const int64_t day_ms = INT64_C(86400000);

/* xorshift: nothing but the seed decides. */
static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static int64_t between(uint64_t *seed, int64_t low, int64_t high)
{
    return low + (int64_t)(draw(seed) % (uint64_t)(high - low + 1));
}

/* The choices of the field, or some words that may stand there. */
static const char *const *words_of(conform *trial, const tend_found_input *input, uint32_t *ret_count)
{
    static const char *const any[] = { "", "one", "two words", "\xEA\xB0\x80" };
    const char *choices = input->field >= 0 ? input->kind->fields[input->field].choices : NULL;
    const char **words;
    char *copy, *word, *rest = NULL;

    *ret_count = 0;
    if (!choices) {
        *ret_count = sizeof any / sizeof *any;
        return any;
    }
    words = conform_take(trial, (strlen(choices) + 1) * sizeof *words);
    copy = tend_arena_string(trial->arena, choices);
    for (word = words && copy ? strtok_r(copy, " ", &rest) : NULL; word; word = strtok_r(NULL, " ", &rest))
        words[(*ret_count)++] = word;
    return words;
}

static int64_t usual_value(uint64_t *seed, uint8_t type, uint32_t words)
{
    switch (type) {
    case TEND_BOOL:
        return between(seed, 0, 1);
    case TEND_DATE:
        return between(seed, FROM_DAY - 200, TO_DAY + 200);
    case TEND_TIME:
        return between(seed, FROM_DAY - 20, TO_DAY + 20) * day_ms + between(seed, 0, day_ms - 1);
    case TEND_TEXT:
        return between(seed, 0, (int64_t)words - 1);
    case TEND_REF:
        return between(seed, 1, 1000);
    case TEND_INT:
        return between(seed, 0, between(seed, 0, 3) == 0 ? BATCH_VALUE_MOST : 10); /* scores and counts, and something larger */
    default:
        return between(seed, -BATCH_VALUE_MOST / 10, BATCH_VALUE_MOST);
    }
}

static int64_t value_of(uint64_t *seed, batch_mood mood, uint8_t type, uint32_t words)
{
    const int64_t usual = usual_value(seed, type, words);

    if (mood == BATCH_UNKNOWN || (mood == BATCH_USUAL && between(seed, 0, 9) == 0))
        return TEND_UNKNOWN;
    if (mood == BATCH_HUGE && (type == TEND_INT || type == TEND_MONEY || type == TEND_DECIMAL))
        return INT64_MAX - between(seed, 0, 1000);
    return usual;
}

/* Columns of one kind that take all rows are aligned: they share their starts. */
static const uint32_t *starts_of(conform *trial, const tend_found_input *found, const tend_column *columns, uint32_t input,
                                 uint32_t accounts, batch_mood mood, uint64_t *seed)
{
    uint32_t *starts;

    for (uint32_t i = 0; i < input; i++)
        if (found[i].take == TEND_ALL && found[i].kind == found[input].kind)
            return columns[i].starts;
    starts = conform_take(trial, (accounts + 1) * sizeof *starts);
    for (uint32_t i = 0; starts && i < accounts; i++)
        starts[i + 1] = starts[i] + (mood == BATCH_BARE ? 0 : (uint32_t)between(seed, 0, ROWS_MOST));
    return starts;
}

tend_status batch_make(conform *trial, const tend_schema *schema, const tend_input *inputs, uint32_t accounts, batch_mood mood,
                       tend_batch *ret_batch, tend_error *reterr)
{
    uint64_t seed = UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)mood;
    tend_found_input found[TEND_INPUTS_MAX];
    tend_column *columns = conform_take(trial, TEND_INPUTS_MAX * sizeof *columns);
    uint32_t count = 0;

    if (!columns)
        return trial->status;
    for (; inputs[count].column; count++) {
        tend_status status = TEND_OK;

        if (count == TEND_INPUTS_MAX)
            return tend_fail(reterr, TEND_ELIMIT, "more than %d inputs; read fewer columns", TEND_INPUTS_MAX);
        status = tend_input_find(schema, &inputs[count], &found[count], reterr);
        if (status < 0)
            return status;
    }
    for (uint32_t i = 0; i < count; i++) {
        const bool takes_all = inputs[i].take == TEND_ALL;
        uint32_t rows = accounts;
        int64_t *values;

        if (takes_all)
            columns[i].starts = starts_of(trial, found, columns, i, accounts, mood, &seed);
        if (takes_all && !columns[i].starts)
            return trial->status;
        if (takes_all)
            rows = columns[i].starts[accounts];
        if (found[i].type == TEND_TEXT)
            columns[i].words = words_of(trial, &found[i], &columns[i].word_count);
        values = conform_take(trial, (rows + 1) * sizeof *values);
        if (!values || (found[i].type == TEND_TEXT && !columns[i].words))
            return trial->status < 0 ? trial->status : TEND_ENOMEM;
        for (uint32_t row = 0; row < rows; row++)
            values[row] = value_of(&seed, mood == BATCH_BARE ? BATCH_UNKNOWN : mood, found[i].type, columns[i].word_count);
        columns[i].values = values;
    }
    *ret_batch = (tend_batch){
        .size = sizeof *ret_batch, .accounts = accounts, .inputs = count, .from = FROM_DAY, .to = TO_DAY, .columns = columns
    };
    return TEND_OK;
}

const tend_batch *batch_pick(conform *trial, const tend_batch *batch, const uint32_t *picked, uint32_t count)
{
    tend_batch *part = conform_take(trial, sizeof *part);
    tend_column *columns = conform_take(trial, (batch->inputs + 1) * sizeof *columns);

    if (!part || !columns)
        return NULL;
    *part = *batch;
    part->accounts = count;
    part->columns = columns;
    for (uint32_t c = 0; c < batch->inputs; c++) {
        const tend_column *from = &batch->columns[c];
        uint32_t rows = 0, *starts = NULL;
        int64_t *values;

        for (uint32_t i = 0; i < count; i++)
            rows += from->starts ? from->starts[picked[i] + 1] - from->starts[picked[i]] : 1;
        values = conform_take(trial, (rows + 1) * sizeof *values);
        if (from->starts)
            starts = conform_take(trial, (count + 1) * sizeof *starts);
        if (!values || (from->starts && !starts))
            return NULL;
        for (uint32_t i = 0, row = 0; i < count; i++) {
            const uint32_t first = from->starts ? from->starts[picked[i]] : picked[i];
            const uint32_t some = from->starts ? from->starts[picked[i] + 1] - first : 1;

            memcpy(values + row, from->values + first, some * sizeof *values);
            row += some;
            if (starts)
                starts[i + 1] = row;
        }
        columns[c] = *from;
        columns[c].values = values;
        columns[c].starts = starts;
    }
    return part;
}

/* The same batch with columns that may be changed. */
static tend_batch *copy_batch(conform *trial, const tend_batch *batch, tend_column **ret_columns)
{
    tend_batch *copy = conform_take(trial, sizeof *copy);
    tend_column *columns = conform_take(trial, (batch->inputs + 1) * sizeof *columns);

    if (!copy || !columns)
        return NULL;
    memcpy(columns, batch->columns, batch->inputs * sizeof *columns);
    *copy = *batch;
    copy->columns = *ret_columns = columns;
    return copy;
}

static uint32_t rows_of(const tend_batch *batch, uint32_t column)
{
    const tend_column *from = &batch->columns[column];

    return from->starts ? from->starts[batch->accounts] : batch->accounts;
}

const tend_batch *batch_shift_words(conform *trial, const tend_batch *batch, uint32_t shift)
{
    tend_column *columns;
    tend_batch *shifted = copy_batch(trial, batch, &columns);

    for (uint32_t c = 0; shifted && c < batch->inputs; c++) {
        const tend_column *from = &batch->columns[c];
        const uint32_t rows = rows_of(batch, c), count = from->word_count;
        const char **words;
        int64_t *values;

        if (!from->words || count == 0)
            continue;
        words = conform_take(trial, (count + 1) * sizeof *words);
        values = conform_take(trial, (rows + 1) * sizeof *values);
        if (!words || !values)
            return NULL;
        words[0] = "a word of nobody";
        for (uint32_t i = 0; i < count; i++)
            words[1 + (i + shift) % count] = from->words[i];
        for (uint32_t row = 0; row < rows; row++)
            values[row] = from->values[row] == TEND_UNKNOWN ? TEND_UNKNOWN : 1 + (from->values[row] + shift) % count;
        columns[c].words = words;
        columns[c].word_count = count + 1;
        columns[c].values = values;
    }
    return shifted;
}

const tend_batch *batch_times_money(conform *trial, const tend_schema *schema, const tend_input *inputs, const tend_batch *batch,
                                    int64_t times)
{
    tend_column *columns;
    tend_batch *other = copy_batch(trial, batch, &columns);

    for (uint32_t c = 0; other && c < batch->inputs; c++) {
        const uint32_t rows = rows_of(batch, c);
        tend_found_input found;
        int64_t *values;

        if (tend_input_find(schema, &inputs[c], &found, NULL) < 0 || found.type != TEND_MONEY)
            continue;
        values = conform_take(trial, (rows + 1) * sizeof *values);
        if (!values)
            return NULL;
        for (uint32_t row = 0; row < rows; row++)
            values[row] = batch->columns[c].values[row] == TEND_UNKNOWN ? TEND_UNKNOWN : batch->columns[c].values[row] * times;
        columns[c].values = values;
    }
    return other;
}
