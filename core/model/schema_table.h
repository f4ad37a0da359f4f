/* schema_table.h: the built-in kinds, as they are written down. Only schema.c reads this. */
#ifndef TEND_MODEL_SCHEMA_TABLE_H
#define TEND_MODEL_SCHEMA_TABLE_H

#include "model/schema.h"

typedef struct tend_builtin_kind {
    tend_kind kind; /* TEND_KIND_NONE ends the table */
    const char *name, *table, *help;
    bool is_fact;
    const char *account, *label, *status, *currency, *effective; /* names of fields; NULL: none */
    const tend_field *fields;                                    /* a NULL name ends them */
} tend_builtin_kind;

extern const tend_builtin_kind tend_builtin_kinds[];

#endif
