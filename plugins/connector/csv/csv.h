/* csv.h: the parts of the CSV connector. Private to it. */
#ifndef CSV_H
#define CSV_H

#include <iconv.h>
#include <tend/plugin.h>
#include <zlib.h>

/* ---- input.c: the bytes of a file: unpacked when it is gzip, decoded to UTF-8 when it is UTF-16 ---------------------------- */

typedef struct csv_input {
    const tend_host *host; /* borrowed */
    const char *path;      /* borrowed */
    const char *encoding;  /* as iconv names it: what the file's mark says, otherwise what was given */
    bool has_mark;
    int fd;
    bool is_gzip, is_utf16, at_end;
    bool is_inflating; /* `unpack` must be ended */
    z_stream unpack;
    iconv_t decode;      /* UTF-16 only */
    unsigned char *raw;  /* owned: packed bytes */
    unsigned char *wide; /* owned: UTF-16 not yet decoded */
    size_t wide_length;
    char *bytes; /* owned; what lies between start and end has not been read yet */
    size_t start, end;
    uint64_t offset; /* of bytes[0] in the file as it is read here */
    uint64_t size, modified_ns;
} csv_input;

#define CSV_WINDOW ((size_t)1 << 20)

/* `encoding` as iconv names it; a byte-order mark of the file wins over it. Refuses what is surely no CSV. */
tend_status csv_input_open(csv_input *input, const tend_host *host, const char *path, const char *encoding, tend_error *reterr);
void csv_input_close(csv_input *input);
/* More bytes behind `end`; at_end when there are none. Moves what is unread to the front. Needs room: start > 0 or end < window. */
tend_status csv_input_fill(csv_input *input, tend_error *reterr);
/* To an offset that was `offset + start` before; plain files only. */
tend_status csv_input_seek(csv_input *input, uint64_t offset, tend_error *reterr);

/* ---- parser.c: RFC 4180 records ------------------------------------------------------------------------------------------ */

typedef struct csv_parser {
    csv_input *input; /* borrowed */
    char delimiter, quote;
    bool has_quote;
    size_t max_field;

    uint64_t line; /* physical, of the byte that comes next */

    /* The record read last: */
    uint64_t record_line;
    tend_cell *cells; /* owned; texts lie one behind the other, each with a NUL, and may be changed in place */
    uint32_t count, room;
    bool is_ascii;        /* it is surely that; not known otherwise */
    const char *fault;    /* NULL: none */
    uint32_t fault_field; /* its index */
    char *text;           /* owned: records with quotes are put together here */
    size_t text_length, text_room;
} csv_parser;

/* *ret_has_record is false at the end. Blank lines are no records. An unclosed quote is a failure that names its line. */
tend_status csv_parser_next(csv_parser *parser, bool *ret_has_record, tend_error *reterr);
tend_status csv_parser_skip_line(csv_parser *parser, tend_error *reterr);
void csv_parser_clear(csv_parser *parser);

/* ---- cut.c -------------------------------------------------------------------------------------------------------------- */

/* The record at the start of the window, when all of it is there and nothing about it is special: no doubled quotes, line feeds or
 * NULs in it. False: `count` and `is_ascii` have to be set anew, all else is as before. */
bool csv_cut(csv_parser *parser);

/* ---- decode.c: texts of a record in UTF-8 -------------------------------------------------------------------------------- */

typedef struct csv_decoder {
    bool is_utf8; /* as read: only checked */
    iconv_t decode;
    char *text; /* owned: of the record decoded last */
    size_t room;
} csv_decoder;

tend_status csv_decoder_open(csv_decoder *decoder, const char *encoding, tend_error *reterr);
void csv_decoder_close(csv_decoder *decoder);
/* Replaces the texts of the cells that are not ASCII. False: *ret_bad is the index of a cell that cannot be decoded. */
bool csv_decode(csv_decoder *decoder, tend_cell *cells, uint32_t count, uint32_t *ret_bad);

/* ---- files.c: which files there are -------------------------------------------------------------------------------------- */

typedef struct csv_file {
    char *path;       /* owned */
    const char *name; /* points into path: its last part */
} csv_file;

typedef struct csv_files {
    csv_file *files;
    size_t count, room;
} csv_files;

/* The setting `path`, folders replaced by what is in them. */
tend_status csv_files_list(const tend_host *host, csv_files *ret_files, tend_error *reterr);
void csv_files_clear(csv_files *files);

#endif
