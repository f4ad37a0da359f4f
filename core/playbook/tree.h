/* tree.h: what a script says and hears: texts, numbers, booleans, lists and maps of them. Immutable; lives in an arena. */
#ifndef TEND_PLAYBOOK_TREE_H
#define TEND_PLAYBOOK_TREE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/sandbox_wire.h"
#include "base/wire.h"
#include <stdbool.h>

typedef struct tend_tree {
    uint8_t tag; /* TEND_TREE_… */
    int64_t integer;
    double number;
    const char *text; /* TEXT: NUL-terminated */
    size_t length;    /* of the text; entries of a list or map */
    const struct tend_tree *items;
    const char *const *keys; /* MAP: in byte order */
} tend_tree;

extern const tend_tree tend_tree_nil;
tend_tree tend_tree_text(const char *text); /* borrowed; NULL gives nil */
tend_tree tend_tree_int(int64_t number);
tend_tree tend_tree_bool(bool is_true);

/* A map that is being made: keys must be added in byte order. At most TEND_TREE_BUILD entries. */
#define TEND_TREE_BUILD 128
typedef struct tend_tree_map {
    const char *keys[TEND_TREE_BUILD];
    tend_tree items[TEND_TREE_BUILD];
    size_t count;
} tend_tree_map;
void tend_tree_add(tend_tree_map *map, const char *key, tend_tree value); /* nil is left out */
/* Copies the two arrays, not the texts. */
tend_status tend_tree_end(const tend_tree_map *map, tend_arena *arena, tend_tree *ret_tree);

/* Reading: NULL, "" or `otherwise` when it is not there or of another sort. */
const tend_tree *tend_tree_get(const tend_tree *map, const char *key);
const char *tend_tree_string(const tend_tree *map, const char *key); /* NULL when there is none */
int64_t tend_tree_number(const tend_tree *map, const char *key, int64_t otherwise);
bool tend_tree_is(const tend_tree *map, const char *key); /* true only for true */

tend_status tend_tree_read(tend_wire *wire, tend_arena *arena, tend_tree *ret_tree, tend_error *reterr);
void tend_tree_write(const tend_tree *tree, tend_wire *wire);
/* As bytes for the store, in the same form as on the wire. */
void tend_tree_pack(const tend_tree *tree, tend_buffer *buffer);
tend_status tend_tree_unpack(const void *bytes, size_t length, tend_arena *arena, tend_tree *ret_tree, tend_error *reterr);
void tend_tree_json(const tend_tree *tree, tend_json *json);
/* As one line of JSON from the arena; NULL when memory is used up. */
const char *tend_tree_show(const tend_tree *tree, tend_arena *arena);

#endif
