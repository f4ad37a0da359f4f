/* input.h: what a calculator's input means: a field of the schema, or a column derived from fields. */
#ifndef TEND_KPI_INPUT_H
#define TEND_KPI_INPUT_H

#include "model/schema.h"
#include <tend/plugin.h>

#define TEND_INPUTS_MAX 32

typedef struct tend_found_input {
    const tend_kind_schema *kind;
    const char *sql; /* derived: over the alias s of the kind's row; NULL: the field */
    int field;       /* -1: derived */
    uint8_t type;    /* tend_type */
    tend_take take;
} tend_found_input;

tend_status tend_input_find(const tend_schema *schema, const tend_input *input, tend_found_input *ret_input, tend_error *reterr);

#endif
