#include "playbook/spec.h"

#include "base/near.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct spec_reader {
    const tend_schema *schema;
    tend_spec_faults *faults;
    tend_arena *arena;
    tend_spec *spec;
} spec_reader;

TEND_PRINTF(4, 5) static void fault(spec_reader *reader, const char *key, const char *inner, const char *format, ...)
{
    char sentence[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    reader->faults->count++;
    if (reader->faults->fault)
        reader->faults->fault(reader->faults->self, key, inner, sentence);
}

/* Names every key of `map` that is not in `known`. */
static void refuse_others(spec_reader *reader, const tend_tree *map, const char *place, const char *const *known)
{
    for (size_t i = 0; map->tag == TEND_TREE_MAP && i < map->length; i++) {
        const char *near;
        size_t k = 0;

        while (known[k] && strcmp(known[k], map->keys[i]) != 0)
            k++;
        if (known[k])
            continue;
        near = tend_near(map->keys[i], known);
        fault(reader, place, map->keys[i], "%s%s%s: no such key%s%s%s", place ? place : "", place ? "." : "", map->keys[i],
              near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
}

bool tend_topic_is_measure(const char *topic)
{
    size_t length = strncmp(topic, "measure.", 8) == 0 ? strspn(topic + 8, "abcdefghijklmnopqrstuvwxyz0123456789_.") : 0;

    return length > 0 && length <= 50 && topic[8 + length] == '\0';
}

const tend_kind_schema *tend_topic_kind(const tend_schema *schema, const char *topic)
{
    const char *dot = strchr(topic, '.');
    char name[64];

    if (tend_topic_is_measure(topic))
        return tend_schema_kind(schema, TEND_KIND_ACCOUNT);

    if (!dot || (size_t)(dot - topic) >= sizeof name)
        return NULL;
    memcpy(name, topic, (size_t)(dot - topic));
    name[dot - topic] = '\0';
    return tend_schema_find(schema, name);
}

bool tend_topic_is_custom(const char *topic)
{
    size_t length;

    if (strncmp(topic, "custom.", 7) != 0)
        return false;
    length = strspn(topic + 7, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 0 && length <= 40 && topic[7 + length] == '\0';
}

bool tend_topic_known(const tend_schema *schema, const char *topic)
{
    static const char *const always[] = { "created", "updated", "removed", "merged", "unmerged", "erased" };
    const tend_kind_schema *kind = tend_topic_kind(schema, topic);
    const char *word;

    if (!kind)
        return tend_topic_is_custom(topic);
    if (tend_topic_is_measure(topic))
        return true;
    word = strchr(topic, '.') + 1;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (strcmp(word, always[i]) == 0)
            return true;
    return kind->status_field >= 0 && kind->fields[kind->status_field].choices &&
           tend_field_allows(&kind->fields[kind->status_field], word, strlen(word));
}

static void check_topic(spec_reader *reader, const char *topic, const char *place)
{
    const tend_kind_schema *kind = tend_topic_kind(reader->schema, topic);

    if (!tend_topic_known(reader->schema, topic))
        fault(
            reader, place, "event",
            "%s.event: '%s' never happens; write KIND.created, KIND.updated, KIND.removed, KIND.STATUS, measure.KPI or custom.NAME",
            place, topic);
    else if (reader->spec->subject && kind && kind != reader->spec->subject)
        fault(reader, place, "event", "%s.event: '%s' is not about the subject, %s", place, topic, reader->spec->subject->name);
}

static bool setting_fits(const char *type, const tend_tree *value)
{
    if (strcmp(type, "integer") == 0)
        return value->tag == TEND_TREE_INT;
    if (strcmp(type, "number") == 0)
        return value->tag == TEND_TREE_INT || value->tag == TEND_TREE_NUMBER;
    if (strcmp(type, "text") == 0)
        return value->tag == TEND_TREE_TEXT;
    return value->tag == TEND_TREE_TRUE || value->tag == TEND_TREE_FALSE;
}

bool tend_spec_parse(const char *type, const char *text, tend_tree *ret_value)
{
    char *end;

    errno = 0;
    if (strcmp(type, "integer") == 0) {
        *ret_value = tend_tree_int(strtoll(text, &end, 10));
        return end != text && *end == '\0' && errno == 0;
    }
    if (strcmp(type, "number") == 0) {
        *ret_value = (tend_tree){ .tag = TEND_TREE_NUMBER, .number = strtod(text, &end) };
        return end != text && *end == '\0' && isfinite(ret_value->number);
    }
    if (strcmp(type, "text") == 0) {
        *ret_value = tend_tree_text(text);
        return true;
    }
    *ret_value = tend_tree_bool(strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 || strcmp(text, "on") == 0);
    return ret_value->tag == TEND_TREE_TRUE || strcmp(text, "no") == 0 || strcmp(text, "false") == 0 || strcmp(text, "off") == 0;
}

static void read_setting(spec_reader *reader, const char *name, const tend_tree *declared, const char *written)
{
    static const char *const keys[] = { "type", "default", "help", NULL };
    static const char *const types[] = { "integer", "number", "text", "boolean", NULL };
    tend_spec_setting *setting = &reader->spec->settings[reader->spec->setting_count];
    const tend_tree *fallback = tend_tree_get(declared, "default");
    size_t i = 0;

    *setting =
        (tend_spec_setting){ .name = name, .type = tend_tree_string(declared, "type"), .help = tend_tree_string(declared, "help") };
    refuse_others(reader, declared, name, keys);
    while (setting->type && types[i] && strcmp(types[i], setting->type) != 0)
        i++;
    if (!setting->type || !types[i]) {
        fault(reader, "settings", name, "settings.%s: its type must be integer, number, text or boolean", name);
        return;
    }
    if (!fallback || !setting_fits(setting->type, fallback)) {
        fault(reader, "settings", name, "settings.%s: its default must be there and be of type %s", name, setting->type);
        return;
    }
    if (!setting->help || setting->help[0] == '\0')
        fault(reader, "settings", name, "settings.%s: it has no help; say in one line what it is", name);
    if (!written || !tend_spec_parse(setting->type, written, &setting->value))
        setting->value = *fallback;
    reader->spec->setting_count++;
}

static void read_settings(spec_reader *reader, const tend_tree *tree, const char *(*written)(void *self, const char *name),
                          void *self)
{
    const tend_tree *settings = tend_tree_get(tree, "settings");

    if (!settings)
        return;
    if (settings->tag != TEND_TREE_MAP || settings->length > TEND_SPEC_SETTINGS) {
        fault(reader, "settings", NULL, "settings: must be a table of at most %d named settings", TEND_SPEC_SETTINGS);
        return;
    }
    for (size_t i = 0; i < settings->length; i++)
        read_setting(reader, settings->keys[i], &settings->items[i], written ? written(self, settings->keys[i]) : NULL);
}

static const tend_spec_setting *find_setting(const tend_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->setting_count; i++)
        if (strcmp(spec->settings[i].name, name) == 0)
            return &spec->settings[i];
    return NULL;
}

/* A whole number up to `most`, or { setting = NAME } of type integer. */
static int64_t read_count(spec_reader *reader, const char *place, const char *key, const tend_tree *value, int64_t least,
                          int64_t most)
{
    const char *name = tend_tree_string(value, "setting");
    const tend_spec_setting *setting = name ? find_setting(reader->spec, name) : NULL;
    const char *unit = strstr(key, "days") ? " of days" : "";

    if (setting && setting->value.tag == TEND_TREE_INT)
        value = &setting->value;
    if (value->tag == TEND_TREE_INT && value->integer >= least && value->integer <= most)
        return value->integer;
    if (name && !setting)
        fault(reader, place, key, "%s.%s: there is no setting '%s'", place, key, name);
    else if (setting && setting->value.tag == TEND_TREE_INT)
        fault(reader, place, key, "%s.%s: setting %s is %lld; it must be a number%s from %lld to %lld", place, key, name,
              (long long)setting->value.integer, unit, (long long)least, (long long)most);
    else
        fault(reader, place, key, "%s.%s: must be a whole number%s from %lld to %lld, or setting \"NAME\"", place, key, unit,
              (long long)least, (long long)most);
    return least;
}

static int64_t read_days(spec_reader *reader, const tend_tree *value)
{
    return read_count(reader, "start_when", "days", value, 0, 36500);
}

static void read_re_entry(spec_reader *reader, const tend_tree *tree)
{
    static const char *const keys[] = { "at_most", "in_days", "cool_down_days", "if_open", NULL };
    static const char *const words[] = { "ignore", "raise", "comment", NULL };
    static const tend_if_open acts[] = { TEND_OPEN_IGNORE, TEND_OPEN_RAISE, TEND_OPEN_COMMENT };
    tend_re_entry *rule = &reader->spec->re_entry;
    const tend_tree *at_most = tend_tree_get(tree, "at_most"), *in_days = tend_tree_get(tree, "in_days");
    const tend_tree *cool_down = tend_tree_get(tree, "cool_down_days"), *if_open = tend_tree_get(tree, "if_open");
    size_t i = 0;

    if (tree->tag != TEND_TREE_MAP || tree->length == 0) {
        fault(reader, "re_entry", NULL, "re_entry: must be a table with at_most, in_days, cool_down_days or if_open");
        return;
    }
    refuse_others(reader, tree, "re_entry", keys);
    if (at_most)
        rule->at_most = read_count(reader, "re_entry", "at_most", at_most, 1, 1000);
    if (in_days)
        rule->in_days = read_count(reader, "re_entry", "in_days", in_days, 1, 36500);
    if (in_days && !at_most)
        fault(reader, "re_entry", "in_days", "re_entry.in_days: says for how long at_most counts; write at_most, too");
    if (cool_down)
        rule->cool_down_days = read_count(reader, "re_entry", "cool_down_days", cool_down, 0, 36500);
    while (if_open && words[i] && !(if_open->tag == TEND_TREE_TEXT && strcmp(words[i], if_open->text) == 0))
        i++;
    if (if_open && !words[i])
        fault(reader, "re_entry", "if_open", "re_entry.if_open: must be ignore, raise or comment");
    else if (if_open)
        rule->if_open = acts[i];
}

/* "{lead_days}" in a condition is the value of that setting. */
static const char *fill_condition(spec_reader *reader, const char *key, const char *where)
{
    tend_buffer buffer = { 0 };
    const char *text;

    while (*where) {
        const char *end = *where == '{' ? strchr(where, '}') : NULL;
        const tend_spec_setting *setting;
        char name[64] = "";

        if (!end || (size_t)(end - where) > sizeof name) {
            tend_buffer_byte(&buffer, *where++);
            continue;
        }
        memcpy(name, where + 1, (size_t)(end - where) - 1);
        setting = find_setting(reader->spec, name);
        if (!setting)
            fault(reader, "start_when", key, "start_when.%s: there is no setting '%s'", key, name);
        else if (setting->value.tag == TEND_TREE_TEXT)
            tend_buffer_text(&buffer, setting->value.text);
        else if (setting->value.tag == TEND_TREE_NUMBER)
            tend_buffer_print(&buffer, "%.6f", setting->value.number);
        else
            tend_buffer_print(&buffer, "%lld", (long long)setting->value.integer);
        where = end + 1;
    }
    text = tend_arena_string(reader->arena, tend_buffer_string(&buffer));
    tend_buffer_clear(&buffer);
    return text;
}

static void read_anchor(spec_reader *reader, const char *path, bool is_before)
{
    tend_spec *spec = reader->spec;
    const tend_kind_schema *subject = spec->subject, *kind = subject;
    const char *place = is_before ? "before" : "after";
    const char *dot = path ? strchr(path, '.') : NULL;

    spec->anchor = -1;
    spec->path = path;
    if (!subject)
        return;
    if (dot && subject->account_field >= 0 && strncmp(path, "account.", 8) == 0) {
        kind = tend_schema_kind(reader->schema, TEND_KIND_ACCOUNT);
        spec->is_of_account = kind != subject;
    }
    if (dot && strncmp(path, kind->name, (size_t)(dot - path)) == 0 && strlen(kind->name) == (size_t)(dot - path))
        spec->anchor = tend_schema_field(kind, dot + 1);
    if (spec->anchor < 0 || (kind->fields[spec->anchor].type != TEND_DATE && kind->fields[spec->anchor].type != TEND_TIME))
        fault(reader, "start_when", place, "start_when.%s: '%s' is not a date of the subject; write %s.FIELD", place,
              path ? path : "", subject->name);
}

/* Working days before or after a date, as a rule that is found when it is needed. */
static void read_business(spec_reader *reader, const tend_tree *start, const char *anchor, bool is_before)
{
    static const char *const words[] = { "us", "customer", "both" };
    const char *of = tend_tree_string(start, "of");
    tend_spec *spec = reader->spec;
    tend_tree_map map = { 0 };

    spec->days = read_count(reader, "start_when", "business_days", tend_tree_get(start, "business_days"), 0, 3650);
    if (tend_tree_get(start, "of") &&
        !(of && (strcmp(of, words[0]) == 0 || strcmp(of, words[1]) == 0 || strcmp(of, words[2]) == 0)))
        fault(reader, "start_when", "of", "start_when.of: must be us, customer or both");
    if (!is_before)
        tend_tree_add(&map, "after", tend_tree_text(anchor));
    if (is_before)
        tend_tree_add(&map, "before", tend_tree_text(anchor));
    tend_tree_add(&map, "business_days", tend_tree_int(spec->days));
    tend_tree_add(&map, "of", tend_tree_text(of));
    if (tend_tree_end(&map, reader->arena, &spec->due) < 0)
        fault(reader, "start_when", NULL, "start_when: memory is used up");
}

/* { weeks = 2 } or { months = setting "months" }; 0: never. */
static void read_rhythm(spec_reader *reader, const char *segment, const tend_tree *tree)
{
    static const char *const keys[] = { "weeks", "months", NULL };
    const tend_tree *weeks = tend_tree_get(tree, "weeks"), *months = tend_tree_get(tree, "months");
    tend_rhythm rhythm = { .segment = segment };

    if (tree->tag != TEND_TREE_MAP || (weeks == NULL) == (months == NULL)) {
        fault(reader, "start_when", segment ? segment : "every", "start_when.%s%s: must be { weeks = N } or { months = N }",
              segment ? "per_segment." : "every", segment ? segment : "");
        return;
    }
    refuse_others(reader, tree, "start_when", keys);
    if (weeks)
        rhythm.weeks = read_count(reader, "start_when", "weeks", weeks, 0, 520);
    else
        rhythm.months = read_count(reader, "start_when", "months", months, 0, 120);
    if (reader->spec->rhythm_count == TEND_SPEC_RHYTHMS)
        fault(reader, "start_when", "per_segment", "start_when.per_segment: more than %d segments", TEND_SPEC_RHYTHMS - 1);
    else
        reader->spec->rhythms[reader->spec->rhythm_count++] = rhythm;
}

static void read_cadence(spec_reader *reader, const tend_tree *every, const tend_tree *segments)
{
    reader->spec->is_due = reader->spec->is_cadence = true;
    if (segments && (segments->tag != TEND_TREE_MAP || segments->length == 0))
        fault(reader, "start_when", "per_segment", "start_when.per_segment: must be a table, SEGMENT = { weeks = N }");
    for (size_t i = 0; segments && segments->tag == TEND_TREE_MAP && i < segments->length; i++)
        read_rhythm(reader, segments->keys[i], &segments->items[i]);
    if (every)
        read_rhythm(reader, NULL, every);
}

/* On a date: days or business days before or after it. */
static void read_date(spec_reader *reader, const tend_tree *start)
{
    const tend_tree *days = tend_tree_get(start, "days"), *business = tend_tree_get(start, "business_days");
    const char *before = tend_tree_string(start, "before"), *after = tend_tree_string(start, "after");
    tend_spec *spec = reader->spec;

    spec->is_due = true;
    if (days && business) {
        fault(reader, "start_when", "days", "start_when: has both days and business_days; write one of them");
    } else if ((!days && !business) || (before == NULL) == (after == NULL)) {
        fault(reader, "start_when", "days", "start_when: %s needs one of before and after, with a date of the subject",
              business ? "business_days" : "days");
    } else {
        if (days)
            spec->days = read_days(reader, days);
        else
            read_business(reader, start, before ? before : after, before != NULL);
        read_anchor(reader, before ? before : after, before != NULL);
        if (after)
            spec->days = -spec->days;
    }
    if (tend_tree_get(start, "of") && !business)
        fault(reader, "start_when", "of", "start_when.of: stands beside business_days only");
}

static void read_start(spec_reader *reader, const tend_tree *start)
{
    static const char *const keys[] = { "event", "days",    "business_days", "of",         "before", "after",
                                        "every", "if_late", "per_segment",   "again_when", "where",  NULL };
    tend_spec *spec = reader->spec;
    const tend_tree *every = tend_tree_get(start, "every"), *segments = tend_tree_get(start, "per_segment");
    bool is_date = tend_tree_get(start, "days") || tend_tree_get(start, "business_days") || tend_tree_get(start, "before") ||
                   tend_tree_get(start, "after");
    const char *if_late = tend_tree_string(start, "if_late"), *where = tend_tree_string(start, "where");
    const char *again = tend_tree_string(start, "again_when");

    if (start->tag != TEND_TREE_MAP || start->length == 0) {
        fault(reader, "start_when", NULL, "start_when: must be a table with event, where, or days and before");
        return;
    }
    refuse_others(reader, start, "start_when", keys);
    spec->has_start = true;
    spec->start_event = tend_tree_string(start, "event");
    if (spec->start_event)
        check_topic(reader, spec->start_event, "start_when");
    if (spec->start_event && is_date)
        fault(reader, "start_when", "event", "start_when: has both event and days; a playbook starts by one of them");
    if ((every || segments) && (spec->start_event || is_date))
        fault(reader, "start_when", every ? "every" : "per_segment",
              "start_when: has both a rhythm and %s; a playbook starts by one of them", spec->start_event ? "event" : "days");
    else if (every || segments)
        read_cadence(reader, every, segments);
    else if (is_date)
        read_date(reader, start);
    if (if_late && strcmp(if_late, "start") != 0 && strcmp(if_late, "skip") != 0)
        fault(reader, "start_when", "if_late", "start_when.if_late: '%s' is neither start nor skip", if_late);
    spec->starts_late = if_late && strcmp(if_late, "start") == 0;
    if (where)
        spec->where = fill_condition(reader, "where", where);
    if (again && (!where || spec->start_event || spec->is_due))
        fault(reader, "start_when", "again_when",
              "start_when.again_when: says when a condition starts again; write where, and neither event nor days");
    else if (again)
        spec->again = fill_condition(reader, "again_when", again);
    if (!spec->is_due && !spec->start_event && !where)
        fault(reader, "start_when", NULL, "start_when: names neither an event nor a date nor a condition");
}

static void read_outcomes(spec_reader *reader, const tend_tree *tree)
{
    const tend_tree *outcomes = tend_tree_get(tree, "outcomes");

    if (!outcomes || outcomes->tag != TEND_TREE_LIST || outcomes->length > TEND_SPEC_OUTCOMES) {
        fault(reader, "outcomes", NULL, "outcomes: name what the playbook can come to, 1 to %d texts", TEND_SPEC_OUTCOMES);
        return;
    }
    for (size_t i = 0; i < outcomes->length; i++) {
        if (outcomes->items[i].tag != TEND_TREE_TEXT || outcomes->items[i].length == 0)
            fault(reader, "outcomes", NULL, "outcomes: entry %zu is not a text", i + 1);
        else
            reader->spec->outcomes[reader->spec->outcome_count++] = outcomes->items[i].text;
    }
}

tend_status tend_spec_read(const tend_tree *tree, const tend_schema *schema, const char *(*written)(void *self, const char *name),
                           void *self, tend_spec_faults *faults, tend_arena *arena, tend_spec *ret_spec)
{
    static const char *const keys[] = { "name",       "summary",   "api",      "subject", "outcomes", "settings",
                                        "start_when", "stop_when", "re_entry", "steps",   NULL };
    static const char *const stop_keys[] = { "event", NULL };
    spec_reader reader = { .schema = schema, .faults = faults, .arena = arena, .spec = ret_spec };
    const tend_tree *start = tend_tree_get(tree, "start_when"), *stop = tend_tree_get(tree, "stop_when");
    const tend_tree *steps = tend_tree_get(tree, "steps");
    const char *subject = tend_tree_string(tree, "subject");
    int before = faults->count;

    *ret_spec = (tend_spec){ .name = tend_tree_string(tree, "name"), .summary = tend_tree_string(tree, "summary") };
    refuse_others(&reader, tree, NULL, keys);
    if (!ret_spec->name)
        fault(&reader, "name", NULL, "name: is missing");
    if (!ret_spec->summary || ret_spec->summary[0] == '\0')
        fault(&reader, "summary", NULL, "summary: is missing; say in one line what the playbook does");
    ret_spec->api = tend_tree_number(tree, "api", 0);
    if (ret_spec->api != 1)
        fault(&reader, "api", NULL, "api: must be 1, the level of verbs that this tend has");
    ret_spec->subject = subject ? tend_schema_find(schema, subject) : NULL;
    if (!ret_spec->subject || strcmp(ret_spec->subject->name, subject) != 0) {
        const char *near = subject ? tend_near(subject, tend_schema_names(schema)) : NULL;

        fault(&reader, "subject", NULL, "subject: '%s' is no kind of row%s%s%s", subject ? subject : "",
              near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        ret_spec->subject = NULL;
    }
    read_outcomes(&reader, tree);
    read_settings(&reader, tree, written, self);
    if (start)
        read_start(&reader, start);
    if (tend_tree_get(tree, "re_entry"))
        read_re_entry(&reader, tend_tree_get(tree, "re_entry"));
    if (stop) {
        ret_spec->stop_event = tend_tree_string(stop, "event");
        refuse_others(&reader, stop, "stop_when", stop_keys);
        if (ret_spec->stop_event)
            check_topic(&reader, ret_spec->stop_event, "stop_when");
        else
            fault(&reader, "stop_when", NULL, "stop_when: names no event");
    }
    if (!steps || steps->tag != TEND_TREE_FUNCTION)
        fault(&reader, "steps", NULL, "steps: must be a function(run)");
    return faults->count > before ? TEND_EINVAL : TEND_OK;
}

tend_status tend_spec_settings(const tend_spec *spec, tend_arena *arena, tend_tree *ret_tree)
{
    tend_tree_map map = { 0 };

    for (size_t i = 0; i < spec->setting_count; i++)
        tend_tree_add(&map, spec->settings[i].name, spec->settings[i].value);
    return tend_tree_end(&map, arena, ret_tree);
}

bool tend_spec_has_outcome(const tend_spec *spec, const char *outcome)
{
    for (size_t i = 0; i < spec->outcome_count; i++)
        if (strcmp(spec->outcomes[i], outcome) == 0)
            return true;
    return false;
}

/* The next place where `key` stands as a word before an equals sign. */
static const char *find_key(const char *at, const char *key)
{
    size_t length = strlen(key);

    for (const char *found = strstr(at, key); found; found = strstr(found + 1, key)) {
        const char *after = found + length;

        if (found > at && (isalnum((unsigned char)found[-1]) || found[-1] == '_' || found[-1] == '.'))
            continue;
        while (*after == ' ' || *after == '\t' || *after == '"' || *after == '\'' || *after == ']')
            after++;
        if (*after == '=' && after[1] != '=')
            return found;
    }
    return NULL;
}

unsigned tend_spec_line(const char *script, const char *key, const char *inner)
{
    const char *found = key ? find_key(script, key) : script;
    const char *deeper = inner ? find_key(found ? found : script, inner) : NULL;
    unsigned line = 1;

    if (deeper)
        found = deeper;
    for (const char *at = script; found && at < found; at++)
        line += *at == '\n';
    return line;
}
