/* headings.h: what people call our fields and kinds in the files they export. Inside sync only. */
#ifndef TEND_SYNC_HEADINGS_H
#define TEND_SYNC_HEADINGS_H

#include "base/arena.h"
#include "model/schema.h"

/* Letters and digits, case folded, from the arena: "Close Date" and "close_date" are the same. NULL: memory is used up. */
const char *tend_heading_bare(tend_arena *arena, const char *name);
/* Whether `bare` (tend_heading_bare of a heading) is a usual name for the field; `bare_kind` is the kind's own bare name. */
bool tend_heading_is(const tend_kind_schema *kind, const char *bare_kind, const char *field, const char *bare);
/* Whether a heading sounds like what tells records apart: "kundennummer", "product_code". */
bool tend_heading_is_key(const char *bare);
/* The i-th kind with the words, between blanks, that point to it in a file's name; false past the end. */
bool tend_heading_kind(size_t i, tend_kind *ret_kind, const char **ret_words);

#endif
