/* mapping_fields.c: where each field comes from, and what its values mean. */
#include "base/near.h"
#include "base/utf8.h"
#include "sync/mapping_read.h"
#include <string.h>

/* Whether what stands in `from` may stand in `to`: references to the same kind, numbers, days. */
static bool can_copy(const tend_field *from, const tend_field *to)
{
    switch ((tend_type)to->type) {
    case TEND_REF:
        return from->type == TEND_REF && from->target == to->target;
    case TEND_TIME:
        return from->type == TEND_TIME || from->type == TEND_DATE;
    case TEND_DATE:
    case TEND_INT:
    case TEND_BOOL:
        return from->type == to->type;
    default:
        return false;
    }
}

/* "-> account", "-> product.name", "-> contract.account" (the account of the contract), then ", else create", ", list empty". */
static void read_reference(tend_reading *r, const tend_mapping_stream *stream, tend_mapping_field *field, const char *key,
                           const char *rest)
{
    const tend_field *schema = &stream->kind->fields[field->field];
    const tend_kind_schema *target = schema->type == TEND_REF ? tend_schema_kind(r->schema, (tend_kind)schema->target) : NULL;
    char word[128];
    int used = 0;

    if (strncmp(rest, "->", 2) != 0) {
        if (target)
            tend_reading_fault(r, "%s:%u: [fields.%s] %s: refers to another record; write column -> %s, or column -> %s.%s",
                               field->file, field->line, stream->name, key, target->name, target->name,
                               target->name_field >= 0 ? target->fields[target->name_field].name : "field");
    } else if (sscanf(rest, "-> %127[a-z0-9_.]%n", word, &used) == 1) {
        char *point = strchr(word, '.');

        if (point)
            *point = '\0';
        const tend_kind_schema *via = point ? tend_schema_find(r->schema, word) : NULL;

        rest += used;
        if (via && via != target && !via->is_fact) {
            int index = tend_schema_field(via, point + 1);

            if (index >= 0 && can_copy(&via->fields[index], schema)) {
                field->via = via->kind;
                field->via_field = index;
            } else {
                tend_reading_fault(r, "%s:%u: [fields.%s] %s: %s has no field '%s' that could be copied into it", field->file,
                                   field->line, stream->name, key, via->name, point + 1);
            }
        } else if (!target) {
            tend_reading_fault(r, "%s:%u: [fields.%s] %s: is no reference; leave out the ->", field->file, field->line,
                               stream->name, key);
            return;
        } else if (strcmp(word, target->name) != 0)
            tend_reading_fault(r, "%s:%u: [fields.%s] %s: refers to the kind %s, not %s", field->file, field->line, stream->name,
                               key, target->name, word);
        else if (point) {
            field->by_field = tend_schema_field(target, point + 1);
            if (field->by_field < 0 ||
                !((target->fields[field->by_field].flags & TEND_FIELD_KEY) || field->by_field == target->name_field))
                tend_reading_fault(r, "%s:%u: [fields.%s] %s: %s cannot be looked up by '%s'", field->file, field->line,
                                   stream->name, key, target->name, point + 1);
        }
    } else {
        tend_reading_fault(r, "%s:%u: [fields.%s] %s: a kind is missing after ->", field->file, field->line, stream->name, key);
        return;
    }
    while (*rest == ' ' || *rest == '\t')
        rest++;
    for (int length = 0; *rest == ','; rest += length) {
        char first[16], second[16];

        length = 0;
        if (sscanf(rest, ", %15[a-z] %15[a-z] %n", first, second, &length) == 2 && length > 0) {
            if (strcmp(first, "list") == 0 && strcmp(second, "empty") == 0) {
                field->list_empty = true;
                continue;
            }
            if ((target || field->via) && strcmp(first, "else") == 0) {
                field->if_missing = strcmp(second, "reject") == 0   ? TEND_MISSING_REJECT
                                    : strcmp(second, "empty") == 0  ? TEND_MISSING_EMPTY
                                    : strcmp(second, "create") == 0 ? TEND_MISSING_CREATE
                                                                    : 0;
                if (field->if_missing != 0)
                    continue;
            }
        }
        break;
    }
    if (*rest != '\0')
        tend_reading_fault(
            r, "%s:%u: [fields.%s] %s: '%s' is not understood; write else reject, else empty, else create or list empty",
            field->file, field->line, stream->name, key, rest);
}

void tend_reading_fields(tend_reading *r, tend_mapping_stream *stream)
{
    const char *key, *value, *file;
    unsigned line;
    size_t count = 0;
    tend_mapping_field *fields;

    while (tend_config_key(r->config, "fields", stream->name, count, &key, &value, &file, &line))
        count++;
    if (count == 0)
        tend_reading_fault(r, "%s:%u: [stream.%s] has no fields; add a section [fields.%s]", stream->file, stream->line,
                           stream->name, stream->name);
    fields = tend_reading_take(r, count * sizeof *fields);
    for (size_t i = 0; fields && tend_config_key(r->config, "fields", stream->name, i, &key, &value, &file, &line); i++) {
        tend_mapping_field *field = &fields[stream->field_count];
        const char *rest = "";

        *field = (tend_mapping_field){ .field = tend_schema_field(stream->kind, key),
                                       .by_field = -1,
                                       .if_missing = TEND_MISSING_REJECT,
                                       .otherwise = TEND_UNKNOWN_KEEP,
                                       .file = file,
                                       .line = line };
        if (field->field < 0) {
            const char **names = tend_reading_take(r, ((size_t)stream->kind->field_count + 1) * sizeof *names);
            const char *near;

            for (int f = 0; names && f < stream->kind->field_count; f++)
                names[f] = stream->kind->fields[f].name;
            near = names ? tend_near(key, names) : NULL;
            tend_reading_fault(r, "%s:%u: [fields.%s] %s: no such field of %s%s%s%s", file, line, stream->name, key,
                               stream->kind->name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
            continue;
        }
        field->value = tend_reading_expression(r, stream, value, file, line, "fields", key, &rest);
        if (!field->value)
            continue;
        read_reference(r, stream, field, key, rest);
        stream->field_count++;
        if (field->field == stream->kind->currency_field) { /* amounts are read in it, so it is read first */
            tend_mapping_field currency = *field;

            memmove(fields + 1, fields, (stream->field_count - 1) * sizeof *fields);
            fields[0] = currency;
        }
    }
    stream->fields = fields;
}

void tend_reading_values(tend_reading *r, tend_mapping_stream *stream, size_t stream_count)
{
    const char *instance;

    for (size_t i = 0; (instance = tend_config_instance(r->config, "values", i)); i++) {
        const char *point = strrchr(instance, '.');
        const char *key, *value, *file;
        unsigned line = 0;
        tend_mapping_stream *of = NULL;
        tend_mapping_field *field = NULL;
        tend_translation *list;
        size_t count = 0;

        if (!tend_config_key(r->config, "values", instance, 0, &key, &value, &file, &line))
            continue;
        for (size_t s = 0; point && s < stream_count; s++) {
            if (strlen(stream[s].name) == (size_t)(point - instance) &&
                strncmp(stream[s].name, instance, (size_t)(point - instance)) == 0)
                of = &stream[s];
        }
        for (size_t f = 0; of && f < of->field_count; f++) {
            if (strcmp(of->kind->fields[of->fields[f].field].name, point + 1) == 0)
                field = (tend_mapping_field *)&of->fields[f];
        }
        if (!field) {
            tend_reading_fault(r, "%s:%u: [values.%s]: no stream maps a field of this name; write [values.STREAM.FIELD]", file,
                               line, instance);
            continue;
        }
        while (tend_config_key(r->config, "values", instance, count, &key, &value, &file, &line))
            count++;
        list = tend_reading_take(r, count * sizeof *list);
        for (size_t v = 0; list && tend_config_key(r->config, "values", instance, v, &key, &value, &file, &line); v++) {
            tend_translation *to = &list[field->translation_count];
            size_t length = strlen(value);

            if (strcmp(key, "*") == 0) {
                field->otherwise = strcmp(value, "keep") == 0     ? TEND_UNKNOWN_KEEP
                                   : strcmp(value, "reject") == 0 ? TEND_UNKNOWN_REJECT
                                   : strcmp(value, "empty") == 0  ? TEND_UNKNOWN_EMPTY
                                                                  : 0;
                if (field->otherwise == 0)
                    tend_reading_fault(r, "%s:%u: [values.%s] *: '%s' is not understood; write keep, reject or empty", file, line,
                                       instance, value);
                continue;
            }
            if (length >= 2 && value[0] == '"' && value[length - 1] == '"')
                value++, length -= 2;
            *to = (tend_translation){
                .from = key, .from_length = strlen(key), .to = tend_arena_copy(r->arena, value, length), .to_length = length
            };
            if (!to->to || tend_utf8_fold(r->arena, key, to->from_length, &to->folded, &to->folded_length) < 0)
                r->status = TEND_ENOMEM;
            field->translation_count++;
        }
        field->translations = list;
    }
}
