/* reading.h: what a mapping makes of one expression of a record, from the record's cells alone: the same in whatever thread. Inside
 * sync only. */
#ifndef TEND_SYNC_READING_H
#define TEND_SYNC_READING_H

#include "sync/mapping.h"

/* Nothing but blanks. */
bool tend_reading_is_blank(const char *text, size_t length);
/* False: no translation names it. */
bool tend_reading_translate(const tend_mapping_field *field, tend_arena *scratch, tend_expressed *said);
/* The value of a field that refers to nothing; what stands in *said loses its blanks on the way. `currency` is the record's.
 * *ret_is_rounded: an amount had more digits than that. The sentence of a failure is tend_field_parse's. */
tend_status tend_reading_value(const tend_mapping_stream *stream, const tend_field *field, tend_expressed *said,
                               const char currency[4], tend_arena *scratch, tend_value *ret_value, bool *ret_is_rounded,
                               tend_error *reterr);
/* The value of the currency's own field, where it is one: the stream's when the record says none; *currency follows it. */
void tend_reading_currency(const tend_mapping_stream *stream, int field, tend_value *value, char currency[static 4]);
/* An instant: a date is its first instant in the stream's zone. `name` stands in the sentence. *ret_at is left alone where nothing
 * is said; *ret_said is what was read, and its text NULL where there was nothing that could be. */
tend_status tend_reading_instant(const tend_mapping_stream *stream, const tend_expression *value, const char *name,
                                 const tend_cell *cells, const char currency[4], tend_arena *scratch, tend_time *ret_at,
                                 tend_expressed *ret_said, tend_error *reterr);

#endif
