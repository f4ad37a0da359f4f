#include "base/file.h"
#include "base/hash.h"
#include "base/near.h"
#include "base/utf8.h"
#include "config/config.h"
#include "sync/mapping_read.h"
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *const delimiters[] = { "comma", "semicolon", "tab", "pipe", NULL };
static const char *const decimals[] = { "point", "comma", NULL };
static const char *const groupings[] = { "none", "comma", "point", "blank", "apostrophe", NULL };
static const char *const repeats[] = { "reject", "number", "last", NULL };
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
      .help = "a key that comes again: reject it, number it (#2, #3) and keep it, or let the last one count" },
    { .key = "missing_columns",
      .type = TEND_SETTING_CHOICE,
      .choices = absences,
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
    { .name = NULL, .summary = "docs/mapping.md" },
};

TEND_PRINTF(2, 3) void tend_reading_fault(tend_reading *r, const char *format, ...)
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

void *tend_reading_take(tend_reading *r, size_t bytes)
{
    void *room = tend_arena_take(r->arena, bytes == 0 ? 1 : bytes);

    if (!room)
        r->status = TEND_ENOMEM;
    return room;
}

static const char *writing_text(const tend_reading *r, const char *stream, const char *key)
{
    const char *text =
        tend_config_has(r->config, "stream", stream, key) ? tend_config_text(r->config, "stream", stream, key) : NULL;

    return text ? text : tend_config_text(r->config, "mapping", NULL, key);
}

static const char *const *writing_list(tend_reading *r, const char *stream, const char *key)
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
    list = tend_reading_take(r, (count + 1) * sizeof *list);
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

const tend_expression *tend_reading_expression(tend_reading *r, tend_mapping_stream *stream, const char *text, const char *file,
                                               unsigned line, const char *section, const char *key, const char **ret_rest)
{
    const tend_expression *expression = NULL;
    tend_error error;
    tend_status status = tend_expression_parse(text, &stream->columns, r->arena, &expression, ret_rest, &error);

    if (status == TEND_EINVAL)
        tend_reading_fault(r, "%s:%u: [%s.%s] %s: %s", file, line, section, stream->name, key, error.text);
    else if (status < 0)
        r->status = status;
    return status < 0 ? NULL : expression;
}

/* A fault of [mapping] is told once, not for each stream. */
static void check_dates(tend_reading *r, const tend_mapping_stream *stream)
{
    bool is_own = tend_config_has(r->config, "stream", stream->name, "dates");
    const char *file = NULL;
    unsigned line = 0;

    if (!stream->format.dates || (!is_own && stream != r->loaded->mapping.streams))
        return;
    tend_config_origin(r->config, is_own ? "stream" : "mapping", is_own ? stream->name : NULL, "dates", &file, &line);
    for (size_t i = 0; stream->format.dates[i]; i++) {
        if (!tend_date_pattern_valid(stream->format.dates[i]))
            tend_reading_fault(r, "%s:%u: [%s%s%s] dates: '%s' is not a pattern; write it with YYYY MM DD HH mm ss", file, line,
                               is_own ? "stream" : "mapping", is_own ? "." : "", is_own ? stream->name : "",
                               stream->format.dates[i]);
    }
}

static void read_writing(tend_reading *r, tend_mapping_stream *stream)
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
        tend_reading_fault(r, "%s:%u: [stream.%s] zone: %s is not a time zone of this machine", stream->file, stream->line, name,
                           zone);
    if (stream->encoding && !tend_encoding_known(stream->encoding))
        tend_reading_fault(
            r, "%s:%u: [stream.%s] encoding: '%s' is not known; write utf-8, cp949, windows-1252, iso-8859-1, utf-16le or utf-16be",
            stream->file, stream->line, name, stream->encoding);
    if (stream->format.number.decimal == grouping)
        tend_reading_fault(r, "%s:%u: [stream.%s] grouping: the same sign as decimal; give each its own", stream->file,
                           stream->line, name);
    check_dates(r, stream);
    stream->known = known ? TEND_KNOWN_IMPORT : TEND_KNOWN_SOURCE;
    if (known && strcmp(known, "effective") == 0) {
        stream->known = TEND_KNOWN_EFFECTIVE;
    } else if (known && strcmp(known, "import") != 0) {
        const char *rest = "";

        stream->known = TEND_KNOWN_COLUMN;
        stream->known_at = tend_reading_expression(r, stream, known, stream->file, stream->line, "stream", "known", &rest);
    }
}

static void read_keys(tend_reading *r, tend_mapping_stream *stream)
{
    const char *text = tend_config_text(r->config, "stream", stream->name, "key");
    const tend_expression **keys;
    const char *rest = text;
    size_t room = 1;

    if (!text || strcmp(text, "*") == 0)
        return;
    for (const char *at = text; *at; at++)
        room += *at == ',';
    keys = tend_reading_take(r, room * sizeof *keys);
    while (keys) {
        keys[stream->key_count] = tend_reading_expression(r, stream, rest, stream->file, stream->line, "stream", "key", &rest);
        if (!keys[stream->key_count])
            return;
        stream->key_count++;
        if (*rest != ',')
            break;
        rest++;
    }
    stream->keys = keys;
}

static void read_stream(tend_reading *r, tend_mapping_stream *stream)
{
    const char *kind = tend_config_text(r->config, "stream", stream->name, "kind");
    const char *effective = tend_config_text(r->config, "stream", stream->name, "effective");
    const char *missing = tend_config_text(r->config, "stream", stream->name, "missing_columns");
    const char *repeated = tend_config_text(r->config, "stream", stream->name, "repeats");
    const char *rest = "";

    tend_config_origin(r->config, "stream", stream->name, "kind", &stream->file, &stream->line);
    stream->kind = tend_schema_find(r->schema, kind);
    if (!stream->kind) {
        const char *near = tend_near(kind, tend_schema_names(r->schema));

        tend_reading_fault(r, "%s:%u: [stream.%s] kind: no kind is called %s%s%s%s", stream->file, stream->line, stream->name, kind,
                           near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        return;
    }
    stream->patterns = writing_list(r, stream->name, "file");
    stream->numbers_repeats = repeated && strcmp(repeated, "number") == 0;
    stream->rejects_repeats = repeated && strcmp(repeated, "reject") == 0;
    stream->takes_last = repeated && strcmp(repeated, "last") == 0;
    stream->skips_missing = missing && strcmp(missing, "skip") == 0;
    stream->rejects_missing = missing && strcmp(missing, "reject") == 0;
    read_keys(r, stream);
    read_writing(r, stream);
    if (effective && stream->kind->is_fact)
        tend_reading_fault(r, "%s:%u: [stream.%s] effective: facts are true from their %s; map that field", stream->file,
                           stream->line, stream->name, stream->kind->fields[stream->kind->effective_field].name);
    else if (effective)
        stream->effective = tend_reading_expression(r, stream, effective, stream->file, stream->line, "stream", "effective", &rest);
    tend_reading_fields(r, stream);
}

static void read_all(tend_reading *r)
{
    tend_mapping *mapping = &r->loaded->mapping;
    tend_mapping_stream *streams;
    const char *instance;

    mapping->source = tend_config_text(r->config, "mapping", NULL, "source");
    while (tend_config_instance(r->config, "stream", mapping->stream_count))
        mapping->stream_count++;
    if (mapping->stream_count == 0)
        tend_reading_fault(r, "%s: has no streams; add a section [stream.NAME]", mapping->path);
    streams = tend_reading_take(r, mapping->stream_count * sizeof *streams);
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
            tend_reading_fault(r, "%s:%u: [fields.%s]: there is no [stream.%s]", file, line, instance, instance);
    }
    if (streams && r->fault_count == 0)
        tend_reading_values(r, streams, mapping->stream_count);
}

static tend_status finish(tend_loaded *made, const char *path, const tend_schema *schema, FILE *faults, tend_mapping **ret_mapping,
                          tend_error *reterr)
{
    tend_reading r = {
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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void digest_meaning(const char *text, size_t length, char ret_hex[65])
{
    tend_sha256 sha;
    uint8_t digest[32];

    tend_sha256_init(&sha);
    for (const char *at = text, *end = text + length; at < end;) {
        const char *next = memchr(at, '\n', (size_t)(end - at)), *last = next ? next : end;

        while (at < last && is_blank(*at))
            at++;
        while (last > at && is_blank(last[-1]))
            last--;
        if (at < last && *at != ';' && *at != '#') {
            tend_sha256_add(&sha, at, (size_t)(last - at));
            tend_sha256_add(&sha, "\n", 1);
        }
        at = next ? next + 1 : end;
    }
    tend_sha256_end(&sha, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        (void)snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

static tend_status load(const char *name, const char *text, size_t length, const tend_schema *schema, FILE *faults,
                        tend_mapping **ret_mapping, tend_error *reterr)
{
    static const tend_section *const sections[] = { tend_mapping_sections, NULL };
    tend_loaded *made = calloc(1, sizeof *made);
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
    digest_meaning(text, length, made->mapping.meaning);
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
    tend_loaded *made = (tend_loaded *)mapping;

    if (!made)
        return;
    tend_config_free(made->config);
    tend_arena_free(made->arena);
    free(made);
}

bool tend_mapping_reads(const tend_mapping_stream *stream, const char *name)
{
    const char *slash = strrchr(name, '/');
    char base[256], bare[256], stem[256];
    char *rejected;
    size_t length;

    (void)snprintf(base, sizeof base, "%s", slash ? slash + 1 : name);
    length = strlen(base);
    if (length > 3 && strcmp(base + length - 3, ".gz") == 0)
        base[length - 3] = '\0';
    memcpy(bare, base, sizeof bare);
    rejected = strstr(bare, ".rejected");
    if (rejected) { /* "x.rejected.csv" and "x.rejected-2.csv" are read as x.csv, and as x, x.txt …, for they are always .csv */
        const char *rest = rejected + 9;

        (void)snprintf(stem, sizeof stem, "%.*s", (int)(rejected - bare), bare);

        if (*rest == '-')
            rest += 1 + strspn(rest + 1, "0123456789");
        memmove(rejected, rest, strlen(rest) + 1);
    }
    for (size_t i = 0; stream->patterns && stream->patterns[i]; i++) {
        char pattern[256];

        (void)snprintf(pattern, sizeof pattern, "%s", stream->patterns[i]);
        length = strlen(pattern);
        if (length > 3 && strcmp(pattern + length - 3, ".gz") == 0)
            pattern[length - 3] = '\0';
        if (fnmatch(pattern, base, FNM_CASEFOLD) == 0 || fnmatch(pattern, bare, FNM_CASEFOLD) == 0)
            return true;
        if (rejected && fnmatch(pattern, stem, FNM_CASEFOLD) == 0)
            return true;
        if (rejected && strrchr(pattern, '.'))
            *strrchr(pattern, '.') = '\0';
        if (rejected && fnmatch(pattern, stem, FNM_CASEFOLD) == 0)
            return true;
    }
    return false;
}
