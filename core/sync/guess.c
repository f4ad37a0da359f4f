#include "sync/guess.h"
#include "sync/headings.h"
#include <ctype.h>
#include <string.h>

/* Names of kinds and fields are plain ASCII. */
static void bare_own(const char *name, char ret_bare[64])
{
    size_t used = 0;

    for (; *name && used < 63; name++) {
        if (*name != '_')
            ret_bare[used++] = *name;
    }
    ret_bare[used] = '\0';
}

bool tend_guess_mostly(size_t good, size_t all)
{
    size_t bad = all - good;

    return good <= all && (bad == 0 || (all >= TEND_GUESS_SEVERAL && bad <= 1 + all / 20));
}

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* How many values of the column could be values of the field. */
static size_t fitting(const tend_field *field, const tend_column_profile *column)
{
    size_t days = most(most(column->iso_dates, column->slash_day_first), most(column->slash_month_first, column->dots));

    switch ((tend_type)field->type) {
    case TEND_BOOL:
        return column->bools;
    case TEND_INT:
        return most(column->whole, column->point_zero);
    case TEND_DECIMAL:
    case TEND_MONEY:
        return most(column->decimal_point, column->decimal_comma);
    case TEND_DATE:
        return days;
    case TEND_TIME:
        return days + column->iso_times < column->filled ? days + column->iso_times : column->filled;
    case TEND_TEXT:
        return field->unit && strcmp(field->unit, "email") == 0 ? column->emails : column->filled;
    default:
        return column->filled;
    }
}

static void consider(tend_guess *guess, size_t candidate, int score)
{
    if (score > guess->score) {
        if (guess->best != TEND_GUESS_NONE) {
            memmove(guess->others + 1, guess->others, (TEND_GUESS_OTHERS - 1) * sizeof guess->others[0]);
            guess->others[0] = guess->best;
            guess->other_count += guess->other_count < TEND_GUESS_OTHERS;
        }
        guess->best = candidate;
        guess->score = score;
    } else if (score > 0 && guess->other_count < TEND_GUESS_OTHERS) {
        guess->others[guess->other_count++] = candidate;
    }
}

static int score_column(const tend_kind_schema *kind, const tend_field *field, const tend_column_profile *column)
{
    const char *bare = column->bare;
    char own[64], kind_name[64];
    size_t length;

    bare_own(field->name, own);
    bare_own(kind->name, kind_name);
    length = strlen(own);
    if (strcmp(bare, own) == 0)
        return 100;
    if (tend_heading_is(kind, kind_name, field->name, bare))
        return 80;
    if (strcmp(own, "name") == 0 && strcmp(bare, "firstname") == 0)
        return 60;
    if (length >= 4 && strlen(bare) > length && strcmp(bare + strlen(bare) - length, own) == 0)
        return 40;
    if (length >= 4 && strncmp(bare, own, length) == 0)
        return 30;
    return 0;
}

tend_status tend_guess_column(const tend_schema *schema, const tend_kind_schema *kind, int field, const tend_profile *profile,
                              tend_arena *arena, tend_guess *ret_guess)
{
    const tend_field *wanted = &kind->fields[field];
    tend_guess guess = { .best = TEND_GUESS_NONE };

    (void)schema;
    for (size_t c = 0; c < profile->column_count; c++) {
        const tend_column_profile *column = &profile->columns[c];

        size_t good = fitting(wanted, column);
        int score = score_column(kind, wanted, column);

        /* A heading that says it plainly outweighs a few values that are wrong. */
        if (column->filled > 0 && (good == column->filled || (score >= 80 && tend_guess_mostly(good, column->filled))))
            consider(&guess, c, score);
    }
    if (guess.best != TEND_GUESS_NONE) {
        const tend_column_profile *column = &profile->columns[guess.best];

        guess.odd_count = column->filled - fitting(wanted, column);
        guess.odd = guess.odd_count == 0                                     ? NULL
                    : wanted->type == TEND_DATE || wanted->type == TEND_TIME ? column->odd_date
                    : wanted->type == TEND_TEXT                              ? column->odd_email
                                                                             : column->odd_number;
    }
    if (guess.best != TEND_GUESS_NONE)
        guess.why = guess.score >= 100  ? "the same name"
                    : guess.score >= 80 ? "a usual name for it"
                                        : tend_arena_print(arena, "a similar name, and the values fit");
    *ret_guess = guess;
    return guess.best == TEND_GUESS_NONE || guess.why ? TEND_OK : TEND_ENOMEM;
}

tend_status tend_guess_kind(const tend_schema *schema, const tend_profile *profile, tend_arena *arena, tend_guess *ret_guess)
{
    const char *slash = strrchr(profile->path, '/');
    tend_guess guess = { .best = TEND_GUESS_NONE };
    const char *words;
    const char *file = tend_heading_bare(arena, slash ? slash + 1 : profile->path);
    tend_kind one;

    if (!file)
        return TEND_ENOMEM;
    for (size_t k = 0; tend_heading_kind(k, &one, &words); k++) {
        const tend_kind_schema *kind = tend_schema_kind(schema, one);
        int score = 0, fields = 0;
        bool can_be = true;

        for (int f = 0; f < kind->field_count; f++) {
            tend_guess column;
            tend_status status = tend_guess_column(schema, kind, f, profile, arena, &column);
            bool is_name = f == kind->name_field;

            if (status < 0)
                return status;
            fields += column.best != TEND_GUESS_NONE && column.score >= 80;
            if ((kind->fields[f].flags & TEND_FIELD_REQUIRED) && column.best == TEND_GUESS_NONE && !is_name)
                can_be = false;
        }
        for (const char *at = words; *at;) {
            size_t bytes = strcspn(at, " ");
            char word[64];

            (void)snprintf(word, sizeof word, "%.*s", (int)bytes, at);
            if (strstr(file, word) && 20 + (int)bytes > score)
                score = 20 + (int)bytes; /* the longer word says more: invoiceline before invoice */
            at += bytes;
            at += *at == ' ';
        }
        if (can_be && score + fields > 0)
            consider(&guess, (size_t)kind->kind, score + 3 * fields);
    }
    if (guess.best == TEND_GUESS_NONE)
        guess.best = TEND_KIND_ACCOUNT;
    guess.why = "by the file's name and its columns";
    *ret_guess = guess;
    return TEND_OK;
}

tend_status tend_guess_key(const tend_kind_schema *kind, const tend_profile *profile, tend_arena *arena, tend_guess *ret_guess)
{
    tend_guess guess = { .best = TEND_GUESS_NONE };
    char kind_name[64];

    bare_own(kind->name, kind_name);
    for (size_t c = 0; c < profile->column_count; c++) {
        const tend_column_profile *column = &profile->columns[c];
        const char *bare = column->bare;
        size_t length = strlen(bare), whole = column->filled + profile->bad_rows;
        bool is_key = (length >= 2 && strcmp(bare + length - 2, "id") == 0) || tend_heading_is_key(bare);
        int score;

        if (column->filled == 0 || column->distinct < column->filled ||
            (whole < profile->rows && !(is_key && tend_guess_mostly(whole, profile->rows))))
            continue;
        score = 10 + (c == 0 ? 5 : 0);
        if (strcmp(bare, "id") == 0 || strcmp(bare, "recordid") == 0 ||
            (strncmp(bare, kind_name, strlen(kind_name)) == 0 && strcmp(bare + strlen(kind_name), "id") == 0))
            score += 30;
        else if (is_key)
            score += 20;
        else if (strncmp(bare, kind_name, strlen(kind_name)) == 0 && tend_heading_is(kind, kind_name, "number", bare))
            score += 25; /* its own number: invoiceno of an invoice */
        if (kind->kind != TEND_KIND_ACCOUNT && tend_heading_is(kind, kind_name, "account", bare))
            score = 1; /* whose it is tells records apart only by chance */
        consider(&guess, c, score);
    }
    if (guess.best != TEND_GUESS_NONE && profile->columns[guess.best].filled + profile->bad_rows < profile->rows)
        guess.why = tend_arena_print(
            arena, "a usual name for it; %zu of %zu records have none and will be rejected, the others are all different",
            profile->rows - profile->bad_rows - profile->columns[guess.best].filled, profile->rows);
    else if (guess.best != TEND_GUESS_NONE)
        guess.why = tend_arena_print(arena, "always filled, and %zu different values in %zu records",
                                     profile->columns[guess.best].distinct, profile->rows);
    *ret_guess = guess;
    return guess.best == TEND_GUESS_NONE || guess.why ? TEND_OK : TEND_ENOMEM;
}
