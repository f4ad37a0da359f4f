/* chunk.h: the rows of one kind as columns in one file, account after account.
 *
 * A chunk is written once, front to back, and read through a mapping that others may share. Within an account rows stand by
 * effective time, then row id. Rows are cut into groups of whole accounts; in a group every column is a row of numbers of the same
 * width (0, 1, 2, 4 or 8 bytes) over a base and a step, so that days, flags and words take a byte or two. Texts are numbers of a
 * list of words at the end of the file.
 *
 * A chunk is a cache: native byte order, no fsync. Its directory is checked when it is opened, each group when it is first
 * read; whoever is told TEND_ECORRUPT reads the store instead. */
#ifndef TEND_KPI_CHUNK_H
#define TEND_KPI_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tend/status.h>
#include <tend/value.h>

#define TEND_CHUNK_COLUMNS_MAX 64
#define TEND_CHUNK_GROUP_ROWS 8192u /* a group ends with the account that reaches this: some columns of it fit a cache */
#define TEND_CHUNK_WORDS_MAX 65536u /* a column of more different texts is left out */
#define TEND_CHUNK_NAME_ROOM 64

typedef struct tend_chunk tend_chunk;
typedef struct tend_chunk_writer tend_chunk_writer;

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

typedef struct tend_chunk_column {
    char name[TEND_CHUNK_NAME_ROOM];
    bool is_text;
} tend_chunk_column;

/* `columns` are copied. Owned; nothing stands at `path` before it is finished. */
tend_status tend_chunk_create(const char *path, const tend_chunk_column *columns, size_t count, tend_chunk_writer **ret_writer,
                              tend_error *reterr);
/* The number of a text in a column. Texts of a column that has too many are all the same. */
tend_status tend_chunk_word(tend_chunk_writer *writer, size_t column, const char *text, size_t length, int64_t *ret_number,
                            tend_error *reterr);
/* One row, in order. `values` are as many as columns; TEND_UNKNOWN is one of them. */
tend_status tend_chunk_put(tend_chunk_writer *writer, int64_t account, int64_t id, tend_time at, const int64_t *values,
                           tend_error *reterr);
tend_status tend_chunk_finish(tend_chunk_writer *writer, tend_error *reterr); /* frees it in any case */
void tend_chunk_discard(tend_chunk_writer *writer);                           /* accepts NULL */

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

tend_status tend_chunk_open(const char *path, tend_chunk **ret_chunk, tend_error *reterr);
void tend_chunk_close(tend_chunk *chunk); /* accepts NULL */
size_t tend_chunk_columns(const tend_chunk *chunk);
const char *tend_chunk_name(const tend_chunk *chunk, size_t column);
/* -1: not there, or left out for its many texts. */
int tend_chunk_find(const tend_chunk *chunk, const char *name);
/* The words of a text column by number; NULL when it is none. Borrowed. */
const char *const *tend_chunk_words(const tend_chunk *chunk, size_t column, uint32_t *ret_count);
uint64_t tend_chunk_rows(const tend_chunk *chunk);
uint64_t tend_chunk_bytes(const tend_chunk *chunk); /* of the file */
size_t tend_chunk_groups(const tend_chunk *chunk);

typedef struct tend_chunk_group {
    int64_t first, last; /* accounts */
    uint32_t accounts, rows;
} tend_chunk_group;

tend_chunk_group tend_chunk_group_at(const tend_chunk *chunk, size_t group);
/* The group's accounts and where their rows begin (accounts + 1 of them). Checks the group. */
tend_status tend_chunk_accounts(tend_chunk *chunk, size_t group, int64_t *ret_accounts, uint32_t *ret_starts, tend_error *reterr);

/* Columns that every chunk has, before its own. */
#define TEND_CHUNK_ID (-1)
#define TEND_CHUNK_AT (-2)
/* `count` values of a column of a group that was checked, from row `first` of the group. */
void tend_chunk_read(const tend_chunk *chunk, size_t group, int column, uint32_t first, uint32_t count, int64_t *ret_values);

/* The same of a column of texts, each as the number that `numbers` (`known` of them) has for it; false: a word is not there. */
bool tend_chunk_read_as(const tend_chunk *chunk, size_t group, int column, uint32_t first, uint32_t count, const int64_t *numbers,
                        uint32_t known, int64_t *ret_values);

/* What a reader looks for; a range whose end lies below its beginning holds nothing but what is unknown. */
typedef struct tend_chunk_range {
    int64_t low, high; /* both belong to it; TEND_UNKNOWN does not */
    bool takes_unknown;
} tend_chunk_range;

/* `is_in` becomes 0 for every row whose value is not in the range, and stays as it is for the others. */
void tend_chunk_sift(const tend_chunk *chunk, size_t group, int column, uint32_t first, uint32_t count,
                     const tend_chunk_range *range, unsigned char *is_in);
/* The values of some rows, counted from `first`. */
void tend_chunk_pick(const tend_chunk *chunk, size_t group, int column, uint32_t first, const uint32_t *rows, uint32_t count,
                     int64_t *ret_values);

#endif
