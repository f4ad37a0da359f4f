/* candidates.c: accounts that look like one: the same folded name, the same domain, the same telephone number. */
#include "base/buffer.h"
#include "base/utf8.h"
#include "model/inside.h"
#include <stdlib.h>
#include <string.h>

typedef enum sign { SIGN_NAME = 0, SIGN_DOMAIN, SIGN_PHONE, SIGN_COUNT } sign;
static const int weights[SIGN_COUNT] = { 4, 3, 2 };
static const char *const reasons[SIGN_COUNT] = { "name", "domain", "telephone" };

/* A key that more accounts than this share tells nothing (a mail provider, a switchboard). */
#define SHARED_MAX 20

typedef struct trait {
    sign sign;
    const char *text; /* from the arena */
    int64_t account;
} trait;

typedef struct pair {
    int64_t a, b;
    unsigned signs; /* bits by sign */
    int weight;
} pair;

typedef struct finding {
    const tend_world *world;
    tend_arena *arena;
    trait *traits; /* owned */
    size_t trait_count, trait_room;
    pair *pairs; /* owned */
    size_t pair_count, pair_room;
    tend_error *reterr;
} finding;

static tend_status no_memory(const finding *find)
{
    return tend_fail(find->reterr, TEND_ENOMEM, "duplicates: memory is used up");
}

static tend_status add_trait(finding *find, sign sort, const char *text, int64_t account)
{
    if (!text)
        return no_memory(find);
    if (!*text)
        return TEND_OK;
    if (find->trait_count == find->trait_room) {
        size_t room = find->trait_room ? find->trait_room * 2 : 1024;
        trait *traits = realloc(find->traits, room * sizeof *traits);

        if (!traits)
            return no_memory(find);
        find->traits = traits;
        find->trait_room = room;
    }
    find->traits[find->trait_count++] = (trait){ .sign = sort, .text = text, .account = account };
    return TEND_OK;
}

static bool is_legal_form(const char *word, size_t length)
{
    static const char *const forms[] = { "inc", "ltd", "llc", "co",  "corp", "corporation", "company", "limited", "gmbh",
                                         "ag",  "sa",  "bv",  "plc", "kk",   "주식회사",    "주",      "the",     NULL };

    for (size_t i = 0; forms[i]; i++) {
        if (strlen(forms[i]) == length && !memcmp(forms[i], word, length))
            return true;
    }
    return false;
}

static bool is_letter(unsigned char byte)
{
    return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

/* "The ACME Co., Ltd." is "acme": folded, without punctuation and legal forms. */
static const char *plain_name(finding *find, const char *name, size_t length)
{
    const char *folded = NULL;
    size_t size = 0, at = 0;
    tend_buffer plain = { 0 };
    const char *result;

    if (tend_utf8_fold(find->arena, name, length, &folded, &size) < 0)
        return NULL;
    while (at < size) {
        size_t end = at;

        while (end < size && is_letter((unsigned char)folded[end]))
            end++;
        if (end > at && !is_legal_form(folded + at, end - at))
            tend_buffer_append(&plain, folded + at, end - at);
        at = end + 1;
    }
    result = plain.failed ? NULL : tend_arena_string(find->arena, tend_buffer_string(&plain));
    tend_buffer_clear(&plain);
    return result;
}

/* The host in an address or a home page: "https://www.Acme.com/kr" is "acme.com". */
static const char *domain_of(finding *find, const char *text, size_t length)
{
    static const char *const providers[] = { "gmail.com",  "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com",
                                             "icloud.com", "naver.com",      "daum.net",    "hanmail.net", NULL };
    const char *from = memchr(text, '@', length), *scheme = strstr(text, "://");
    const char *folded = NULL;
    size_t size;

    from = from ? from + 1 : scheme ? scheme + 3 : text;
    size = strcspn(from, "/:?# ");
    if (tend_utf8_fold(find->arena, from, size, &folded, &size) < 0)
        return NULL;
    if (size > 4 && !memcmp(folded, "www.", 4)) {
        folded += 4;
        size -= 4;
    }
    if (!memchr(folded, '.', size))
        return "";
    folded = tend_arena_copy(find->arena, folded, size);
    for (size_t i = 0; folded && providers[i]; i++) {
        if (!strcmp(folded, providers[i]))
            return "";
    }
    return folded;
}

/* The last nine digits, so that +82-2-1234-5678 and 02-1234-5678 agree; fewer than seven tell nothing. */
static const char *digits_of(finding *find, const char *text, size_t length)
{
    char digits[64];
    size_t count = 0;

    for (size_t i = 0; i < length && count < sizeof digits; i++) {
        if (text[i] >= '0' && text[i] <= '9')
            digits[count++] = text[i];
    }
    if (count < 7)
        return "";
    return count > 9 ? tend_arena_copy(find->arena, digits + count - 9, 9) : tend_arena_copy(find->arena, digits, count);
}

/* Columns of `sql` after the account's id, each a sign by `sorts` (SIGN_COUNT ends). */
static tend_status read_traits(finding *find, const char *sql, const sign *sorts)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(find->world->store, sql, &statement, find->reterr);

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, find->reterr)) >= 0 && has_row) {
        int64_t account = tend_statement_int(statement, 0);

        for (int i = 0; sorts[i] != SIGN_COUNT && status >= 0; i++) {
            size_t length = 0;
            const char *text = tend_statement_text(statement, i + 1, &length);

            if (!text)
                continue;
            status = add_trait(find, sorts[i],
                               sorts[i] == SIGN_NAME     ? plain_name(find, text, length)
                               : sorts[i] == SIGN_DOMAIN ? domain_of(find, text, length)
                                                         : digits_of(find, text, length),
                               account);
        }
    }
    tend_statement_end(statement);
    return status;
}

static tend_status read_all(finding *find)
{
    static const sign of_accounts[] = { SIGN_NAME, SIGN_DOMAIN, SIGN_DOMAIN, SIGN_PHONE, SIGN_COUNT };
    static const sign of_contacts[] = { SIGN_DOMAIN, SIGN_COUNT };
    const char *source = NULL;
    tend_buffer sql = { 0 };
    tend_status status = tend_world_source(find->world, TEND_KIND_ACCOUNT, find->arena, &source, find->reterr);

    if (status >= 0) {
        tend_buffer_text(&sql, "SELECT r.id, r.\"name\", r.\"website\", r.\"email\", r.\"phone\" FROM ");
        tend_buffer_text(&sql, source);
        tend_buffer_text(&sql, " r WHERE coalesce(r.stage, '')<>'archived'");
        status = read_traits(find, tend_buffer_string(&sql), of_accounts);
    }
    if (status >= 0)
        status = tend_world_source(find->world, TEND_KIND_CONTACT, find->arena, &source, find->reterr);
    if (status >= 0) {
        tend_buffer_reset(&sql);
        tend_buffer_text(&sql, "SELECT DISTINCT r.\"account\", r.\"email\" FROM ");
        tend_buffer_text(&sql, source);
        tend_buffer_text(&sql, " r WHERE r.\"email\" IS NOT NULL");
        status = read_traits(find, tend_buffer_string(&sql), of_contacts);
    }
    tend_buffer_clear(&sql);
    return status;
}

static int by_trait(const void *one, const void *two)
{
    const trait *a = one, *b = two;
    int order;

    if (a->sign != b->sign)
        return a->sign < b->sign ? -1 : 1;
    order = strcmp(a->text, b->text);
    return order ? order : (a->account > b->account) - (a->account < b->account);
}

static tend_status add_pair(finding *find, int64_t a, int64_t b, sign sort)
{
    if (find->pair_count == find->pair_room) {
        size_t room = find->pair_room ? find->pair_room * 2 : 256;
        pair *pairs = realloc(find->pairs, room * sizeof *pairs);

        if (!pairs)
            return no_memory(find);
        find->pairs = pairs;
        find->pair_room = room;
    }
    find->pairs[find->pair_count++] = (pair){ .a = a, .b = b, .signs = 1u << sort };
    return TEND_OK;
}

static tend_status pair_up(finding *find)
{
    const trait *traits = find->traits;
    size_t kept = 0, end;
    tend_status status = TEND_OK;

    if (find->trait_count == 0)
        return TEND_OK;
    qsort(find->traits, find->trait_count, sizeof *find->traits, by_trait);
    for (size_t i = 0; i < find->trait_count; i++) {
        if (kept == 0 || by_trait(&traits[kept - 1], &traits[i]) != 0)
            find->traits[kept++] = find->traits[i];
    }
    find->trait_count = kept;
    for (size_t first = 0; first < find->trait_count && status >= 0; first = end) {
        for (end = first + 1;
             end < find->trait_count && traits[end].sign == traits[first].sign && !strcmp(traits[end].text, traits[first].text);)
            end++;
        if (end - first > SHARED_MAX)
            continue;
        for (size_t i = first; i < end && status >= 0; i++) {
            for (size_t j = i + 1; j < end && status >= 0; j++)
                status = add_pair(find, traits[i].account, traits[j].account, traits[first].sign);
        }
    }
    return status;
}

static int by_accounts(const void *one, const void *two)
{
    const pair *a = one, *b = two;

    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

static int by_weight(const void *one, const void *two)
{
    const pair *a = one, *b = two;

    return a->weight != b->weight ? b->weight - a->weight : by_accounts(one, two);
}

/* One pair per two accounts, with all their signs, the strongest first. */
static void join_pairs(finding *find)
{
    size_t kept = 0;

    if (find->pair_count == 0)
        return;
    qsort(find->pairs, find->pair_count, sizeof *find->pairs, by_accounts);
    for (size_t i = 0; i < find->pair_count; i++) {
        if (kept > 0 && by_accounts(&find->pairs[kept - 1], &find->pairs[i]) == 0)
            find->pairs[kept - 1].signs |= find->pairs[i].signs;
        else
            find->pairs[kept++] = find->pairs[i];
    }
    find->pair_count = kept;
    for (size_t i = 0; i < kept; i++) {
        for (int sort = 0; sort < SIGN_COUNT; sort++)
            find->pairs[i].weight += find->pairs[i].signs & (1u << sort) ? weights[sort] : 0;
    }
    qsort(find->pairs, find->pair_count, sizeof *find->pairs, by_weight);
}

static const char *tell_why(unsigned signs, char room[static 64])
{
    size_t length = (size_t)snprintf(room, 64, "same ");

    for (int sort = 0, said = 0; sort < SIGN_COUNT; sort++) {
        if (signs & (1u << sort))
            length += (size_t)snprintf(room + length, 64 - length, "%s%s", said++ ? ", " : "", reasons[sort]);
    }
    return room;
}

tend_status tend_merge_candidates(const tend_world *world, const tend_principal *principal, tend_arena *arena,
                                  tend_status (*call)(void *self, int64_t a, int64_t b, const char *why), void *self,
                                  tend_error *reterr)
{
    finding find = { .world = world, .arena = arena, .reterr = reterr };
    char why[64];
    tend_status status = tend_access_may(principal, TEND_VERB_READ, TEND_KIND_ACCOUNT, 0, reterr);

    if (status >= 0)
        status = read_all(&find);
    if (status >= 0)
        status = pair_up(&find);
    if (status >= 0)
        join_pairs(&find);
    for (size_t i = 0; i < find.pair_count && status >= 0; i++)
        status = call(self, find.pairs[i].a, find.pairs[i].b, tell_why(find.pairs[i].signs, why));
    free(find.traits);
    free(find.pairs);
    return status;
}
