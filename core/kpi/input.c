#include "kpi/input.h"
#include "kpi/columns.h"
#include <string.h>

/* Columns that are not fields. `sql` is over the alias s. */
typedef struct derived_column {
    const char *name;
    tend_kind kind;
    uint8_t type;
    const char *help;
    const char *sql;
} derived_column;

static const derived_column derived_columns[] = {
    { "contract.active_until", TEND_KIND_CONTRACT, TEND_DATE,
      "the last day on which it counts: the earlier of ended_on and ends_on; none while it renews itself",
      "CASE WHEN s.ended_on IS NULL AND s.ends_on IS NULL AND s.status IN ('ended', 'cancelled') THEN s.effective_at / 86400000 - "
      "1 "
      "WHEN s.ends_on IS NULL OR (s.auto_renew = 1 AND s.status = 'active') THEN s.ended_on "
      "WHEN s.ended_on IS NULL THEN s.ends_on ELSE min(s.ended_on, s.ends_on) END" },
};

static const derived_column *find_derived(const char *name)
{
    for (size_t i = 0; i < sizeof derived_columns / sizeof *derived_columns; i++)
        if (strcmp(derived_columns[i].name, name) == 0)
            return &derived_columns[i];
    return NULL;
}

bool tend_input_serves(const tend_kind_schema *kind)
{
    return kind->account_field >= 0 || kind->kind == TEND_KIND_ACCOUNT;
}

const char *tend_input_derived(tend_kind kind, size_t i, tend_field *ret_about)
{
    for (size_t at = 0; at < sizeof derived_columns / sizeof *derived_columns; at++) {
        const derived_column *column = &derived_columns[at];

        if (column->kind != kind || i-- > 0)
            continue;
        *ret_about = (tend_field){ .name = strchr(column->name, '.') + 1, .type = column->type, .help = column->help };
        return ret_about->name;
    }
    return NULL;
}

tend_status tend_input_find(const tend_schema *schema, const tend_input *input, tend_found_input *ret_input, tend_error *reterr)
{
    const derived_column *derived = find_derived(input->column);
    const char *dot = strchr(input->column, '.');
    char name[64];

    if (derived) {
        *ret_input = (tend_found_input){ .kind = tend_schema_kind(schema, derived->kind),
                                         .sql = derived->sql,
                                         .field = -1,
                                         .type = derived->type,
                                         .take = input->take };
        return TEND_OK;
    }
    if (!dot || (size_t)(dot - input->column) >= sizeof name)
        return tend_fail(reterr, TEND_EINVAL, "column %s: not a column; write KIND.FIELD", input->column);
    memcpy(name, input->column, (size_t)(dot - input->column));
    name[dot - input->column] = '\0';
    const tend_kind_schema *kind = tend_schema_find(schema, name);

    if (!kind)
        return tend_fail(reterr, TEND_EINVAL, "column %s: there is no kind %s; see tend plugin columns", input->column, name);
    const int field = tend_schema_field(kind, dot + 1);

    if (field < 0)
        return tend_fail(reterr, TEND_EINVAL, "column %s: %s has no field %s; see tend plugin columns %s", input->column,
                         kind->name, dot + 1, kind->name);
    if (!tend_input_serves(kind))
        return tend_fail(reterr, TEND_EINVAL, "column %s: a %s belongs to no account; use a kind that does", input->column,
                         kind->name);
    *ret_input = (tend_found_input){ .kind = kind, .field = field, .type = kind->fields[field].type, .take = input->take };
    return TEND_OK;
}

tend_status tend_columns_check(const tend_schema *schema, const tend_input *inputs, tend_error *reterr)
{
    tend_found_input found;
    tend_status status = TEND_OK;
    size_t count = 0;

    for (; status >= 0 && inputs[count].column; count++)
        status = tend_input_find(schema, &inputs[count], &found, reterr);
    if (status >= 0 && (count == 0 || count > TEND_INPUTS_MAX))
        status = tend_fail(reterr, TEND_EINVAL, "%zu columns; a calculator reads 1 to %d", count, TEND_INPUTS_MAX);
    return status;
}
