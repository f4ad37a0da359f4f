/* messages.h: lines of JSON become records, tombstones and checkpoints. Private to the plugin. */
#ifndef COMMAND_MESSAGES_H
#define COMMAND_MESSAGES_H

#include "json.h"
#include <tend/plugin.h>

typedef struct message_run {
    const tend_host *host;
    const char *stream;   /* the one that is wanted; NULL: names are collected only */
    tend_record_out *out; /* NULL with `stream` */
    uint64_t limit;       /* records; 0: all */
    json_reader reader;
    uint64_t line, records, others; /* lines so far; of the wanted stream; of other streams */
    bool has_enough;

    char **columns; /* owned */
    uint32_t column_count, column_room;
    bool has_new_columns;
    uint32_t expected; /* the column that probably comes next */
    char **key;        /* owned; NULL-terminated once there is one */
    tend_cell *cells;  /* owned; as many as column_room */
    char *text;        /* owned: cells that need a NUL of their own */
    size_t text_length, text_room;
    char *path; /* owned: name of a nested column while it is built */

    char **streams; /* owned: names met */
    size_t stream_count;
} message_run;

/* One line; a program_read callback. */
tend_status messages_take(void *self, const char *line, size_t length, bool is_too_long);
void messages_clear(message_run *messages);

/* "2026-03-02T10:15:04.131+09:00" in UTC milliseconds; false when it is no such time. */
bool messages_time(const char *text, size_t length, tend_time *ret_time);

#endif
