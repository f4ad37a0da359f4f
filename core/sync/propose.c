#include "sync/propose.h"
#include "base/buffer.h"
#include "sync/guess.h"
#include "sync/headings.h"
#include <ctype.h>
#include <string.h>

typedef struct writing {
    const tend_schema *schema;
    tend_arena *arena;
    tend_buffer text;
    const tend_profile *profile;
    const tend_kind_schema *kind;
    const char *currency; /* NULL: not known */
    char stream[48];
    bool is_used[512]; /* columns */
} writing;

/* A comment is one line and holds nothing that could be taken for something else. */
static void put_comment(writing *w, const char *text)
{
    for (; *text; text++)
        tend_buffer_byte(&w->text, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
}

/* A column as the expression language reads it; false when it cannot be written. */
static bool write_column(const char *name, char *ret_text, size_t room)
{
    bool is_plain = (isalpha((unsigned char)name[0]) || (unsigned char)name[0] >= 0x80 || name[0] == '_') && name[0] != '\0';

    if (strpbrk(name, "[]\r\n\t") || strstr(name, " ;") || strstr(name, " #") || strlen(name) + 3 > room)
        return false;
    for (const char *at = name; *at; at++)
        is_plain = is_plain && (isalnum((unsigned char)*at) || *at == '_' || *at == ' ' || (unsigned char)*at >= 0x80);
    is_plain = is_plain && !strstr(name, " or ") && name[strlen(name) - 1] != ' ';
    (void)snprintf(ret_text, room, is_plain ? "%s" : "[%s]", name);
    return true;
}

static void put_others(writing *w, const tend_guess *guess, bool are_kinds)
{
    for (size_t i = 0; i < guess->other_count; i++) {
        tend_buffer_text(&w->text, i == 0 ? "; or: " : ", ");
        put_comment(w, are_kinds ? tend_schema_kind(w->schema, (tend_kind)guess->others[i])->name
                                 : w->profile->columns[guess->others[i]].name);
    }
    tend_buffer_byte(&w->text, '\n');
}

static void put_examples(writing *w, const tend_column_profile *column)
{
    for (size_t i = 0; i < column->example_count && i < 3; i++) {
        tend_buffer_text(&w->text, i == 0 ? " (" : ", ");
        put_comment(w, column->examples[i]);
    }
    if (column->example_count > 0)
        tend_buffer_byte(&w->text, ')');
}

static const char *pattern_of(const tend_column_profile *column, bool *ret_is_sure)
{
    *ret_is_sure = true;
    if (column->filled == 0 || column->iso_dates + column->iso_times == column->filled)
        return NULL;
    if (tend_guess_mostly(column->dots, column->filled))
        return "D.M.YYYY";
    *ret_is_sure = column->slash_day_first != column->slash_month_first;
    if (tend_guess_mostly(column->slash_day_first, column->filled) && column->slash_day_first >= column->slash_month_first)
        return "D/M/YYYY";
    return tend_guess_mostly(column->slash_month_first, column->filled) ? "M/D/YYYY" : NULL;
}

static bool is_comma_decimal(const tend_profile *profile)
{
    for (size_t i = 0; i < profile->column_count; i++) {
        const tend_column_profile *column = &profile->columns[i];

        if (column->filled > 0 && tend_guess_mostly(column->decimal_comma, column->filled) &&
            column->decimal_point < column->decimal_comma)
            return true;
    }
    return false;
}

static bool needs_grouping(const tend_profile *profile, bool is_comma)
{
    for (size_t i = 0; i < profile->column_count; i++) {
        const tend_column_profile *column = &profile->columns[i];
        size_t fit = is_comma ? column->decimal_comma : column->decimal_point;

        for (size_t e = 0; tend_guess_mostly(fit, column->filled) && e < column->example_count; e++) {
            if (strchr(column->examples[e], is_comma ? '.' : ','))
                return true;
        }
    }
    return false;
}

/* How the file is written. */
static void put_writing(writing *w)
{
    const tend_profile *profile = w->profile;
    bool is_comma = is_comma_decimal(profile);
    const char *pattern = NULL;
    bool is_sure = true;

    tend_buffer_print(&w->text, "# %s.\nencoding = %s\n", profile->encoding_why, profile->encoding);
    tend_buffer_print(&w->text, "# %s.\ndelimiter = %s\n", profile->delimiter_why,
                      profile->delimiter == ';'    ? "semicolon"
                      : profile->delimiter == '\t' ? "tab"
                      : profile->delimiter == '|'  ? "pipe"
                                                   : "comma");
    for (size_t i = 0; i < profile->column_count && !(pattern && is_sure); i++) {
        bool is_column_sure;
        const char *found = pattern_of(&profile->columns[i], &is_column_sure);

        if (found && (!pattern || is_column_sure)) {
            pattern = found;
            is_sure = is_column_sure;
            tend_buffer_text(&w->text, "# by the column ");
            put_comment(w, profile->columns[i].name);
            put_examples(w, &profile->columns[i]);
            tend_buffer_text(&w->text, is_sure ? ".\n" : ": day and month could also stand the other way: M/D/YYYY. Check.\n");
        }
    }
    if (pattern)
        tend_buffer_print(&w->text, "dates = %s, YYYY-MM-DD\n", pattern);
    if (is_comma)
        tend_buffer_text(&w->text, "# amounts are written with a comma.\ndecimal = comma\n");
    if (needs_grouping(profile, is_comma))
        tend_buffer_print(&w->text, "# thousands are set apart.\ngrouping = %s\n", is_comma ? "point" : "comma");
}

/* Whether all values that were seen are words of the field. */
static bool are_words(const tend_field *field, const tend_column_profile *column)
{
    if (!field->choices)
        return true;
    if (column->distinct > column->example_count)
        return false;
    for (size_t i = 0; i < column->example_count; i++) {
        char folded[64];
        size_t length = 0;

        for (; column->examples[i][length] && length + 1 < sizeof folded; length++)
            folded[length] = (char)tolower((unsigned char)column->examples[i][length]);
        if (!tend_field_allows(field, folded, length))
            return false;
    }
    return true;
}

static const tend_column_profile *find_column(const tend_profile *profile, const char *wanted)
{
    for (size_t i = 0; i < profile->column_count; i++) {
        if (strcmp(profile->columns[i].bare, wanted) == 0)
            return &profile->columns[i];
    }
    return NULL;
}

/* A required text whose column is sometimes empty: first and last name or the key stand in. */
static void put_required(writing *w, const tend_field *field, const char *name, const tend_column_profile *column,
                         const tend_guess *key)
{
    const tend_column_profile *first = find_column(w->profile, "firstname"), *last = find_column(w->profile, "lastname");
    char one[160], two[160];
    bool is_part = column == first || column == last;

    if (first && last && write_column(first->name, one, sizeof one) && write_column(last->name, two, sizeof two))
        tend_buffer_print(&w->text, is_part ? "%s = %s%s + \" \" + %s\n" : "%s = %s or (%s + \" \" + %s)\n", field->name,
                          is_part ? "" : name, one, two);
    else if (column->filled < w->profile->rows && key->best != TEND_GUESS_NONE &&
             write_column(w->profile->columns[key->best].name, one, sizeof one))
        tend_buffer_print(&w->text, "%s = %s or %s\n", field->name, name, one);
    else
        tend_buffer_print(&w->text, "%s = %s\n", field->name, name);
}

static void put_field(writing *w, int index, const tend_guess *guess, const tend_guess *key)
{
    const tend_field *field = &w->kind->fields[index];
    const tend_column_profile *column = &w->profile->columns[guess->best];
    char name[160];
    bool is_fitting = are_words(field, column);

    if (!write_column(column->name, name, sizeof name))
        return;
    tend_buffer_print(&w->text, "# %s: %s", field->help, guess->why);
    put_examples(w, column);
    put_others(w, guess, false);
    if (guess->odd_count > 0) {
        tend_buffer_print(&w->text, "# %zu of %zu values do not fit and will be rejected, the first: ", guess->odd_count,
                          column->filled);
        put_comment(w, guess->odd ? guess->odd : "");
        tend_buffer_byte(&w->text, '\n');
    }
    if (!is_fitting) {
        tend_buffer_print(&w->text,
                          "# Its values are not the words of %s (%s); translate them in [values.%s.%s], then take the # away:\n# ",
                          field->name, field->choices, w->stream, field->name);
    }
    if (field->type == TEND_REF) {
        const tend_kind_schema *target = tend_schema_kind(w->schema, (tend_kind)field->target);
        const char *bare = column->bare;
        size_t length = strlen(bare);
        bool is_id = tend_heading_is_key(bare) ||
                     (length > 2 && (strcmp(bare + length - 2, "id") == 0 || strcmp(bare + length - 2, "no") == 0));

        if (is_id || target->name_field < 0)
            tend_buffer_print(&w->text, "%s = %s -> %s, else create\n", field->name, name, target->name);
        else if (column->emails == column->filled && tend_schema_field(target, "email") >= 0)
            tend_buffer_print(&w->text, "%s = %s -> %s.email, else create\n", field->name, name, target->name);
        else
            tend_buffer_print(&w->text, "%s = %s -> %s.%s, else create\n", field->name, name, target->name,
                              target->fields[target->name_field].name);
    } else if (field->type == TEND_TEXT && (field->flags & TEND_FIELD_REQUIRED) && is_fitting) {
        put_required(w, field, name, column, key);
    } else if (field->type == TEND_INT && column->point_zero == column->filled) {
        tend_buffer_print(&w->text, "%s = without(%s, \".0\")\n", field->name, name);
    } else {
        tend_buffer_print(&w->text, "%s = %s\n", field->name, name);
    }
    if (is_fitting)
        w->is_used[guess->best < 512 ? guess->best : 511] = true;
}

static tend_status put_fields(writing *w, const tend_guess *key)
{
    int name = w->kind->name_field;
    bool has_name = false;

    tend_buffer_print(&w->text, "\n[fields.%s]\n", w->stream);
    for (int f = 0; f < w->kind->field_count; f++) {
        tend_guess guess;
        tend_status status = tend_guess_column(w->schema, w->kind, f, w->profile, w->arena, &guess);

        if (status < 0)
            return status;
        if (guess.best == TEND_GUESS_NONE || (guess.score < 80 && guess.best < 512 && w->is_used[guess.best]))
            continue;
        put_field(w, f, &guess, key);
        has_name = has_name || f == name;
    }
    if (!has_name && name >= 0 && (w->kind->fields[name].flags & TEND_FIELD_REQUIRED) && key->best != TEND_GUESS_NONE) {
        char column[160];

        if (write_column(w->profile->columns[key->best].name, column, sizeof column)) {
            tend_buffer_print(&w->text, "# no column looks like a name; the key is taken.\n%s = %s\n", w->kind->fields[name].name,
                              column);
            if (key->best < 512)
                w->is_used[key->best] = true;
        }
    }
    return TEND_OK;
}

static void put_unused(writing *w)
{
    bool has_said = false;

    for (size_t i = 0; i < w->profile->column_count; i++) {
        if (i < 512 && w->is_used[i])
            continue;
        if (!has_said)
            tend_buffer_print(
                &w->text,
                "# To keep a column that is not used: declare a field of your own, [field.%s.x_NAME] in tend.ini, and\n"
                "# write x_NAME = COLUMN here.\n",
                w->kind->name);
        has_said = true;
        tend_buffer_text(&w->text, "# not used: ");
        put_comment(w, w->profile->columns[i].name);
        put_examples(w, &w->profile->columns[i]);
        tend_buffer_byte(&w->text, '\n');
    }
}

static bool has_money(const tend_kind_schema *kind)
{
    for (int f = 0; f < kind->field_count; f++) {
        if (kind->fields[f].type == TEND_MONEY)
            return true;
    }
    return false;
}

static tend_status put_stream(writing *w)
{
    const tend_profile *profile = w->profile;
    const char *slash = strrchr(profile->path, '/');
    tend_guess kind, key;
    char column[160];
    tend_status status = tend_guess_kind(w->schema, profile, w->arena, &kind);

    if (status < 0)
        return status;
    w->kind = tend_schema_kind(w->schema, (tend_kind)kind.best);
    status = tend_guess_key(w->kind, profile, w->arena, &key);
    if (status < 0)
        return status;
    tend_buffer_print(&w->text, "\n[stream.%s]\nfile = ", w->stream);
    put_comment(w, slash ? slash + 1 : profile->path);
    tend_buffer_print(&w->text, "\n# %s", kind.why);
    put_others(w, &kind, true);
    tend_buffer_print(&w->text, "kind = %s\n", w->kind->name);
    if (key.best != TEND_GUESS_NONE && write_column(profile->columns[key.best].name, column, sizeof column)) {
        tend_buffer_print(&w->text, "# %s", key.why);
        put_others(w, &key, false);
        tend_buffer_print(&w->text, "key = %s\n", column);
    } else {
        tend_buffer_text(&w->text, "# no column is always filled and different in each record: the whole record is the key.\n"
                                   "key = *\nrepeats = number\n");
    }
    put_writing(w);
    if (has_money(w->kind))
        tend_buffer_print(&w->text, "# of amounts whose record names no currency%s. Check.\ncurrency = %s\n",
                          w->currency ? ": that of the workspace" : "", w->currency ? w->currency : "USD");
    status = put_fields(w, &key);
    if (key.best != TEND_GUESS_NONE && key.best < 512)
        w->is_used[key.best] = true;
    if (status == TEND_OK)
        put_unused(w);
    return status;
}

/* A name that configuration takes, made from a file's: "Order_Details.csv" → "order_details". */
static void name_from(const char *path, char *ret_name, size_t room)
{
    const char *slash = strrchr(path, '/');
    size_t used = 0;

    for (const char *at = slash ? slash + 1 : path; *at && *at != '.' && used + 1 < room; at++) {
        if (isalnum((unsigned char)*at))
            ret_name[used++] = (char)tolower((unsigned char)*at);
        else if (used > 0 && ret_name[used - 1] != '_')
            ret_name[used++] = '_';
    }
    while (used > 0 && ret_name[used - 1] == '_')
        used--;
    ret_name[used] = '\0';
    if (used == 0 || !isalpha((unsigned char)ret_name[0]))
        (void)snprintf(ret_name, room, "file");
}

tend_status tend_mapping_propose(const tend_schema *schema, tend_plugins *plugins, const char *const *files, size_t count,
                                 const char *source, const char *currency, tend_arena *arena, const char **ret_text,
                                 tend_error *reterr)
{
    writing w = { .schema = schema, .arena = arena, .currency = currency };
    char name[40];
    tend_status status = TEND_OK;

    name_from(count > 0 ? files[0] : "file", name, 31);
    tend_buffer_print(
        &w.text,
        "# Proposed by tend from the first %d records of each file. Read it through: what is wrong here is wrong in every\n"
        "# record. A line that begins with # counts for nothing. The language is described in docs/mapping.md.\n"
        "# Keep it as mappings/%s.ini in the workspace; then: tend import --mapping %s FILE…\n\n"
        "[mapping]\n# whose external ids these are: one name for all files of the same system.\nsource = %s\n",
        TEND_PROFILE_ROWS, name, name, source ? source : name);
    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        tend_profile profile;

        status = tend_profile_read(plugins, files[i], arena, &profile, reterr);
        if (status < 0)
            break;
        memset(w.is_used, 0, sizeof w.is_used);
        w.profile = &profile;
        name_from(files[i], name, 31);
        (void)snprintf(w.stream, sizeof w.stream, "%s", name);
        if (profile.column_count == 0)
            status = tend_fail(reterr, TEND_EINVAL, "%s: has no header; a mapping needs named columns", files[i]);
        else if (put_stream(&w) < 0 || w.text.failed)
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
        tend_profile_clear(&profile);
    }
    if (status == TEND_OK) {
        *ret_text = tend_arena_copy(arena, tend_buffer_string(&w.text), w.text.length);
        status = *ret_text ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    tend_buffer_clear(&w.text);
    return status;
}
