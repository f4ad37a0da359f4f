/* load_index.c: which indexes of a table that was empty stand while rows come. Where keys come in order, or are a few that repeat,
 * each goes beside the last one and costs less than sorting all of them at the end; what comes in disorder is built when all is in.
 */
#include "model/inside.h"
#include <string.h>

#define NEAR 64        /* rows so little below the highest are as good as in order: they go into one of the last pages */
#define WORDS_MAX 8    /* so many different keys are few */
#define STRIKES_MAX 16 /* so many more parts in disorder than in order take an index away */

typedef struct key {
    const tend_value *value, *second; /* second: NULL but with facts of an account */
} key;

static int compare_values(const tend_value *a, const tend_value *b)
{
    size_t length = a->length < b->length ? a->length : b->length;
    int order;

    if (a->type != TEND_TEXT || b->type != TEND_TEXT)
        return a->integer < b->integer ? -1 : a->integer > b->integer;
    order = memcmp(a->text, b->text, length);
    return order != 0 ? order : a->length < b->length ? -1 : a->length > b->length;
}

static int compare(const key *a, const key *b)
{
    int order = compare_values(a->value, b->value);

    return order != 0 || !a->second ? order : compare_values(a->second, b->second);
}

static bool is_below(const key *now, const key *highest)
{
    if (now->value->type == TEND_REF && highest->value->integer - now->value->integer <= NEAR)
        return false;
    return compare(now, highest) < 0;
}

/* Whether the key is one of at most WORDS_MAX; *count grows past it when there are more. */
static void note_word(const tend_value *value, const tend_value **words, int *count)
{
    int i = 0;

    while (i < *count && compare_values(words[i], value) != 0)
        i++;
    if (i < *count)
        return;
    if (i < WORDS_MAX)
        words[i] = value;
    *count = i + 1;
}

/* The highest key so far outlasts the rows; one that is too long is as none. */
static void keep_highest(tend_load_index *index, const key *highest)
{
    const tend_value *value = highest->value;

    index->has_highest = value->type != TEND_TEXT || value->length <= sizeof index->text;
    if (!index->has_highest)
        return;
    if (value->text != index->text) {
        index->highest = *value;
        if (value->type == TEND_TEXT)
            index->highest.text = memcpy(index->text, value->text, value->length);
    }
    if (highest->second && highest->second != &index->second)
        index->second = *highest->second;
}

/* Whether the keys of these rows come in order, behind all before them, or are a few. *ret_is_empty: there are none. */
static bool is_orderly(tend_load_index *index, const tend_load_rows *rows, bool *ret_is_empty)
{
    const tend_value *words[WORDS_MAX];
    int word_count = 0;
    size_t below = 0, count = 0;
    key highest = { &index->highest, rows->second >= 0 ? &index->second : NULL };
    bool has_highest = index->has_highest;

    for (size_t row = 0; row < rows->count; row++) {
        const tend_value *cells = rows->cells + row * (size_t)rows->width;
        const key now = { &cells[rows->column], rows->second >= 0 ? &cells[rows->second] : NULL };

        if (now.value->type == TEND_NULL)
            continue;
        count++;
        if (word_count <= WORDS_MAX)
            note_word(now.value, words, &word_count);
        if (has_highest && is_below(&now, &highest)) {
            below++;
        } else if (!has_highest || compare(&now, &highest) > 0) {
            highest = now;
            has_highest = true;
        }
    }
    *ret_is_empty = count == 0;
    if (count > 0)
        keep_highest(index, &highest);
    return below <= count / 16 || (word_count <= WORDS_MAX && count > 4 * WORDS_MAX);
}

bool tend_load_index_stands(tend_load_index *index, const tend_load_rows *rows)
{
    bool is_empty, is_good;

    if (index->is_gone)
        return false;
    is_good = is_orderly(index, rows, &is_empty);
    if (is_empty)
        return true;
    if (is_good)
        index->strikes -= index->strikes > 0;
    else
        index->strikes++;
    index->is_gone = index->strikes > (index->has_entries ? STRIKES_MAX : 0);
    index->has_entries = true;
    return !index->is_gone;
}
