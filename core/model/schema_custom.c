/* schema_custom.c: the fields that administrators add: [field.KIND.x_name]. */
#include "base/buffer.h"
#include "base/near.h"
#include "base/utf8.h"
#include "model/inside.h"
#include <string.h>

static const char *const types[] = { "text", "int", "decimal", "money", "date", "time", "bool", "ref", NULL };
static const uint8_t type_numbers[] = { TEND_TEXT, TEND_INT, TEND_DECIMAL, TEND_MONEY, TEND_DATE, TEND_TIME, TEND_BOOL, TEND_REF };
static const char *const sensitivities[] = { "open", "internal", "personal", "restricted", NULL };

static const tend_setting settings[] = {
    { .key = "type", .type = TEND_SETTING_CHOICE, .choices = types, .is_required = true, .help = "what the field holds" },
    { .key = "choices", .type = TEND_SETTING_LIST, .help = "text: the only words it may hold" },
    { .key = "scale", .type = TEND_SETTING_INT, .fallback = "2", .max = 12, .help = "decimal: digits after the point" },
    { .key = "target", .type = TEND_SETTING_NAME, .help = "ref: the kind it points to" },
    { .key = "help", .type = TEND_SETTING_TEXT, .help = "what it means, one line" },
    { .key = "sensitivity",
      .type = TEND_SETTING_CHOICE,
      .fallback = "open",
      .choices = sensitivities,
      .help = "who may see it: open, internal (never in a customer's report), personal, restricted" },
    { .key = "indexed", .type = TEND_SETTING_BOOL, .fallback = "no", .help = "make lists by this field fast" },
    { .key = "retired", .type = TEND_SETTING_BOOL, .fallback = "no", .help = "no longer offered; what it holds is kept" },
    { .key = NULL },
};

const tend_section tend_schema_sections[] = {
    { .name = "field", .is_named = true, .summary = "A field of your own: [field.account.x_segment_code]", .settings = settings },
    { .name = NULL },
};

static tend_status fault(const tend_config *config, const char *instance, const char *key, tend_error *reterr, const char *what)
{
    const char *file = NULL;
    unsigned line = 0;

    tend_config_origin(config, "field", instance, key, &file, &line);
    if (!file)
        tend_config_origin(config, "field", instance, "type", &file, &line);
    return tend_fail(reterr, TEND_EINVAL, "%s:%u: [field.%s] %s: %s", file ? file : "configuration", line, instance, key, what);
}

static int position(const char *const *words, const char *word)
{
    int i = 0;

    while (words[i] && strcmp(words[i], word) != 0)
        i++;
    return i;
}

static bool name_is_good(const char *name)
{
    size_t length = strlen(name);

    return !strncmp(name, "x_", 2) && length > 2 && length <= 60 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

/* The words of `choices` between blanks. */
static tend_status read_choices(const tend_config *config, const char *instance, tend_arena *arena, const char **ret_choices)
{
    tend_buffer words = { 0 };
    const char *entry;
    tend_status status = TEND_OK;

    *ret_choices = NULL;
    for (size_t i = 0; (entry = tend_config_entry(config, "field", instance, "choices", i)) != NULL; i++) {
        tend_buffer_text(&words, i ? " " : "");
        tend_buffer_text(&words, entry);
    }
    if (words.length > 0)
        *ret_choices = tend_arena_copy(arena, words.bytes, words.length);
    if (words.failed || (words.length > 0 && !*ret_choices))
        status = TEND_ENOMEM;
    tend_buffer_clear(&words);
    return status;
}

static tend_status read_field(const tend_schema *schema, const tend_config *config, const char *instance,
                              const tend_kind_schema *kind, tend_arena *arena, tend_field *ret_field, tend_error *reterr)
{
    const char *name = strchr(instance, '.') + 1;
    const char *type = tend_config_text(config, "field", instance, "type");
    const char *target = tend_config_text(config, "field", instance, "target");
    const char *help = tend_config_text(config, "field", instance, "help");
    tend_field field = { .flags = TEND_FIELD_CUSTOM };

    if (!name_is_good(name))
        return fault(config, instance, "type", reterr,
                     "the field's name must be x_ and then small letters, digits or _ (at most 60); rename it");
    if (!type)
        return fault(config, instance, "type", reterr, "missing; write one of text, int, decimal, money, date, time, bool, ref");
    field.type = type_numbers[position(types, type)];
    if (field.type == TEND_DECIMAL)
        field.scale = (uint8_t)tend_config_int(config, "field", instance, "scale");
    if (field.type == TEND_MONEY && kind->currency_field < 0)
        return fault(config, instance, "type", reterr, "rows of this kind have no currency; use decimal");
    if (field.type == TEND_REF) {
        const tend_kind_schema *pointed = target ? tend_schema_find(schema, target) : NULL;

        if (!target)
            return fault(config, instance, "target", reterr, "missing; name the kind that the reference points to");
        if (!pointed)
            return fault(config, instance, "target", reterr, "no such kind; `tend list` names them");
        field.target = (uint8_t)pointed->kind;
    } else if (target) {
        return fault(config, instance, "target", reterr, "only references have one; set type = ref or drop it");
    }
    if (read_choices(config, instance, arena, &field.choices) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up");
    if (field.choices && field.type != TEND_TEXT)
        return fault(config, instance, "choices", reterr, "only texts have choices; set type = text or drop it");
    field.sensitivity = (uint8_t)position(sensitivities, tend_config_text(config, "field", instance, "sensitivity"));
    if (tend_config_bool(config, "field", instance, "indexed"))
        field.flags |= TEND_FIELD_INDEXED;
    if (tend_config_bool(config, "field", instance, "retired"))
        field.flags |= TEND_FIELD_RETIRED;
    field.name = tend_arena_string(arena, name);
    field.help = tend_arena_string(arena, help ? help : "");
    if (!field.name || !field.help)
        return tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up");
    *ret_field = field;
    return TEND_OK;
}

static bool is_of(const char *instance, const tend_kind_schema *kind)
{
    size_t length = strlen(kind->name);

    return !strncmp(instance, kind->name, length) && instance[length] == '.';
}

tend_status tend_schema_custom(const tend_schema *schema, const tend_config *config, tend_kind_schema *kind, tend_arena *arena,
                               tend_error *reterr)
{
    const char *instance;
    size_t more = 0;
    tend_field *fields;
    tend_status status;

    for (size_t i = 0; (instance = tend_config_instance(config, "field", i)) != NULL; i++)
        more += is_of(instance, kind);
    if (more == 0)
        return TEND_OK;
    fields = tend_arena_take(arena, ((size_t)kind->field_count + more) * sizeof *fields);
    if (!fields)
        return tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up");
    memcpy(fields, kind->fields, (size_t)kind->field_count * sizeof *fields);
    for (size_t i = 0; (instance = tend_config_instance(config, "field", i)) != NULL; i++) {
        if (!is_of(instance, kind))
            continue;
        status = read_field(schema, config, instance, kind, arena, &fields[kind->field_count], reterr);
        if (status < 0)
            return status;
        kind->field_count++;
    }
    kind->fields = fields;
    return TEND_OK;
}

tend_status tend_schema_custom_check(const tend_schema *schema, const tend_config *config, tend_error *reterr)
{
    const char *instance;

    for (size_t i = 0; (instance = tend_config_instance(config, "field", i)) != NULL; i++) {
        char name[64];
        size_t length = strcspn(instance, ".");
        const tend_kind_schema *kind;
        const char *near;
        char what[256];

        if (instance[length] != '.')
            return fault(config, instance, "type", reterr, "write the section as [field.KIND.x_name]");
        (void)snprintf(name, sizeof name, "%.*s", (int)length, instance);
        kind = tend_schema_find(schema, name);
        if (kind && !strcmp(kind->name, name))
            continue;
        near = kind ? kind->name : tend_near(name, tend_schema_names(schema));
        (void)snprintf(what, sizeof what, "no kind is called %s%s%s%s", name, near ? "; did you mean " : "", near ? near : "",
                       near ? "?" : "; `tend list` names them");
        return fault(config, instance, "type", reterr, what);
    }
    return TEND_OK;
}
