#include "sync/profile.h"
#include "base/date.h"
#include "base/money.h"
#include "base/utf8.h"
#include "sync/headings.h"
#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_BYTES (256u << 10)

/* ---- encoding and delimiter -------------------------------------------------------------------------------------------- */

/* Whether the bytes are CP949 text that holds Hangul. */
static bool is_korean(const char *bytes, size_t length)
{
    iconv_t decode = iconv_open("UTF-8", "CP949");
    char *in = (char *)(uintptr_t)bytes;
    char room[4096];
    bool is_good = decode != (iconv_t)-1, has_hangul = false;

    while (is_good && length > 0) {
        char *out = room;
        size_t left = sizeof room;
        size_t done = iconv(decode, &in, &length, &out, &left);

        for (char *at = room; at + 2 < out; at++)
            has_hangul = has_hangul || ((unsigned char)at[0] >= 0xea && (unsigned char)at[0] <= 0xed);
        if (done == (size_t)-1 && errno == EINVAL)
            break; /* the head ends inside a character */
        is_good = done != (size_t)-1 || errno == E2BIG;
    }
    if (decode != (iconv_t)-1)
        (void)iconv_close(decode);
    return is_good && has_hangul;
}

static void find_encoding(const unsigned char *head, size_t length, bool is_whole, tend_profile *profile)
{
    size_t bad = 0;

    profile->encoding = "utf-8";
    if (length >= 2 && head[0] == 0x1f && head[1] == 0x8b) {
        profile->encoding_why = "the file is packed; UTF-8 is tried first";
    } else if (length >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) {
        profile->encoding_why = "the file begins with the mark of UTF-8";
    } else if (length >= 2 && head[0] == 0xff && head[1] == 0xfe) {
        profile->encoding = "utf-16le";
        profile->encoding_why = "the file begins with the mark of UTF-16";
    } else if (length >= 2 && head[0] == 0xfe && head[1] == 0xff) {
        profile->encoding = "utf-16be";
        profile->encoding_why = "the file begins with the mark of UTF-16";
    } else if (tend_utf8_valid((const char *)head, length, &bad) || (!is_whole && bad + 4 > length)) {
        profile->encoding_why = "every byte of the head is valid UTF-8";
    } else if (is_korean((const char *)head, length)) {
        profile->encoding = "cp949";
        profile->encoding_why = "not UTF-8, and reads as Korean";
    } else {
        profile->encoding = "windows-1252";
        profile->encoding_why = "not UTF-8 and not Korean: the usual western one";
    }
}

/* The sign that the header has most often outside quotes. */
static void find_delimiter(const char *text, size_t length, tend_profile *profile)
{
    static const char signs[] = ",;\t|";
    size_t counts[4] = { 0 };
    size_t best = 0;
    bool is_quoted = false;

    for (size_t i = 0; i < length && (is_quoted || text[i] != '\n'); i++) {
        const char *sign = text[i] ? strchr(signs, text[i]) : NULL;

        if (text[i] == '"')
            is_quoted = !is_quoted;
        else if (sign && !is_quoted)
            counts[sign - signs]++;
    }
    for (size_t i = 1; i < 4; i++) {
        if (counts[i] > counts[best])
            best = i;
    }
    profile->delimiter = signs[best];
    profile->delimiter_why = counts[best] > 0 ? "the header has it most often" : "the header has one column";
}

static tend_status read_head(const char *path, tend_arena *arena, tend_profile *profile, tend_error *reterr)
{
    FILE *file = fopen(path, "rbe");
    char *head = tend_arena_take(arena, HEAD_BYTES + 1);
    size_t length;

    if (!file || !head) {
        if (file)
            (void)fclose(file);
        return tend_fail(reterr, file ? TEND_ENOMEM : TEND_ENOTFOUND, "%s: cannot be read: %s", path, strerror(errno));
    }
    length = fread(head, 1, HEAD_BYTES, file);
    (void)fclose(file);
    find_encoding((const unsigned char *)head, length, length < HEAD_BYTES, profile);
    if (length >= 2 && (unsigned char)head[0] == 0x1f) {
        profile->delimiter = ',';
        profile->delimiter_why = "the usual one";
    } else {
        find_delimiter(head, length, profile);
    }
    return TEND_OK;
}

/* ---- columns ----------------------------------------------------------------------------------------------------------- */

typedef struct looking {
    tend_profile *profile;
    tend_arena *arena;
} looking;

static tend_status on_columns(void *self, const char *const *names, uint32_t count, const char *const *key, tend_error *reterr)
{
    looking *l = self;

    (void)key;
    if (l->profile->columns)
        return TEND_OK;
    l->profile->columns = tend_arena_take(l->arena, ((size_t)count + 1) * sizeof *l->profile->columns);
    for (uint32_t i = 0; l->profile->columns && i < count; i++) {
        tend_column_profile *column = &l->profile->columns[i];

        column->name = tend_arena_string(l->arena, names[i]);
        column->bare = column->name ? tend_heading_bare(l->arena, column->name) : NULL;
        if (!column->bare)
            return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    l->profile->column_count = l->profile->columns ? count : 0;
    return l->profile->columns ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "memory is used up");
}

/* D/M/Y or M/D/Y, by what the numbers allow. */
static void look_at_date(tend_column_profile *column, const char *text, size_t length)
{
    tend_civil civil;
    bool has_zone;
    tend_date date;

    if (tend_date_parse(text, length, &date) == TEND_OK)
        column->iso_dates++;
    else if (tend_civil_parse(text, length, &civil, &has_zone) == TEND_OK)
        column->iso_times++;
    column->slash_day_first += tend_civil_parse_as(text, length, "D/M/YYYY", &civil) == TEND_OK;
    column->slash_month_first += tend_civil_parse_as(text, length, "M/D/YYYY", &civil) == TEND_OK;
    column->dots += tend_civil_parse_as(text, length, "D.M.YYYY", &civil) == TEND_OK;
}

static void look_at_number(tend_column_profile *column, const char *text, size_t length)
{
    static const tend_number_format point = { '.', ',' }, comma = { ',', '.' };
    int64_t ignored;

    column->whole += tend_decimal_parse(text, length, &tend_number_plain, 0, &ignored) == TEND_OK && !memchr(text, '.', length);
    column->decimal_point += tend_decimal_parse(text, length, &point, 9, &ignored) == TEND_OK;
    column->decimal_comma += tend_decimal_parse(text, length, &comma, 9, &ignored) == TEND_OK;
    column->point_zero += length > 2 && memcmp(text + length - 2, ".0", 2) == 0 &&
                          tend_decimal_parse(text, length, &tend_number_plain, 1, &ignored) == TEND_OK;
}

static bool is_bool(const char *text, size_t length)
{
    static const char *const words[] = { "yes", "no", "true", "false", "y", "n", "0", "1" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i]) == length && strncasecmp(words[i], text, length) == 0)
            return true;
    }
    return false;
}

/* The first value that is no date, no number, no address: what a proposal says where the others are. */
static void keep_odd(looking *l, tend_column_profile *column, const tend_column_profile *before, const char *text, size_t length)
{
    bool is_date = column->iso_dates + column->iso_times + column->slash_day_first + column->slash_month_first + column->dots !=
                   before->iso_dates + before->iso_times + before->slash_day_first + before->slash_month_first + before->dots;
    bool is_number = column->decimal_point + column->decimal_comma != before->decimal_point + before->decimal_comma;

    if (!is_date && !column->odd_date)
        column->odd_date = tend_arena_copy(l->arena, text, length > 60 ? 60 : length);
    if (!is_number && !column->odd_number)
        column->odd_number = tend_arena_copy(l->arena, text, length > 60 ? 60 : length);
    if (column->emails == before->emails && !column->odd_email)
        column->odd_email = tend_arena_copy(l->arena, text, length > 60 ? 60 : length);
}

static tend_status on_record(void *self, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at,
                             tend_error *reterr)
{
    looking *l = self;

    (void)line;
    (void)modified_at;
    l->profile->rows++;
    for (uint32_t i = 0; i < count && i < l->profile->column_count; i++) {
        tend_column_profile *column = &l->profile->columns[i];
        const char *text = cells[i].text;
        size_t length = cells[i].length;
        tend_column_profile before;
        uint32_t first;
        tend_key key;

        while (text && length > 0 && *text == ' ')
            text++, length--;
        while (text && length > 0 && text[length - 1] == ' ')
            length--;
        if (!text || length == 0)
            continue;
        column->filled++;
        key = tend_key_of(0, 0, cells[i].text, cells[i].length);
        if (tend_keys_add(&column->values, &key, (uint32_t)l->profile->rows, &first) < 0)
            return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
        column->distinct += first == TEND_NO_ROW;
        if (first == TEND_NO_ROW && column->example_count < TEND_PROFILE_EXAMPLES)
            column->examples[column->example_count++] = tend_arena_copy(l->arena, text, length > 60 ? 60 : length);
        before = *column;
        look_at_date(column, text, length);
        look_at_number(column, text, length);
        column->bools += is_bool(text, length);
        column->emails += memchr(text, '@', length) && !memchr(text, ' ', length) && memchr(text, '.', length);
        keep_odd(l, column, &before, text, length);
    }
    return TEND_OK;
}

static tend_status on_tombstone(void *self, const tend_cell *key, uint32_t count, tend_time removed_at, tend_error *reterr)
{
    (void)self, (void)key, (void)count, (void)removed_at, (void)reterr;
    return TEND_OK;
}

static tend_status on_checkpoint(void *self, const char *bookmark, size_t length, tend_error *reterr)
{
    (void)self, (void)bookmark, (void)length, (void)reterr;
    return TEND_OK;
}

static tend_status on_reject(void *self, uint64_t line, const char *column, const char *value, size_t length, const char *reason,
                             tend_error *reterr)
{
    looking *l = self;

    (void)line, (void)column, (void)value, (void)length, (void)reason, (void)reterr;
    l->profile->rows++;
    l->profile->bad_rows++;
    return TEND_OK;
}

tend_status tend_profile_read(tend_plugins *plugins, const char *path, tend_arena *arena, tend_profile *ret_profile,
                              tend_error *reterr)
{
    tend_profile profile = { .path = path };
    looking l = { &profile, arena };
    tend_pull_sink sink = { .columns = on_columns,
                            .record = on_record,
                            .tombstone = on_tombstone,
                            .checkpoint = on_checkpoint,
                            .reject = on_reject,
                            .self = &l };
    const char *slash = strrchr(path, '/');
    tend_pull request = { .size = sizeof request, .stream = slash ? slash + 1 : path, .limit = TEND_PROFILE_ROWS };
    char real[PATH_MAX];
    char delimiter[2] = { 0 };
    tend_hosted *hosted = NULL;
    tend_status status = read_head(path, arena, &profile, reterr);

    if (status < 0)
        return status;
    if (!realpath(path, real))
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: cannot be read: %s", path, strerror(errno));
    delimiter[0] = profile.delimiter;
    tend_given given[] = { { .key = "path", .value = real },
                           { .key = "encoding", .value = profile.encoding },
                           { .key = "delimiter", .value = profile.delimiter == '\t' ? "tab" : delimiter } };
    status = tend_hosted_start(plugins, "csv", given, 3, &hosted, reterr);
    if (status == TEND_OK)
        status = tend_hosted_pull(hosted, "csv", &request, &sink, reterr);
    tend_hosted_stop(hosted);
    if (status < 0)
        tend_profile_clear(&profile);
    else
        *ret_profile = profile;
    return status;
}

void tend_profile_clear(tend_profile *profile)
{
    for (size_t i = 0; i < profile->column_count; i++)
        tend_keys_clear(&profile->columns[i].values);
}
