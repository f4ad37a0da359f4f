#include "playbook/types.h"

#include <ctype.h>
#include <string.h>
#include <tend/value.h>

/* "contract_line" as "ContractLine". */
static void write_class(FILE *out, const char *name)
{
    bool is_first = true;

    for (; *name; name++) {
        if (*name == '_')
            is_first = true;
        else {
            (void)fputc(is_first ? toupper((unsigned char)*name) : *name, out);
            is_first = false;
        }
    }
}

static void write_choices(FILE *out, const char *choices)
{
    for (bool is_first = true; *choices; is_first = false) {
        size_t length = strcspn(choices, " ");

        (void)fprintf(out, "%s\"%.*s\"", is_first ? "" : "|", (int)length, choices);
        choices += length + strspn(choices + length, " ");
    }
}

/* What a script reads, or what a test may write, which is more. */
static void write_type(const tend_field *field, bool is_written, FILE *out)
{
    switch ((tend_type)field->type) {
    case TEND_BOOL:
        (void)fputs("boolean", out);
        return;
    case TEND_INT:
        (void)fputs("integer", out);
        break;
    case TEND_DECIMAL:
        (void)fputs("number", out);
        break;
    case TEND_MONEY:
        (void)fputs(is_written ? "number|string" : "integer", out);
        break;
    case TEND_REF:
        if (is_written)
            (void)fputs("tend.Row|string", out);
        else
            (void)fputs("integer", out);
        break;
    default:
        if (field->choices)
            write_choices(out, field->choices);
        else
            (void)fputs("string", out);
    }
    if (is_written)
        (void)fputs("|false", out); /* not known */
}

static void write_help(const tend_schema *schema, const tend_field *field, FILE *out)
{
    const char *form = field->type == TEND_MONEY  ? "in the smallest unit of its currency; "
                       : field->type == TEND_DATE ? "YYYY-MM-DD; "
                       : field->type == TEND_TIME ? "YYYY-MM-DDTHH:MM:SSZ; "
                                                  : "";

    (void)fputs(form, out);
    if (field->type == TEND_REF)
        (void)fprintf(out, "the id of a row, %s; ", tend_schema_kind(schema, (tend_kind)field->target)->name);
    (void)fputs(field->help ? field->help : "", out);
    (void)fputc('\n', out);
}

static void write_kind(const tend_schema *schema, const tend_kind_schema *kind, bool is_written, FILE *out)
{
    (void)fputs("\n---@class tend.", out);
    write_class(out, kind->name);
    (void)fprintf(out, "%s %s%s\n", is_written ? "Fields" : "", is_written ? "what a test writes: " : "", kind->help);
    for (int i = 0; i < kind->field_count; i++) {
        const tend_field *field = &kind->fields[i];

        if (field->flags & TEND_FIELD_RETIRED)
            continue;
        (void)fprintf(out, "---@field %s? ", field->name);
        write_type(field, is_written, out);
        (void)fputc(' ', out);
        if (is_written)
            (void)fprintf(out, "%s\n", field->help ? field->help : "");
        else
            write_help(schema, field, out);
    }
}

static void write_runs(const tend_schema *schema, FILE *out)
{
    (void)fputs("\n---@class tend.Run\n", out);
    for (const char *const *name = tend_schema_names(schema); *name; name++) {
        (void)fprintf(out, "---@field %s tend.", *name);
        write_class(out, *name);
        (void)fputs(strcmp(*name, "account") == 0 ? " its account\n" : " when it is the subject\n", out);
    }
}

static void write_world(const tend_schema *schema, FILE *out)
{
    (void)fputs("\n---@class tend.World\n", out);
    for (const char *const *name = tend_schema_names(schema); *name; name++) {
        (void)fprintf(out, "---@field %s fun(self: tend.World, fields?: tend.", *name);
        write_class(out, *name);
        (void)fputs("Fields): tend.Row\n", out);
        (void)fprintf(out, "---@field expect_%s fun(self: tend.World, fields?: table<string, any>): tend.Row\n", *name);
        (void)fprintf(out, "---@field expect_no_%s fun(self: tend.World, fields?: table<string, any>)\n", *name);
    }
}

void tend_types_write(const tend_schema *schema, FILE *out)
{
    (void)fputs("---@meta\n-- Every kind of row and its fields, written by tend playbook types. Nothing here is run.\n", out);
    for (const char *const *name = tend_schema_names(schema); *name; name++)
        write_kind(schema, tend_schema_find(schema, *name), false, out);
    for (const char *const *name = tend_schema_names(schema); *name; name++)
        write_kind(schema, tend_schema_find(schema, *name), true, out);
    write_runs(schema, out);
    write_world(schema, out);
}
