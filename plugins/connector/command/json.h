/* json.h: one JSON text, read without loss: a number stays the digits it was written with. Private to the plugin. */
#ifndef COMMAND_JSON_H
#define COMMAND_JSON_H

#include <stdbool.h>
#include <stddef.h>

typedef enum json_type { JSON_NULL = 1, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_type;

typedef struct json_node {
    json_type type;
    const char *key; /* in an object; NUL-terminated */
    size_t key_length;
    /* STRING: its text, escapes resolved. Others: as written, not NUL-terminated. */
    const char *text;
    size_t length;
    struct json_node *first, *next; /* members of an array or object, the next beside this one */
} json_node;

typedef struct json_reader {
    char *texts; /* owned: resolved strings of the document read last */
    size_t text_room;
    json_node *nodes; /* owned */
    size_t node_room;
} json_reader;

/* The document stays valid until the next read; it borrows `text`. NULL: *ret_why says what is wrong. */
const json_node *json_read(json_reader *reader, const char *text, size_t length, const char **ret_why);
void json_reader_clear(json_reader *reader);
/* NULL when `object` is no object or has no such member. */
const json_node *json_member(const json_node *object, const char *key);

#endif
