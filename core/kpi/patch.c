/* patch.c: a frame that stays, with what a few of its accounts have become. */
#include "kpi/stock.h"
#include <stdlib.h>
#include <string.h>

/* The first entry of the account, or the place where it would be. */
static uint32_t find_entry(const tend_frame *frame, int64_t account)
{
    uint32_t low = 0, high = frame->batch.accounts;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (frame->accounts[middle] < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_same_entry(const tend_frame *frame, uint32_t entry, const tend_frame *part, uint32_t i)
{
    if (entry >= frame->batch.accounts || frame->accounts[entry] != part->accounts[i] ||
        (frame->currencies && strcmp(frame->currencies[entry], part->currencies[i]) != 0))
        return false;
    for (uint32_t input = 0; input < frame->batch.inputs; input++) {
        const uint32_t *starts = frame->batch.columns[input].starts, *others = part->batch.columns[input].starts;

        if (starts[entry + 1] - starts[entry] != others[i + 1] - others[i])
            return false;
    }
    return true;
}

/* Every entry of the part has one of the frame that it can take the place of, and the frame's accounts have no others. */
static bool fits(const tend_kept_frame *kept, const tend_kept_frame *part)
{
    const tend_frame *frame = &kept->frame, *from = &part->frame;

    for (uint32_t i = 0, entry = 0; i < from->batch.accounts; i++) {
        const bool is_first = i == 0 || from->accounts[i] != from->accounts[i - 1];
        const bool is_last = i + 1 == from->batch.accounts || from->accounts[i + 1] != from->accounts[i];

        entry = is_first ? find_entry(frame, from->accounts[i]) : entry + 1;
        if (!is_same_entry(frame, entry, from, i) ||
            (is_last && entry + 1 < frame->batch.accounts && frame->accounts[entry + 1] == from->accounts[i]))
            return false;
    }
    return true;
}

/* The words of the part by the numbers that the frame has for them; NULL in *ret_numbers for an input without words. False: one of
 * them is not among the frame's, or there is no memory. */
static bool translate(tend_kept_frame *kept, const tend_kept_frame *part, int64_t *ret_numbers[TEND_INPUTS_MAX])
{
    for (size_t input = 0; input < kept->input_count; input++) {
        const uint32_t known = kept->frame.batch.columns[input].word_count;
        const tend_column *from = &part->frame.batch.columns[input];

        if (!kept->words[input])
            continue;
        ret_numbers[input] = malloc((from->word_count + 1) * sizeof *ret_numbers[input]);
        for (uint32_t i = 0; ret_numbers[input] && i < from->word_count; i++) {
            ret_numbers[input][i] = tend_words_number(kept->words[input], from->words[i], strlen(from->words[i]));
            if (ret_numbers[input][i] < 0 || ret_numbers[input][i] >= (int64_t)known)
                return false;
        }
        if (!ret_numbers[input])
            return false;
    }
    return true;
}

static void put_entry(tend_kept_frame *kept, uint32_t entry, const tend_kept_frame *part, uint32_t i,
                      int64_t *const numbers[TEND_INPUTS_MAX])
{
    ((tend_time *)(uintptr_t)kept->frame.newest)[entry] = part->frame.newest[i];
    for (uint32_t input = 0; input < kept->input_count; input++) {
        const tend_column *to = &kept->frame.batch.columns[input], *from = &part->frame.batch.columns[input];
        const uint32_t first = to->starts[entry], other = from->starts[i], rows = from->starts[i + 1] - other;
        int64_t *values = tend_sealed_values(kept->sealed, input) + first;
        int64_t *ids = (int64_t *)(uintptr_t)kept->frame.rows[input] + first;
        tend_time *at = (tend_time *)(uintptr_t)kept->frame.at[input] + first;

        for (uint32_t row = 0; row < rows; row++) {
            const int64_t value = from->values[other + row];

            values[row] = numbers[input] && value != TEND_UNKNOWN ? numbers[input][value] : value;
            ids[row] = part->frame.rows[input][other + row];
            at[row] = part->frame.at[input][other + row];
        }
    }
}

bool tend_kept_frame_patch(tend_kept_frame *kept, const tend_kept_frame *part)
{
    int64_t *numbers[TEND_INPUTS_MAX] = { NULL };
    const tend_frame *from = &part->frame;
    const bool is_possible = kept->sealed && !kept->has_latest && fits(kept, part) && translate(kept, part, numbers);

    for (uint32_t i = 0, entry = 0; is_possible && i < from->batch.accounts; i++) {
        entry = i == 0 || from->accounts[i] != from->accounts[i - 1] ? find_entry(&kept->frame, from->accounts[i]) : entry + 1;
        put_entry(kept, entry, part, i, numbers);
    }
    for (size_t input = 0; input < TEND_INPUTS_MAX; input++)
        free(numbers[input]);
    return is_possible;
}
