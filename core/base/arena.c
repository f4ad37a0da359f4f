#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)4096)
#define LARGEST_STEP ((size_t)1 << 20)
#define ALIGNMENT ((size_t)16)

typedef struct block {
    struct block *next;
    size_t room;
    size_t used;
    size_t padding;
    unsigned char bytes[];
} block;

_Static_assert(sizeof(block) % ALIGNMENT == 0, "the bytes of a block must be aligned");

struct tend_arena {
    block *first; /* the one that is filled now; owned, as are those behind it */
    size_t next_room;
    size_t handed_out;
};

tend_arena *tend_arena_new(void)
{
    tend_arena *arena = calloc(1, sizeof *arena);

    if (arena)
        arena->next_room = FIRST_BLOCK;
    return arena;
}

static void free_blocks(block *first)
{
    while (first) {
        block *next = first->next;

        free(first);
        first = next;
    }
}

void tend_arena_free(tend_arena *arena)
{
    if (!arena)
        return;
    free_blocks(arena->first);
    free(arena);
}

void tend_arena_reset(tend_arena *arena)
{
    block *largest = NULL, *next;

    for (block *at = arena->first; at; at = at->next)
        if (!largest || at->room > largest->room)
            largest = at;
    for (block *at = arena->first; at; at = next) {
        next = at->next;
        if (at != largest)
            free(at);
    }
    if (largest) {
        largest->next = NULL;
        largest->used = 0;
    }
    arena->first = largest;
    arena->handed_out = 0;
}

size_t tend_arena_bytes(const tend_arena *arena)
{
    return arena->handed_out;
}

/* A block with at least `bytes` free, in front of the others; a large one goes behind, so that the rest of the first is not lost.
 */
static block *add_block(tend_arena *arena, size_t bytes)
{
    bool is_large = bytes > arena->next_room / 2;
    size_t room = is_large ? bytes : arena->next_room;
    block *added;

    if (room > SIZE_MAX - sizeof *added)
        return NULL;
    added = malloc(sizeof *added + room);
    if (!added)
        return NULL;
    added->room = room;
    added->used = 0;
    if (is_large && arena->first) {
        added->next = arena->first->next;
        arena->first->next = added;
    } else {
        added->next = arena->first;
        arena->first = added;
        if (arena->next_room < LARGEST_STEP)
            arena->next_room *= 2;
    }
    return added;
}

void *tend_arena_take(tend_arena *arena, size_t bytes)
{
    block *from = arena->first;
    void *taken;
    size_t wanted;

    if (bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    wanted = (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (wanted == 0)
        wanted = ALIGNMENT;
    if (!from || from->room - from->used < wanted)
        from = add_block(arena, wanted);
    if (!from)
        return NULL;
    taken = from->bytes + from->used;
    from->used += wanted;
    arena->handed_out += wanted;
    return memset(taken, 0, wanted);
}

char *tend_arena_copy(tend_arena *arena, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? tend_arena_take(arena, length + 1) : NULL;

    if (copy && length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *tend_arena_string(tend_arena *arena, const char *text)
{
    return text ? tend_arena_copy(arena, text, strlen(text)) : NULL;
}

char *tend_arena_print(tend_arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return NULL;
    text = tend_arena_take(arena, (size_t)length + 1);
    if (!text)
        return NULL;
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

tend_status tend_arena_value(tend_arena *arena, const tend_value *value, tend_value *ret_value)
{
    tend_value copy = *value;

    if (value->type == TEND_TEXT) {
        copy.text = tend_arena_copy(arena, value->text, value->length);
        if (!copy.text)
            return TEND_ENOMEM;
    }
    *ret_value = copy;
    return TEND_OK;
}
