#include "playbook/footprint.h"

#include "model/parse.h"

#include <string.h>

typedef struct footprint_reader {
    tend_footprint *footprint;
    const tend_bundle *bundle;
    const tend_schema *schema;
    tend_arena *arena;
    const char *call; /* of the row that was noted last: a call makes one, whatever it is given */
    unsigned line;
    bool is_out_of_memory;
} footprint_reader;

static tend_footprint_write *add(footprint_reader *reader, const char *file, unsigned line)
{
    tend_footprint *footprint = reader->footprint;
    tend_footprint_write *write;

    if (footprint->count == TEND_FOOTPRINT_WRITES)
        return NULL;
    write = &footprint->writes[footprint->count++];
    *write = (tend_footprint_write){ .field = -1, .file = file, .line = line };
    return write;
}

static void take_set(footprint_reader *reader, const char *file, unsigned line, const char *key, const tend_tree *given)
{
    const tend_kind_schema *kind = reader->bundle->spec.subject;
    int field = key ? tend_schema_field(kind, key) : -1;
    tend_footprint_write *write = key && field < 0 ? NULL : add(reader, file, line);
    tend_value *value;
    tend_error why;

    if (!write)
        return;
    write->kind = kind;
    write->field = field;
    value = given ? tend_arena_take(reader->arena, sizeof *value) : NULL;
    reader->is_out_of_memory |= given && !value;
    if (!value || tend_effect_value(&kind->fields[field], given, NULL, reader->arena, value, &why) < 0)
        return;
    write->value = value;
    write->shown = tend_value_show(value, NULL, reader->arena);
}

static void take_new(footprint_reader *reader, const char *file, unsigned line, const char *verb, tend_kind kind)
{
    tend_footprint_write *write;

    if (reader->call && strcmp(reader->call, verb) == 0 && reader->line == line)
        return;
    reader->call = verb;
    reader->line = line;
    write = add(reader, file, line);
    if (!write)
        return;
    write->kind = tend_schema_kind(reader->schema, kind);
    write->is_new = true;
}

static void take_given(void *self, const char *file, unsigned line, const char *verb, const char *key, const tend_tree *value)
{
    footprint_reader *reader = self;

    if (strcmp(verb, "set") == 0) {
        take_set(reader, file, line, key, value);
    } else if (strcmp(verb, "task") == 0 || strcmp(verb, "escalate") == 0 || strcmp(verb, "ask") == 0) {
        take_new(reader, file, line, verb, TEND_KIND_TASK);
    } else if (strcmp(verb, "approve") == 0) {
        take_new(reader, file, line, verb, TEND_KIND_APPROVAL);
    } else if ((strcmp(verb, "child") == 0 || strcmp(verb, "bulk") == 0) && key && strcmp(key, "playbook") == 0 && value &&
               value->tag == TEND_TREE_TEXT) {
        tend_footprint_write *write = add(reader, file, line);

        if (write)
            write->child = tend_arena_string(reader->arena, value->text);
    }
}

/* Faults are for those who check. */
static void pass_over(void *self, const char *file, unsigned line, unsigned call, const char *sentence)
{
    (void)self;
    (void)file;
    (void)line;
    (void)call;
    (void)sentence;
}

tend_status tend_footprint_read(const tend_bundle *bundle, const tend_schema *schema, tend_arena *arena,
                                tend_footprint **ret_footprint, tend_error *reterr)
{
    static const tend_script none[1] = { { 0 } };
    const tend_argument_context context = { .schema = schema, .subject = bundle->spec.subject, .settings = &bundle->settings };
    footprint_reader reader = { .bundle = bundle, .schema = schema, .arena = arena };
    const tend_literal_check check = { &context, arena, pass_over, &reader, take_given };
    tend_status status = TEND_OK;

    reader.footprint = tend_arena_take(arena, sizeof *reader.footprint);
    if (!reader.footprint)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    reader.footprint->count = 0;
    status = tend_literals_check(&check, &bundle->script, none, reterr);
    for (const tend_script *library = bundle->libraries; library->file && status == TEND_OK; library++)
        status = tend_literals_check(&check, library, none, reterr);
    if (status == TEND_OK && reader.is_out_of_memory)
        status = tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    *ret_footprint = reader.footprint;
    return status;
}
