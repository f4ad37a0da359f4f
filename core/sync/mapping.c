#include "sync/mapping.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/near.h"
#include "base/utf8.h"
#include "config/config.h"
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *const delimiters[] = { "comma", "semicolon", "tab", "pipe", NULL };
static const char *const decimals[] = { "point", "comma", NULL };
static const char *const groupings[] = { "none", "comma", "point", "blank", "apostrophe", NULL };
static const char *const repeats[] = { "reject", "number", NULL };
static const char *const absences[] = { "reject", "skip", NULL };

/* Read for a stream first, then for the whole mapping. */
#define WRITING                                                                                                                 \
    { .key = "currency", .type = TEND_SETTING_CURRENCY, .help = "of amounts whose record names no currency" },                  \
        { .key = "zone", .type = TEND_SETTING_ZONE, .help = "time zone of local times; UTC when not given" },                   \
        { .key = "encoding", .type = TEND_SETTING_TEXT, .help = "utf-8, cp949, windows-1252, iso-8859-1, utf-16le, utf-16be" }, \
        { .key = "delimiter", .type = TEND_SETTING_CHOICE, .choices = delimiters, .help = "what stands between cells" },        \
        { .key = "dates", .type = TEND_SETTING_LIST, .help = "how dates are written, tried in order: YYYY-MM-DD, D/M/YYYY" },   \
        { .key = "decimal", .type = TEND_SETTING_CHOICE, .choices = decimals, .help = "sign before decimals" },                 \
        { .key = "grouping", .type = TEND_SETTING_CHOICE, .choices = groupings, .help = "sign between thousands" },             \
        { .key = "yes", .type = TEND_SETTING_LIST, .help = "words that mean yes" },                                             \
        { .key = "no", .type = TEND_SETTING_LIST, .help = "words that mean no" },                                               \
        { .key = "rounding", .type = TEND_SETTING_BOOL, .help = "round amounts to the currency's digits instead of refusing" }, \
    {                                                                                                                           \
        .key = "known", .type = TEND_SETTING_TEXT,                                                                              \
        .help = "when the company knew: import (now), effective (when it happened), or a column"                                \
    }

static const tend_setting mapping_settings[] = {
    { .key = "source", .type = TEND_SETTING_NAME, .help = "whose external ids these are", .is_required = true },
    { .key = "about", .type = TEND_SETTING_TEXT, .help = "what the files are, for people" },
    WRITING,
    { .key = NULL },
};

static const tend_setting stream_settings[] = {
    { .key = "file",
      .type = TEND_SETTING_LIST,
      .help = "file names it reads, with * and ?; or a connector's stream",
      .is_required = true },
    { .key = "kind", .type = TEND_SETTING_TEXT, .help = "kind of the rows it makes", .is_required = true },
    { .key = "key", .type = TEND_SETTING_TEXT, .help = "columns that identify a record; *: the whole record", .is_required = true },
    { .key = "repeats",
      .type = TEND_SETTING_CHOICE,
      .choices = repeats,
      .fallback = "reject",
      .help = "a key that comes again: reject, or number it (#2, #3) and keep it" },
    { .key = "missing_columns",
      .type = TEND_SETTING_CHOICE,
      .choices = absences,
      .fallback = "reject",
      .help = "a file that lacks columns: reject it, or skip the fields" },
    { .key = "effective", .type = TEND_SETTING_TEXT, .help = "column that says since when the values are true" },
    WRITING,
    { .key = NULL },
};

static const tend_setting field_settings[] = {
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "field = column, \"constant\" or expression" },
    { .key = NULL },
};

static const tend_setting value_settings[] = {
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "what the file says = what is stored; * = keep, reject or empty for others" },
    { .key = NULL },
};

const tend_section tend_mapping_sections[] = {
    { "mapping", false, "what the files are and how they are written", mapping_settings },
    { "stream", true, "one kind of record in one sort of file", stream_settings },
    { "fields", true, "[fields.STREAM]: where each field comes from", field_settings },
    { "values", true, "[values.STREAM.FIELD]: what values of a field mean", value_settings },
    { .name = NULL },
};

typedef struct loaded {
    tend_mapping mapping; /* first: what is handed out */
    tend_arena *arena;
    tend_config *config;
} loaded;

/* Collects all faults. */
typedef struct reader {
    loaded *loaded;
    const tend_config *config;
    const tend_schema *schema;
    tend_arena *arena;
    FILE *faults;
    tend_error *reterr;
    unsigned fault_count;
    tend_status status;
} reader;

TEND_PRINTF(2, 3) static void fault(reader *r, const char *format, ...)
{
    tend_error error;
    va_list arguments;

    va_start(arguments, format);
    (void)tend_vfail(&error, TEND_EINVAL, format, arguments);
    va_end(arguments);
    if (r->faults)
        fprintf(r->faults, "%s\n", error.text);
    if (r->fault_count++ == 0 && r->reterr)
        *r->reterr = error;
}

static void *take(reader *r, size_t bytes)
{
    void *room = tend_arena_take(r->arena, bytes == 0 ? 1 : bytes);

    if (!room)
        r->status = TEND_ENOMEM;
    return room;
}

static const char *writing_text(const reader *r, const char *stream, const char *key)
{
    const char *text =
        tend_config_has(r->config, "stream", stream, key) ? tend_config_text(r->config, "stream", stream, key) : NULL;

    return text ? text : tend_config_text(r->config, "mapping", NULL, key);
}

static const char *const *writing_list(reader *r, const char *stream, const char *key)
{
    bool is_own = tend_config_has(r->config, "stream", stream, key);
    const char *section = is_own ? "stream" : "mapping";
    const char *instance = is_own ? stream : NULL;
    const char **list;
    size_t count = 0;

    while (tend_config_entry(r->config, section, instance, key, count))
        count++;
    if (count == 0)
        return NULL;
    list = take(r, (count + 1) * sizeof *list);
    for (size_t i = 0; list && i < count; i++)
        list[i] = tend_config_entry(r->config, section, instance, key, i);
    return list;
}

static char sign_of(const char *word)
{
    static const struct {
        const char *word;
        char sign;
    } signs[] = { { "comma", ',' }, { "semicolon", ';' }, { "tab", '\t' },       { "pipe", '|' },
                  { "point", '.' }, { "blank", ' ' },     { "apostrophe", '\'' } };

    for (size_t i = 0; word && i < sizeof signs / sizeof signs[0]; i++) {
        if (strcmp(signs[i].word, word) == 0)
            return signs[i].sign;
    }
    return '\0';
}

static const tend_expression *read_expression(reader *r, tend_mapping_stream *stream, const char *text, const char *file,
                                              unsigned line, const char *section, const char *key, const char **ret_rest)
{
    const tend_expression *expression = NULL;
    tend_error error;
    tend_status status = tend_expression_parse(text, &stream->columns, r->arena, &expression, ret_rest, &error);

    if (status == TEND_EINVAL)
        fault(r, "%s:%u: [%s.%s] %s: %s", file, line, section, stream->name, key, error.text);
    else if (status < 0)
        r->status = status;
    return status < 0 ? NULL : expression;
}

/* A fault of [mapping] is told once, not for each stream. */
static void check_dates(reader *r, const tend_mapping_stream *stream)
{
    bool is_own = tend_config_has(r->config, "stream", stream->name, "dates");
    const char *file = NULL;
    unsigned line = 0;

    if (!stream->format.dates || (!is_own && stream != r->loaded->mapping.streams))
        return;
    tend_config_origin(r->config, is_own ? "stream" : "mapping", is_own ? stream->name : NULL, "dates", &file, &line);
    for (size_t i = 0; stream->format.dates[i]; i++) {
        if (!tend_date_pattern_valid(stream->format.dates[i]))
            fault(r, "%s:%u: [%s%s%s] dates: '%s' is not a pattern; write it with YYYY MM DD HH mm ss", file, line,
                  is_own ? "stream" : "mapping", is_own ? "." : "", is_own ? stream->name : "", stream->format.dates[i]);
    }
}

static void read_writing(reader *r, tend_mapping_stream *stream)
{
    const char *name = stream->name;
    const char *zone = writing_text(r, name, "zone");
    const char *currency = writing_text(r, name, "currency");
    const char *rounding = writing_text(r, name, "rounding");
    const char *known = writing_text(r, name, "known");
    char grouping = sign_of(writing_text(r, name, "grouping"));
    char decimal = sign_of(writing_text(r, name, "decimal"));
    bool is_own = tend_config_has(r->config, "stream", name, "rounding");

    stream->encoding = writing_text(r, name, "encoding");
    stream->delimiter = sign_of(writing_text(r, name, "delimiter"));
    stream->format.dates = writing_list(r, name, "dates");
    stream->format.yes = writing_list(r, name, "yes");
    stream->format.no = writing_list(r, name, "no");
    stream->format.number = (tend_number_format){ decimal ? decimal : '.', grouping };
    stream->format.round_money =
        rounding && tend_config_bool(r->config, is_own ? "stream" : "mapping", is_own ? name : NULL, "rounding");
    if (currency)
        (void)snprintf(stream->format.currency, sizeof stream->format.currency, "%s", currency);
    if (zone && tend_zone_find(zone, &stream->format.zone, NULL) < 0)
        fault(r, "%s:%u: [stream.%s] zone: %s is not a time zone of this machine", stream->file, stream->line, name, zone);
    if (stream->encoding && !tend_encoding_known(stream->encoding))
        fault(r,
              "%s:%u: [stream.%s] encoding: '%s' is not known; write utf-8, cp949, windows-1252, iso-8859-1, utf-16le or utf-16be",
              stream->file, stream->line, name, stream->encoding);
    if (stream->format.number.decimal == grouping)
        fault(r, "%s:%u: [stream.%s] grouping: the same sign as decimal; give each its own", stream->file, stream->line, name);
    check_dates(r, stream);
    stream->known = TEND_KNOWN_IMPORT;
    if (known && strcmp(known, "effective") == 0) {
        stream->known = TEND_KNOWN_EFFECTIVE;
    } else if (known && strcmp(known, "import") != 0) {
        const char *rest = "";

        stream->known = TEND_KNOWN_COLUMN;
        stream->known_at = read_expression(r, stream, known, stream->file, stream->line, "stream", "known", &rest);
    }
}

static void read_keys(reader *r, tend_mapping_stream *stream)
{
    const char *text = tend_config_text(r->config, "stream", stream->name, "key");
    const tend_expression **keys;
    const char *rest = text;
    size_t room = 1;

    if (!text || strcmp(text, "*") == 0)
        return;
    for (const char *at = text; *at; at++)
        room += *at == ',';
    keys = take(r, room * sizeof *keys);
    while (keys) {
        keys[stream->key_count] = read_expression(r, stream, rest, stream->file, stream->line, "stream", "key", &rest);
        if (!keys[stream->key_count])
            return;
        stream->key_count++;
        if (*rest != ',')
            break;
        rest++;
    }
    stream->keys = keys;
}

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
static void read_reference(reader *r, const tend_mapping_stream *stream, tend_mapping_field *field, const char *key,
                           const char *rest)
{
    const tend_field *schema = &stream->kind->fields[field->field];
    const tend_kind_schema *target = schema->type == TEND_REF ? tend_schema_kind(r->schema, (tend_kind)schema->target) : NULL;
    char word[128];
    int used = 0;

    if (strncmp(rest, "->", 2) != 0) {
        if (target)
            fault(r, "%s:%u: [fields.%s] %s: refers to another record; write column -> %s, or column -> %s.%s", field->file,
                  field->line, stream->name, key, target->name, target->name,
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
                fault(r, "%s:%u: [fields.%s] %s: %s has no field '%s' that could be copied into it", field->file, field->line,
                      stream->name, key, via->name, point + 1);
            }
        } else if (!target) {
            fault(r, "%s:%u: [fields.%s] %s: is no reference; leave out the ->", field->file, field->line, stream->name, key);
            return;
        } else if (strcmp(word, target->name) != 0)
            fault(r, "%s:%u: [fields.%s] %s: refers to the kind %s, not %s", field->file, field->line, stream->name, key,
                  target->name, word);
        else if (point) {
            field->by_field = tend_schema_field(target, point + 1);
            if (field->by_field < 0 ||
                !((target->fields[field->by_field].flags & TEND_FIELD_KEY) || field->by_field == target->name_field))
                fault(r, "%s:%u: [fields.%s] %s: %s cannot be looked up by '%s'", field->file, field->line, stream->name, key,
                      target->name, point + 1);
        }
    } else {
        fault(r, "%s:%u: [fields.%s] %s: a kind is missing after ->", field->file, field->line, stream->name, key);
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
        fault(r, "%s:%u: [fields.%s] %s: '%s' is not understood; write else reject, else empty, else create or list empty",
              field->file, field->line, stream->name, key, rest);
}

static void read_fields(reader *r, tend_mapping_stream *stream)
{
    const char *key, *value, *file;
    unsigned line;
    size_t count = 0;
    tend_mapping_field *fields;

    while (tend_config_key(r->config, "fields", stream->name, count, &key, &value, &file, &line))
        count++;
    if (count == 0)
        fault(r, "%s:%u: [stream.%s] has no fields; add a section [fields.%s]", stream->file, stream->line, stream->name,
              stream->name);
    fields = take(r, count * sizeof *fields);
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
            const char **names = take(r, ((size_t)stream->kind->field_count + 1) * sizeof *names);
            const char *near;

            for (int f = 0; names && f < stream->kind->field_count; f++)
                names[f] = stream->kind->fields[f].name;
            near = names ? tend_near(key, names) : NULL;
            fault(r, "%s:%u: [fields.%s] %s: no such field of %s%s%s%s", file, line, stream->name, key, stream->kind->name,
                  near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
            continue;
        }
        field->value = read_expression(r, stream, value, file, line, "fields", key, &rest);
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

static void read_values(reader *r, tend_mapping_stream *stream, size_t stream_count)
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
            fault(r, "%s:%u: [values.%s]: no stream maps a field of this name; write [values.STREAM.FIELD]", file, line, instance);
            continue;
        }
        while (tend_config_key(r->config, "values", instance, count, &key, &value, &file, &line))
            count++;
        list = take(r, count * sizeof *list);
        for (size_t v = 0; list && tend_config_key(r->config, "values", instance, v, &key, &value, &file, &line); v++) {
            tend_translation *to = &list[field->translation_count];
            size_t length = strlen(value);

            if (strcmp(key, "*") == 0) {
                field->otherwise = strcmp(value, "keep") == 0     ? TEND_UNKNOWN_KEEP
                                   : strcmp(value, "reject") == 0 ? TEND_UNKNOWN_REJECT
                                   : strcmp(value, "empty") == 0  ? TEND_UNKNOWN_EMPTY
                                                                  : 0;
                if (field->otherwise == 0)
                    fault(r, "%s:%u: [values.%s] *: '%s' is not understood; write keep, reject or empty", file, line, instance,
                          value);
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

static void read_stream(reader *r, tend_mapping_stream *stream)
{
    const char *kind = tend_config_text(r->config, "stream", stream->name, "kind");
    const char *effective = tend_config_text(r->config, "stream", stream->name, "effective");
    const char *rest = "";

    tend_config_origin(r->config, "stream", stream->name, "kind", &stream->file, &stream->line);
    stream->kind = tend_schema_find(r->schema, kind);
    if (!stream->kind) {
        const char *near = tend_near(kind, tend_schema_names(r->schema));

        fault(r, "%s:%u: [stream.%s] kind: no kind is called %s%s%s%s", stream->file, stream->line, stream->name, kind,
              near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        return;
    }
    stream->patterns = writing_list(r, stream->name, "file");
    stream->numbers_repeats = strcmp(tend_config_text(r->config, "stream", stream->name, "repeats"), "number") == 0;
    stream->skips_missing = strcmp(tend_config_text(r->config, "stream", stream->name, "missing_columns"), "skip") == 0;
    read_keys(r, stream);
    read_writing(r, stream);
    if (effective && stream->kind->is_fact)
        fault(r, "%s:%u: [stream.%s] effective: facts are true from their %s; map that field", stream->file, stream->line,
              stream->name, stream->kind->fields[stream->kind->effective_field].name);
    else if (effective)
        stream->effective = read_expression(r, stream, effective, stream->file, stream->line, "stream", "effective", &rest);
    read_fields(r, stream);
}

static void read_all(reader *r)
{
    tend_mapping *mapping = &r->loaded->mapping;
    tend_mapping_stream *streams;
    const char *instance;

    mapping->source = tend_config_text(r->config, "mapping", NULL, "source");
    while (tend_config_instance(r->config, "stream", mapping->stream_count))
        mapping->stream_count++;
    if (mapping->stream_count == 0)
        fault(r, "%s: has no streams; add a section [stream.NAME]", mapping->path);
    streams = take(r, mapping->stream_count * sizeof *streams);
    mapping->streams = streams;
    for (size_t i = 0; streams && i < mapping->stream_count; i++) {
        streams[i].name = tend_config_instance(r->config, "stream", i);
        read_stream(r, &streams[i]);
    }
    for (size_t i = 0; streams && (instance = tend_config_instance(r->config, "fields", i)); i++) {
        const char *key, *value, *file;
        unsigned line = 0;
        bool is_known = false;

        for (size_t s = 0; s < mapping->stream_count; s++)
            is_known = is_known || strcmp(streams[s].name, instance) == 0;
        if (!is_known && tend_config_key(r->config, "fields", instance, 0, &key, &value, &file, &line))
            fault(r, "%s:%u: [fields.%s]: there is no [stream.%s]", file, line, instance, instance);
    }
    if (streams && r->fault_count == 0)
        read_values(r, streams, mapping->stream_count);
}

static tend_status finish(loaded *made, const char *path, const tend_schema *schema, FILE *faults, tend_mapping **ret_mapping,
                          tend_error *reterr)
{
    reader r = {
        .loaded = made, .config = made->config, .schema = schema, .arena = made->arena, .faults = faults, .reterr = reterr
    };
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t length = strlen(base);

    if (length > 4 && strcmp(base + length - 4, ".ini") == 0)
        length -= 4;
    made->mapping.path = tend_arena_string(made->arena, path);
    made->mapping.name = tend_arena_copy(made->arena, base, length);
    read_all(&r);
    if (r.status < 0)
        return tend_fail(reterr, r.status, "memory is used up");
    if (r.fault_count > 0)
        return TEND_EINVAL;
    *ret_mapping = &made->mapping;
    return TEND_OK;
}

static tend_status load(const char *name, const char *text, size_t length, const tend_schema *schema, FILE *faults,
                        tend_mapping **ret_mapping, tend_error *reterr)
{
    static const tend_section *const sections[] = { tend_mapping_sections, NULL };
    loaded *made = calloc(1, sizeof *made);
    tend_status status = TEND_ENOMEM;

    if (!made)
        goto out;
    made->arena = tend_arena_new();
    if (!made->arena)
        goto out;
    status = tend_config_load_text(name, text, length, sections, faults, &made->config, reterr);
    if (status < 0)
        goto out;
    tend_sha256_hex(text, length, made->mapping.digest);
    status = finish(made, name, schema, faults, ret_mapping, reterr);
    if (status == TEND_OK)
        made = NULL;
out:
    if (status == TEND_ENOMEM)
        (void)tend_fail(reterr, status, "memory is used up");
    tend_mapping_free(made ? &made->mapping : NULL);
    return status;
}

tend_status tend_mapping_load_text(const char *name, const char *text, size_t length, const tend_schema *schema, FILE *faults,
                                   tend_mapping **ret_mapping, tend_error *reterr)
{
    return load(name, text, length, schema, faults, ret_mapping, reterr);
}

#define MAPPING_MAX (4u << 20)

tend_status tend_mapping_load(const char *path, const tend_schema *schema, FILE *faults, tend_mapping **ret_mapping,
                              tend_error *reterr)
{
    char *text = NULL;
    size_t length = 0;
    tend_status status = tend_file_read(path, MAPPING_MAX, &text, &length, reterr);

    if (status == TEND_OK)
        status = load(path, text, length, schema, faults, ret_mapping, reterr);
    free(text);
    return status;
}

void tend_mapping_free(tend_mapping *mapping)
{
    loaded *made = (loaded *)mapping;

    if (!made)
        return;
    tend_config_free(made->config);
    tend_arena_free(made->arena);
    free(made);
}

bool tend_mapping_reads(const tend_mapping_stream *stream, const char *name)
{
    const char *slash = strrchr(name, '/');
    char base[256], bare[256];
    char *rejected;
    size_t length;

    (void)snprintf(base, sizeof base, "%s", slash ? slash + 1 : name);
    length = strlen(base);
    if (length > 3 && strcmp(base + length - 3, ".gz") == 0)
        base[length - 3] = '\0';
    memcpy(bare, base, sizeof bare);
    rejected = strstr(bare, ".rejected");
    if (rejected)
        memmove(rejected, rejected + 9, strlen(rejected + 9) + 1);
    for (size_t i = 0; stream->patterns && stream->patterns[i]; i++) {
        char pattern[256];

        (void)snprintf(pattern, sizeof pattern, "%s", stream->patterns[i]);
        length = strlen(pattern);
        if (length > 3 && strcmp(pattern + length - 3, ".gz") == 0)
            pattern[length - 3] = '\0';
        if (fnmatch(pattern, base, FNM_CASEFOLD) == 0 || fnmatch(pattern, bare, FNM_CASEFOLD) == 0)
            return true;
    }
    return false;
}
