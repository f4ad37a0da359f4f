#include "kpi/members.h"
#include "kpi/pick.h"
#include <stdlib.h>
#include <string.h>
#include <tend/plugin.h>

struct tend_members {
    const tend_world *world;
    tend_cache *cache;
    const tend_cached *cached; /* owned; NULL: the store is read */
    char currency[4];
    int64_t *accounts; /* owned; sorted */
    size_t count, room;
    uint64_t *direct;     /* owned; by account: bits, the kinds of its rows for which chunks do not hold */
    uint64_t any_direct;  /* those of all accounts */
    bool *is_direct;      /* owned; by account, for one kind */
    uint32_t *currencies; /* owned; by account: its own; NULL until it is needed */
};

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
}

static tend_status push(tend_members *members, int64_t account, tend_error *reterr)
{
    if (members->count == members->room) {
        const size_t room = members->room ? 2 * members->room : 256;
        int64_t *accounts = realloc(members->accounts, room * sizeof *accounts);

        if (!accounts)
            return out_of_memory(reterr);
        members->accounts = accounts;
        members->room = room;
    }
    members->accounts[members->count++] = account;
    return TEND_OK;
}

static int compare(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

static void sort(tend_members *members)
{
    int64_t *accounts = members->accounts;
    size_t unique = 0;

    for (size_t i = 1; i < members->count; i++)
        if (accounts[i - 1] > accounts[i]) { /* seldom */
            qsort(accounts, members->count, sizeof *accounts, compare);
            break;
        }
    for (size_t i = 0; i < members->count; i++)
        if (i == 0 || accounts[i] != accounts[unique - 1])
            accounts[unique++] = accounts[i];
    members->count = unique;
}

/* ---- which accounts ---------------------------------------------------------------------------------------------------- */

/* Those that the store has and the filter takes; of `picked` alone when there are some. */
static tend_status read_store(tend_members *members, const tend_filter *filter, const int64_t *picked, size_t picked_count,
                              tend_error *reterr)
{
    const char *source, *condition = "1";
    tend_arena *arena = tend_arena_new();
    tend_buffer sql = { 0 };
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status =
        arena ? tend_world_source(members->world, TEND_KIND_ACCOUNT, arena, &source, reterr) : out_of_memory(reterr);

    if (status >= 0 && filter)
        status = tend_filter_sql(filter, members->world, "s", arena, &condition, reterr);
    if (status >= 0) {
        tend_buffer_print(&sql, "SELECT s.id FROM %s s WHERE %s", source, condition);
        if (picked)
            tend_pick_write("s.id", picked_count, 1, &sql);
        tend_buffer_text(&sql, " ORDER BY s.id");
        status = sql.failed ? out_of_memory(reterr)
                            : tend_store_prepare(members->world->store, tend_buffer_string(&sql), &statement, reterr);
    }
    if (status >= 0 && picked)
        tend_pick_bind(statement, picked, picked_count, 1);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        status = push(members, tend_statement_int(statement, 0), reterr);
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    tend_arena_free(arena);
    return status;
}

/* The accounts of every group of the account's chunk, in order. */
static tend_status visit_kept(tend_members *members, tend_status (*visit)(void *self, int64_t account, tend_error *reterr),
                              void *self, tend_error *reterr)
{
    tend_chunk *chunk = members->cached->chunks[TEND_KIND_ACCOUNT];
    int64_t *accounts = NULL;
    uint32_t *starts = NULL;
    tend_status status = TEND_OK;

    for (size_t group = 0; status >= 0 && group < tend_chunk_groups(chunk); group++) {
        const size_t count = tend_chunk_group_at(chunk, group).accounts;

        free(accounts);
        free(starts);
        accounts = malloc((count + 1) * sizeof *accounts);
        starts = malloc((count + 1) * sizeof *starts);
        status = accounts && starts ? tend_chunk_accounts(chunk, group, accounts, starts, reterr) : out_of_memory(reterr);
        for (size_t i = 0; status >= 0 && i < count; i++)
            status = visit(self, accounts[i], reterr);
    }
    free(accounts);
    free(starts);
    return status;
}

static tend_status add_clean(void *self, int64_t account, tend_error *reterr)
{
    tend_members *members = self;

    const bool is_touched = tend_cached_dirt(members->cached, account) >> TEND_KIND_ACCOUNT & 1;

    return is_touched ? TEND_OK : push(members, account, reterr);
}

/* Those whose own row changed may have come or gone. */
static tend_status read_kept(tend_members *members, tend_error *reterr)
{
    const tend_cached *cached = members->cached;
    int64_t *touched = malloc((cached->dirty_count + 1) * sizeof *touched);
    size_t count = 0;
    tend_status status = touched ? visit_kept(members, add_clean, members, reterr) : out_of_memory(reterr);

    for (size_t i = 0; touched && i < cached->dirty_count; i++)
        if (cached->dirt[i] >> TEND_KIND_ACCOUNT & 1)
            touched[count++] = cached->dirty[i];
    for (size_t i = 0; status >= 0 && i < count; i += TEND_PICK_MOST)
        status = read_store(members, NULL, touched + i, count - i < TEND_PICK_MOST ? count - i : TEND_PICK_MOST, reterr);
    free(touched);
    sort(members);
    return status;
}

/* Accounts that the chunk of accounts has are read from chunks, unless they changed. */
typedef struct marking {
    tend_members *members;
    size_t at;
} marking;

static tend_status mark_kept(void *self, int64_t account, tend_error *reterr)
{
    marking *m = self;
    const tend_members *members = m->members;

    (void)reterr;
    while (m->at < members->count && members->accounts[m->at] < account)
        m->at++;
    if (m->at < members->count && members->accounts[m->at] == account)
        members->direct[m->at] = tend_cached_dirt(members->cached, account);
    return TEND_OK;
}

static tend_status mark_direct(tend_members *members, tend_error *reterr)
{
    marking m = { .members = members };
    tend_status status;

    members->is_direct = malloc(members->count + 1);
    members->direct = malloc((members->count + 1) * sizeof *members->direct);
    if (!members->is_direct || !members->direct)
        return out_of_memory(reterr);
    memset(members->direct, 255, (members->count + 1) * sizeof *members->direct);
    status = visit_kept(members, mark_kept, &m, reterr);
    members->any_direct = 0;
    for (size_t i = 0; i < members->count; i++)
        members->any_direct |= members->direct[i];
    return status;
}

/* ---- the way to their rows --------------------------------------------------------------------------------------------- */

static void drop_cached(tend_members *members)
{
    tend_cache_give(members->cached);
    members->cached = NULL;
    free(members->is_direct);
    free(members->direct);
    members->is_direct = NULL;
    members->direct = NULL;
}

static tend_status read_members(tend_members *members, const tend_scope *scope, tend_error *reterr)
{
    tend_status status = TEND_OK;

    members->count = 0;
    if (scope && scope->accounts) {
        for (size_t i = 0; status >= 0 && i < scope->count; i++)
            status = push(members, scope->accounts[i], reterr);
        sort(members);
    } else if (members->cached && (!scope || !scope->filter)) {
        status = read_kept(members, reterr);
    } else {
        status = read_store(members, scope ? scope->filter : NULL, NULL, 0, reterr);
    }
    if (status >= 0 && members->cached)
        status = mark_direct(members, reterr);
    return status;
}

tend_status tend_members_new(const tend_world *world, tend_cache *cache, const tend_scope *scope, const char currency[4],
                             tend_members **ret_members, tend_error *reterr)
{
    tend_members *members = calloc(1, sizeof *members);
    tend_status status = members ? TEND_OK : out_of_memory(reterr);

    if (status >= 0) {
        members->world = world;
        members->cache = cache;
        memcpy(members->currency, currency, 4);
        status = tend_cache_take(cache, world, &members->cached, reterr);
    }
    if (status >= 0 && members->cached && !members->cached->chunks[TEND_KIND_ACCOUNT])
        drop_cached(members);
    if (status >= 0)
        status = read_members(members, scope, reterr);
    if (status == TEND_ECORRUPT && members->cached) {
        tend_cache_distrust(cache, reterr);
        drop_cached(members);
        status = read_members(members, scope, reterr);
    }
    if (status < 0) {
        tend_members_free(members);
        return status;
    }
    *ret_members = members;
    return TEND_OK;
}

void tend_members_free(tend_members *members)
{
    if (!members)
        return;
    drop_cached(members);
    free(members->accounts);
    free(members->currencies);
    free(members);
}

const int64_t *tend_members_list(const tend_members *members, size_t *ret_count)
{
    *ret_count = members->count;
    return members->accounts;
}

bool tend_members_are_cached(const tend_members *members)
{
    return members->cached != NULL;
}

bool tend_members_are_of(const tend_members *members, const tend_cached *cached)
{
    return members->cached && members->cached->chunks == cached->chunks &&
           memcmp(members->cached->touches, cached->touches, TEND_KIND_COUNT * sizeof *cached->touches) == 0;
}

const tend_world *tend_members_world(const tend_members *members)
{
    return members->world;
}

typedef struct naming {
    tend_words *words;
    uint32_t *currencies;
} naming;

static tend_status name_currency(void *self, const tend_block *block)
{
    const naming *n = self;
    uint32_t count;

    for (size_t i = 0; i < block->accounts; i++) {
        const int64_t word = block->values[0][block->starts[i]];

        if (word != TEND_UNKNOWN)
            n->currencies[block->places[i]] = tend_currency_pack(tend_words_list(n->words, &count)[word]);
    }
    return TEND_OK;
}

/* For the scan of one kind. */
static void find_direct(tend_members *members, const tend_kind_schema *kind)
{
    if (members->cached && !(members->any_direct >> kind->kind & 1)) /* nearly always */
        memset(members->is_direct, 0, members->count + 1);
    else if (members->cached)
        for (size_t i = 0; i < members->count; i++)
            members->is_direct[i] = members->direct[i] >> kind->kind & 1;
}

static tend_scan scan_of(const tend_members *members)
{
    tend_scan scan = { .world = members->world,
                       .cached = members->cached,
                       .accounts = members->accounts,
                       .account_count = members->count,
                       .is_direct = members->is_direct };

    memcpy(scan.currency, members->currency, 4);
    return scan;
}

/* The accounts' own currencies, once. */
static tend_status read_currencies(tend_members *members, tend_error *reterr)
{
    static const tend_input input = { "account.currency", TEND_ALL };
    naming n = { tend_words_new(), calloc(members->count + 1, sizeof *n.currencies) };
    tend_found_input found;
    tend_scan_input asked = { .name = input.column, .found = &found, .words = n.words };
    tend_scan scan = scan_of(members);
    tend_status status =
        n.words && n.currencies ? tend_input_find(members->world->schema, &input, &found, reterr) : out_of_memory(reterr);

    if (status >= 0) {
        find_direct(members, found.kind);
        scan.kind = found.kind;
        scan.inputs = &asked;
        scan.input_count = 1;
        status = tend_scan_run(&scan, name_currency, &n, reterr);
    }
    tend_words_free(n.words);
    if (status < 0) {
        free(n.currencies);
        return status;
    }
    members->currencies = n.currencies;
    return TEND_OK;
}

static tend_status run(tend_members *members, tend_scan *scan, tend_status (*visit)(void *self, const tend_block *block),
                       void *self, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (scan->is_split && !members->currencies && tend_scan_is_cached(scan))
        status = read_currencies(members, reterr);
    scan->currencies = members->currencies;
    find_direct(members, scan->kind);
    if (status >= 0)
        status = tend_scan_run(scan, visit, self, reterr);
    if (status == TEND_ECORRUPT && members->cached) {
        tend_cache_distrust(members->cache, reterr);
        drop_cached(members);
    }
    return status;
}

tend_status tend_members_scan(tend_members *members, const tend_kind_schema *kind, const tend_scan_input *inputs, size_t count,
                              bool has_ids, bool has_at, bool is_split, tend_status (*visit)(void *self, const tend_block *block),
                              void *self, tend_error *reterr)
{
    tend_scan scan = scan_of(members);

    scan.kind = kind;
    scan.inputs = inputs;
    scan.input_count = count;
    scan.has_ids = has_ids;
    scan.has_at = has_at;
    scan.is_split = is_split;
    return run(members, &scan, visit, self, reterr);
}

tend_status tend_members_scan_loosely(tend_members *members, const tend_kind_schema *kind, const tend_scan_input *inputs,
                                      size_t count, bool has_at, void (*begin)(void *self, size_t from, size_t end),
                                      tend_status (*visit)(void *self, const tend_block *block), void *self, tend_error *reterr)
{
    tend_scan scan = scan_of(members);

    scan.kind = kind;
    scan.inputs = inputs;
    scan.input_count = count;
    scan.has_at = has_at;
    scan.begin = begin;
    scan.is_loose = true;
    return run(members, &scan, visit, self, reterr);
}

tend_status tend_members_compare(tend_members *members, tend_members *before, bool has_currencies, uint64_t *ret_touched,
                                 tend_error *reterr)
{
    const tend_cached *now = members->cached, *then = before->cached;
    tend_status status = TEND_OK;

    *ret_touched = UINT64_MAX;
    if (!now || !then || now->chunks != then->chunks || members->count != before->count ||
        (members->count > 0 && memcmp(members->accounts, before->accounts, members->count * sizeof *members->accounts) != 0))
        return TEND_OK;
    if (has_currencies && now->touches[TEND_KIND_ACCOUNT] != then->touches[TEND_KIND_ACCOUNT]) {
        if (!before->currencies)
            return TEND_OK;
        if (!members->currencies)
            status = read_currencies(members, reterr);
        if (status < 0 || memcmp(members->currencies, before->currencies, members->count * sizeof *members->currencies) != 0)
            return status;
    }
    *ret_touched = 0;
    for (int kind = 0; kind < TEND_KIND_COUNT; kind++)
        *ret_touched |= (uint64_t)(now->touches[kind] != then->touches[kind]) << kind;
    return TEND_OK;
}

tend_status tend_members_touched(const tend_members *members, const tend_members *before, uint64_t kinds, int64_t **ret_accounts,
                                 size_t *ret_count, tend_error *reterr)
{
    const tend_cached *now = members->cached;
    int64_t *accounts = malloc((now->dirty_count + 1) * sizeof *accounts);
    size_t count = 0;

    if (!accounts)
        return out_of_memory(reterr);
    for (size_t i = 0; i < now->dirty_count; i++)
        if (now->causes[i] > before->cached->seen && now->dirt[i] & kinds)
            accounts[count++] = now->dirty[i];
    *ret_accounts = accounts;
    *ret_count = count;
    return TEND_OK;
}
