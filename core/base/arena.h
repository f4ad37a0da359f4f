/* arena.h: memory that ends together. Allocations are 16-byte aligned and zeroed. */
#ifndef TEND_BASE_ARENA_H
#define TEND_BASE_ARENA_H

#include <stddef.h>
#include <tend/status.h>
#include <tend/value.h>

typedef struct tend_arena tend_arena;

tend_arena *tend_arena_new(void);                 /* owned; NULL when memory is used up */
void tend_arena_free(tend_arena *arena);          /* accepts NULL; everything taken from it is gone */
void tend_arena_reset(tend_arena *arena);         /* as free and new, keeping the largest block */
size_t tend_arena_bytes(const tend_arena *arena); /* bytes handed out since new or reset */

/* NULL when memory is used up. Borrowed from the arena. */
void *tend_arena_take(tend_arena *arena, size_t bytes);
char *tend_arena_copy(tend_arena *arena, const char *text, size_t length); /* adds a NUL */
char *tend_arena_string(tend_arena *arena, const char *text);              /* NULL gives NULL */
TEND_PRINTF(2, 3) char *tend_arena_print(tend_arena *arena, const char *format, ...);

/* Copies `value`, its text too. Returns TEND_ENOMEM on failure. */
tend_status tend_arena_value(tend_arena *arena, const tend_value *value, tend_value *ret_value);

#endif
