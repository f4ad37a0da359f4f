/* spec_start.c: start_when and re_entry, as a playbook declares them. */
#include "playbook/spec_reader.h"

#include <string.h>

static int64_t read_days(spec_reader *reader, const tend_tree *value)
{
    return spec_read_count(reader, "start_when", "days", value, 0, 36500);
}

void spec_read_re_entry(spec_reader *reader, const tend_tree *tree)
{
    static const char *const keys[] = { "at_most", "in_days", "cool_down_days", "if_open", NULL };
    static const char *const words[] = { "ignore", "raise", "comment", NULL };
    static const tend_if_open acts[] = { TEND_OPEN_IGNORE, TEND_OPEN_RAISE, TEND_OPEN_COMMENT };
    tend_re_entry *rule = &reader->spec->re_entry;
    const tend_tree *at_most = tend_tree_get(tree, "at_most"), *in_days = tend_tree_get(tree, "in_days");
    const tend_tree *cool_down = tend_tree_get(tree, "cool_down_days"), *if_open = tend_tree_get(tree, "if_open");
    size_t i = 0;

    if (tree->tag != TEND_TREE_MAP || tree->length == 0) {
        spec_fault(reader, "re_entry", NULL, "re_entry: must be a table with at_most, in_days, cool_down_days or if_open");
        return;
    }
    spec_refuse_others(reader, tree, "re_entry", keys);
    if (at_most)
        rule->at_most = spec_read_count(reader, "re_entry", "at_most", at_most, 1, 1000);
    if (in_days)
        rule->in_days = spec_read_count(reader, "re_entry", "in_days", in_days, 1, 36500);
    if (in_days && !at_most)
        spec_fault(reader, "re_entry", "in_days", "re_entry.in_days: says for how long at_most counts; write at_most, too");
    if (cool_down)
        rule->cool_down_days = spec_read_count(reader, "re_entry", "cool_down_days", cool_down, 0, 36500);
    while (if_open && words[i] && !(if_open->tag == TEND_TREE_TEXT && strcmp(words[i], if_open->text) == 0))
        i++;
    if (if_open && !words[i])
        spec_fault(reader, "re_entry", "if_open", "re_entry.if_open: must be ignore, raise or comment");
    else if (if_open)
        rule->if_open = acts[i];
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
        spec_fault(reader, "start_when", place, "start_when.%s: '%s' is not a date of the subject; write %s.FIELD", place,
                   path ? path : "", subject->name);
}

/* Working days before or after a date, as a rule that is found when it is needed. */
static void read_business(spec_reader *reader, const tend_tree *start, const char *anchor, bool is_before)
{
    static const char *const words[] = { "us", "customer", "both" };
    const char *of = tend_tree_string(start, "of");
    tend_spec *spec = reader->spec;
    tend_tree_map map = { 0 };

    spec->days = spec_read_count(reader, "start_when", "business_days", tend_tree_get(start, "business_days"), 0, 3650);
    if (tend_tree_get(start, "of") &&
        !(of && (strcmp(of, words[0]) == 0 || strcmp(of, words[1]) == 0 || strcmp(of, words[2]) == 0)))
        spec_fault(reader, "start_when", "of", "start_when.of: must be us, customer or both");
    if (!is_before)
        tend_tree_add(&map, "after", tend_tree_text(anchor));
    if (is_before)
        tend_tree_add(&map, "before", tend_tree_text(anchor));
    tend_tree_add(&map, "business_days", tend_tree_int(spec->days));
    tend_tree_add(&map, "of", tend_tree_text(of));
    if (tend_tree_end(&map, reader->arena, &spec->due) < 0)
        spec_fault(reader, "start_when", NULL, "start_when: memory is used up");
}

/* { weeks = 2 } or { months = setting "months" }; 0: never. */
static void read_rhythm(spec_reader *reader, const char *segment, const tend_tree *tree)
{
    static const char *const keys[] = { "weeks", "months", NULL };
    const tend_tree *weeks = tend_tree_get(tree, "weeks"), *months = tend_tree_get(tree, "months");
    tend_rhythm rhythm = { .segment = segment };

    if (tree->tag != TEND_TREE_MAP || (weeks == NULL) == (months == NULL)) {
        spec_fault(reader, "start_when", segment ? segment : "every", "start_when.%s%s: must be { weeks = N } or { months = N }",
                   segment ? "per_segment." : "every", segment ? segment : "");
        return;
    }
    spec_refuse_others(reader, tree, "start_when", keys);
    if (weeks)
        rhythm.weeks = spec_read_count(reader, "start_when", "weeks", weeks, 0, 520);
    else
        rhythm.months = spec_read_count(reader, "start_when", "months", months, 0, 120);
    if (reader->spec->rhythm_count == TEND_SPEC_RHYTHMS)
        spec_fault(reader, "start_when", "per_segment", "start_when.per_segment: more than %d segments", TEND_SPEC_RHYTHMS - 1);
    else
        reader->spec->rhythms[reader->spec->rhythm_count++] = rhythm;
}

static void read_cadence(spec_reader *reader, const tend_tree *every, const tend_tree *segments)
{
    reader->spec->is_due = reader->spec->is_cadence = true;
    if (segments && (segments->tag != TEND_TREE_MAP || segments->length == 0))
        spec_fault(reader, "start_when", "per_segment", "start_when.per_segment: must be a table, SEGMENT = { weeks = N }");
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
        spec_fault(reader, "start_when", "days", "start_when: has both days and business_days; write one of them");
    } else if ((!days && !business) || (before == NULL) == (after == NULL)) {
        spec_fault(reader, "start_when", "days", "start_when: %s needs one of before and after, with a date of the subject",
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
        spec_fault(reader, "start_when", "of", "start_when.of: stands beside business_days only");
}

void spec_read_start(spec_reader *reader, const tend_tree *start)
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
        spec_fault(reader, "start_when", NULL, "start_when: must be a table with event, where, or days and before");
        return;
    }
    spec_refuse_others(reader, start, "start_when", keys);
    spec->has_start = true;
    spec->start_event = tend_tree_string(start, "event");
    if (spec->start_event)
        spec_check_topic(reader, spec->start_event, "start_when");
    if (spec->start_event && is_date)
        spec_fault(reader, "start_when", "event", "start_when: has both event and days; a playbook starts by one of them");
    if ((every || segments) && (spec->start_event || is_date))
        spec_fault(reader, "start_when", every ? "every" : "per_segment",
                   "start_when: has both a rhythm and %s; a playbook starts by one of them", spec->start_event ? "event" : "days");
    else if (every || segments)
        read_cadence(reader, every, segments);
    else if (is_date)
        read_date(reader, start);
    if (if_late && strcmp(if_late, "start") != 0 && strcmp(if_late, "skip") != 0)
        spec_fault(reader, "start_when", "if_late", "start_when.if_late: '%s' is neither start nor skip", if_late);
    spec->starts_late = if_late && strcmp(if_late, "start") == 0;
    if (where)
        spec->where = spec_fill_condition(reader, "where", where);
    if (again && (!where || spec->start_event || spec->is_due))
        spec_fault(reader, "start_when", "again_when",
                   "start_when.again_when: says when a condition starts again; write where, and neither event nor days");
    else if (again)
        spec->again = spec_fill_condition(reader, "again_when", again);
    if (!spec->is_due && !spec->start_event && !where)
        spec_fault(reader, "start_when", NULL, "start_when: names neither an event nor a date nor a condition");
}
