/* by_hand_batch.c: columns as a person writes them. */
#include "host/by_hand.h"

#include "base/date.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct hand_column {
    int64_t *values;
    uint32_t *starts; /* of each account, and the end */
    char **words;
    uint32_t count, accounts, word_count;
} hand_column;

static bool put_word(hand_column *column, const char *word, int64_t *ret_value)
{
    char **larger;

    for (uint32_t i = 0; i < column->word_count; i++)
        if (strcmp(column->words[i], word) == 0) {
            *ret_value = i;
            return true;
        }
    larger = realloc(column->words, (column->word_count + 1) * sizeof *larger);
    if (!larger)
        return false;
    column->words = larger;
    larger[column->word_count] = strdup(word);
    *ret_value = column->word_count;
    return larger[column->word_count++] != NULL;
}

static bool put_value(hand_column *column, const char *word)
{
    int64_t *larger = realloc(column->values, (column->count + 1) * sizeof *larger), value;
    tend_date day;
    char *end;

    if (!larger)
        return false;
    column->values = larger;
    errno = 0;
    value = strtoll(word, &end, 10);
    if (strcmp(word, "?") == 0)
        value = TEND_UNKNOWN;
    else if (tend_date_parse(word, strlen(word), &day) == TEND_OK)
        value = day;
    else if ((*end != '\0' || end == word || errno != 0) && !put_word(column, word, &value))
        return false;
    column->values[column->count++] = value;
    return true;
}

static bool end_account(hand_column *column)
{
    uint32_t *larger = realloc(column->starts, (column->accounts + 2) * sizeof *larger);

    if (!larger)
        return false;
    column->starts = larger;
    if (column->accounts == 0)
        larger[0] = 0;
    larger[++column->accounts] = column->count;
    return true;
}

static bool read_column(char *line, hand_column *column)
{
    char *rest = NULL;
    bool is_good = true;

    for (char *word = strtok_r(line, " \t\r\n", &rest); is_good && word; word = strtok_r(NULL, " \t\r\n", &rest))
        is_good = strcmp(word, "|") == 0 ? end_account(column) : put_value(column, word);
    return is_good && end_account(column);
}

static tend_status take_column(hand_batch *hand, uint32_t i, const tend_input *input, hand_column *column, tend_error *reterr)
{
    hand->columns[i] = (tend_column){ .values = column->values,
                                      .starts = column->starts,
                                      .words = (const char *const *)column->words,
                                      .word_count = column->word_count };
    hand->batch.inputs = i + 1;
    if (i == 0)
        hand->batch.accounts = column->accounts;
    if (column->accounts != hand->batch.accounts)
        return tend_fail(reterr, TEND_EINVAL, "%s: %u accounts, and the columns before have %u", input->column, column->accounts,
                         hand->batch.accounts);
    if (input->take == TEND_LATEST && column->count != column->accounts)
        return tend_fail(reterr, TEND_EINVAL, "%s: one value for each account, ? when it is not known", input->column);
    if (input->take == TEND_LATEST) {
        free(column->starts);
        hand->columns[i].starts = NULL;
    }
    return TEND_OK;
}

tend_status hand_batch_read(const tend_input *inputs, tend_date from, tend_date to, FILE *lines, hand_batch *ret_batch,
                            tend_error *reterr)
{
    char *line = NULL;
    size_t room = 0;
    uint32_t count = 0;
    tend_status status = TEND_OK;

    while (inputs && inputs[count].column)
        count++;
    *ret_batch = (hand_batch){ .columns = calloc(count + 1, sizeof *ret_batch->columns) };
    if (!ret_batch->columns)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the columns");
    ret_batch->batch = (tend_batch){ .size = sizeof(tend_batch), .from = from, .to = to, .columns = ret_batch->columns };
    for (uint32_t i = 0; status == TEND_OK && i < count; i++) {
        hand_column column = { 0 };

        if (getline(&line, &room, lines) <= 0)
            status = tend_fail(reterr, TEND_EINVAL, "%s: its line is missing; one line for each input", inputs[i].column);
        else if (!read_column(line, &column))
            status = tend_fail(reterr, TEND_ENOMEM, "no memory for the columns");
        else
            status = take_column(ret_batch, i, &inputs[i], &column, reterr);
    }
    free(line);
    return status;
}

void hand_batch_clear(hand_batch *batch)
{
    for (uint32_t i = 0; i < batch->batch.inputs; i++) {
        for (uint32_t w = 0; w < batch->columns[i].word_count; w++)
            free((void *)(uintptr_t)batch->columns[i].words[w]);
        free((void *)(uintptr_t)batch->columns[i].words);
        free((void *)(uintptr_t)batch->columns[i].values);
        free((void *)(uintptr_t)batch->columns[i].starts);
    }
    free(batch->columns);
    *batch = (hand_batch){ 0 };
}
