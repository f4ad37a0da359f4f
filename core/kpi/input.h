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

/* Whether rows of the kind belong to accounts, so that their fields are columns. */
bool tend_input_serves(const tend_kind_schema *kind);
/* The i-th column of the kind that is no field of it, by its name behind the dot; NULL past the end. */
const char *tend_input_derived(tend_kind kind, size_t i, tend_field *ret_about);

tend_status tend_input_find(const tend_schema *schema, const tend_input *input, tend_found_input *ret_input, tend_error *reterr);

#endif
