#include "kpi/words.h"
#include "base/arena.h"
#include "base/hash.h"
#include <stdlib.h>
#include <string.h>

struct tend_words {
    tend_arena *arena;
    const char **list; /* owned */
    size_t *lengths;   /* owned */
    uint32_t count, room;
    uint32_t *slots; /* owned; number + 1, 0 is free; a power of two of at least twice `room` */
};

tend_words *tend_words_new(void)
{
    tend_words *words = calloc(1, sizeof *words);

    if (words && !(words->arena = tend_arena_new())) {
        free(words);
        words = NULL;
    }
    return words;
}

void tend_words_free(tend_words *words)
{
    if (!words)
        return;
    tend_arena_free(words->arena);
    free((void *)words->list);
    free(words->lengths);
    free(words->slots);
    free(words);
}

/* The slot of the text, or the free one where it belongs. */
static uint32_t *find_slot(const tend_words *words, const char *text, size_t length)
{
    const size_t mask = 2 * (size_t)words->room - 1;
    size_t at = (size_t)tend_hash64(text, length) & mask;

    while (words->slots[at]) {
        const uint32_t number = words->slots[at] - 1;

        if (words->lengths[number] == length && memcmp(words->list[number], text, length) == 0)
            break;
        at = (at + 1) & mask;
    }
    return &words->slots[at];
}

static tend_status grow(tend_words *words)
{
    const uint32_t room = words->room ? 2 * words->room : 16;
    const char **list = realloc((void *)words->list, room * sizeof *list);

    if (!list)
        return TEND_ENOMEM;
    words->list = list;
    size_t *lengths = realloc(words->lengths, room * sizeof *lengths);

    if (!lengths)
        return TEND_ENOMEM;
    words->lengths = lengths;
    uint32_t *slots = calloc(2 * (size_t)room, sizeof *slots);

    if (!slots)
        return TEND_ENOMEM;
    free(words->slots);
    words->slots = slots;
    words->room = room;
    for (uint32_t i = 0; i < words->count; i++)
        *find_slot(words, words->list[i], words->lengths[i]) = i + 1;
    return TEND_OK;
}

int64_t tend_words_number(tend_words *words, const char *text, size_t length)
{
    uint32_t *slot;

    if (words->count == words->room && grow(words) < 0)
        return -1;
    slot = find_slot(words, text, length);
    if (!*slot) {
        const char *copy = tend_arena_copy(words->arena, text, length);

        if (!copy)
            return -1;
        words->list[words->count] = copy;
        words->lengths[words->count] = length;
        *slot = ++words->count;
    }
    return *slot - 1;
}

const char *const *tend_words_list(const tend_words *words, uint32_t *ret_count)
{
    *ret_count = words->count;
    return words->list;
}
