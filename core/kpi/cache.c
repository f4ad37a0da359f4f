#include "kpi/cache.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "bus/since.h"
#include "kpi/dirty.h"
#include "kpi/stock.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STATE_MAGIC UINT64_C(0x3274736374646e74)
#define STATE_MAX ((size_t)64 << 20)
#define DIRTY_LEAST 256       /* so many accounts may always be read from the store … */
#define DIRTY_SHARE 50        /* … and one of so many */
#define EVENTS_PER_STATE 4096 /* after so many the place in the row of events is written down anew */

/* The file "state": this, then the accounts that have changed since the chunks were written, and for each of them the kinds. */
typedef struct state {
    uint64_t magic, generation;
    int64_t sequence; /* of the last event that chunks and accounts take into account */
    uint64_t mark;    /* of that event */
    uint64_t store;   /* hash of the store's own key */
    uint64_t kinds;   /* bits: those that have a chunk */
    uint64_t dirty_count, accounts;
    uint64_t hash; /* of all of it, this member 0 */
} state;

/* Chunks that several readers may hold at once. */
typedef struct chunk_set {
    tend_chunk *chunks[TEND_KIND_COUNT]; /* owned */
    size_t users;
} chunk_set;

typedef struct dirty_entry {
    int64_t account;
    uint64_t kinds;
} dirty_entry;

typedef struct lease {
    tend_cached cached;
    chunk_set *set;
    int64_t touches[TEND_KIND_COUNT];
} lease;

struct tend_cache {
    char *folder; /* owned */
    size_t least_accounts;
    tend_wanted *wanted[TEND_KIND_COUNT]; /* owned */
    size_t wanted_count[TEND_KIND_COUNT];
    bool is_distrusted;

    chunk_set *set; /* of state.generation; NULL: not opened */
    state state;    /* as read; generation 0: none */
    struct timespec read_at;
    ino_t inode;
    tend_dirty dirty;                 /* up to `seen` */
    int64_t touches[TEND_KIND_COUNT]; /* events that have been followed, by kind of the rows that they touch; never fewer */
    int64_t seen;
    int64_t scanned;   /* events since the state was written */
    tend_stock *stock; /* a use of it is owned; NULL: none */
};

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
}

/* ---- what it should hold ----------------------------------------------------------------------------------------------- */

void tend_cache_name(const tend_found_input *input, const char *name, char ret_name[TEND_CHUNK_NAME_ROOM])
{
    char meaning[32];
    uint64_t hash;

    (void)snprintf(meaning, sizeof meaning, "%d %d", (int)input->type,
                   input->field >= 0 ? (int)input->kind->fields[input->field].scale : 0);
    hash = tend_hash64(meaning, strlen(meaning));
    if (input->sql)
        hash ^= tend_hash64(input->sql, strlen(input->sql));
    (void)snprintf(ret_name, TEND_CHUNK_NAME_ROOM, "%.50s#%08" PRIx32, strchr(name, '.') ? strchr(name, '.') + 1 : name,
                   (uint32_t)(hash ^ hash >> 32));
}

static tend_status want_one(tend_cache *cache, const tend_schema *schema, const tend_input *input, tend_error *reterr)
{
    tend_wanted one = { .input = *input };
    tend_status status = tend_input_find(schema, input, &one.found, reterr);

    if (status < 0)
        return status;
    const tend_kind kind = one.found.kind->kind;
    const size_t count = cache->wanted_count[kind];

    tend_cache_name(&one.found, input->column, one.name);
    for (size_t i = 0; i < count; i++)
        if (strcmp(cache->wanted[kind][i].name, one.name) == 0)
            return TEND_OK;
    if (count == TEND_CHUNK_COLUMNS_MAX)
        return TEND_OK; /* the rest is read from the store */
    tend_wanted *list = realloc(cache->wanted[kind], (count + 1) * sizeof *list);
    char *column = strdup(input->column);

    if (list)
        cache->wanted[kind] = list;
    if (!list || !column) {
        free(column);
        return out_of_memory(reterr);
    }
    one.input.column = column;
    list[cache->wanted_count[kind]++] = one;
    return TEND_OK;
}

/* Beside a kind's money its currency, and the account's own. */
tend_status tend_cache_want(tend_cache *cache, const tend_schema *schema, const tend_input *inputs, tend_error *reterr)
{
    static const tend_input currency = { "account.currency", TEND_LATEST };
    tend_status status = want_one(cache, schema, &currency, reterr);
    tend_found_input found;
    char name[96];

    for (; status >= 0 && inputs->column; inputs++) {
        status = tend_input_find(schema, inputs, &found, reterr);
        if (status >= 0)
            status = want_one(cache, schema, inputs, reterr);
        if (status < 0 || found.kind->currency_field < 0)
            continue;
        (void)snprintf(name, sizeof name, "%s.%s", found.kind->name, found.kind->fields[found.kind->currency_field].name);
        status = want_one(cache, schema, &(tend_input){ name, TEND_ALL }, reterr);
    }
    return status;
}

tend_status tend_cache_new(const char *folder, size_t least_accounts, tend_cache **ret_cache, tend_error *reterr)
{
    tend_cache *cache = calloc(1, sizeof *cache);

    if (!cache || !(cache->folder = strdup(folder))) {
        free(cache);
        return out_of_memory(reterr);
    }
    cache->least_accounts = least_accounts;
    *ret_cache = cache;
    return TEND_OK;
}

void tend_cache_pass_by(tend_cache *cache, uint64_t kinds)
{
    cache->dirty.unread = kinds;
}

static void release(chunk_set *set)
{
    if (!set || --set->users > 0)
        return;
    for (int kind = 0; kind < TEND_KIND_COUNT; kind++)
        tend_chunk_close(set->chunks[kind]);
    free(set);
}

tend_stock *tend_cache_stock(const tend_cache *cache)
{
    return cache->stock;
}

void tend_cache_keep_stock(tend_cache *cache, tend_stock *stock)
{
    tend_stock_give(cache->stock);
    cache->stock = stock;
}

static void forget(tend_cache *cache)
{
    tend_cache_keep_stock(cache, NULL);
    release(cache->set);
    cache->set = NULL;
    cache->state = (state){ 0 };
    cache->inode = 0;
    tend_dirty_clear(&cache->dirty);
}

void tend_cache_free(tend_cache *cache)
{
    if (!cache)
        return;
    forget(cache);
    for (int kind = 0; kind < TEND_KIND_COUNT; kind++) {
        for (size_t i = 0; i < cache->wanted_count[kind]; i++)
            free((void *)(uintptr_t)cache->wanted[kind][i].input.column);
        free(cache->wanted[kind]);
    }
    free(cache->folder);
    free(cache);
}

void tend_cache_distrust(tend_cache *cache, const tend_error *why)
{
    tend_log(TEND_LOG_WARN, "kpi", "columns not used", "why", why->text, NULL);
    forget(cache);
    cache->is_distrusted = true;
}

/* ---- the state --------------------------------------------------------------------------------------------------------- */

static tend_status path_of(const tend_cache *cache, const char *name, char *ret_path, size_t room, tend_error *reterr)
{
    return tend_path_join(cache->folder, name, ret_path, room, reterr);
}

static void chunk_name(const tend_kind_schema *kind, uint64_t generation, char *ret_name, size_t room)
{
    (void)snprintf(ret_name, room, "%s-%" PRIu64 ".columns", kind->table, generation);
}

static tend_status key_of(tend_store *store, uint64_t *ret_key, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    const char *text = NULL;
    tend_status status = arena ? tend_store_meta_get(store, arena, "key", &text, reterr) : out_of_memory(reterr);

    if (status >= 0)
        *ret_key = tend_hash64(text, strlen(text));
    tend_arena_free(arena);
    return status;
}

static uint64_t hash_state(const char *bytes, size_t length)
{
    state head;
    uint64_t hash;

    memcpy(&head, bytes, sizeof head);
    head.hash = 0;
    hash = tend_hash64(&head, sizeof head);
    return length > sizeof head ? hash ^ tend_hash64(bytes + sizeof head, length - sizeof head) : hash;
}

static tend_status open_chunks(tend_cache *cache, const tend_schema *schema, tend_error *reterr)
{
    char name[96], path[4096];
    chunk_set *opened = calloc(1, sizeof *opened);
    tend_status status = opened ? TEND_OK : out_of_memory(reterr);

    if (opened)
        opened->users = 1;
    for (int kind = 1; status >= 0 && kind < TEND_KIND_COUNT; kind++) {
        if (!(cache->state.kinds >> kind & 1))
            continue;
        chunk_name(tend_schema_kind(schema, (tend_kind)kind), cache->state.generation, name, sizeof name);
        status = path_of(cache, name, path, sizeof path, reterr);
        if (status >= 0)
            status = tend_chunk_open(path, &opened->chunks[kind], reterr);
    }
    if (status < 0)
        release(opened);
    else
        cache->set = opened;
    return status;
}

/* Reads the state where it is another one than last time. TEND_ENOTFOUND: there is none that can be used. */
static tend_status read_state(tend_cache *cache, const tend_world *world, tend_error *reterr)
{
    char path[4096], *bytes = NULL;
    struct stat about;
    size_t length = 0;
    uint64_t key = 0;
    tend_status status = path_of(cache, "state", path, sizeof path, reterr);

    if (status < 0)
        return status;
    if (stat(path, &about) < 0) {
        forget(cache);
        return TEND_ENOTFOUND;
    }
    if (cache->inode == about.st_ino && cache->read_at.tv_sec == about.st_mtim.tv_sec &&
        cache->read_at.tv_nsec == about.st_mtim.tv_nsec)
        return cache->set ? TEND_OK : TEND_ENOTFOUND;
    forget(cache);
    cache->inode = about.st_ino;
    cache->read_at = about.st_mtim;
    status = tend_file_read(path, STATE_MAX, &bytes, &length, reterr);
    if (status >= 0 && length < sizeof cache->state)
        status = TEND_ENOTFOUND;
    if (status >= 0) {
        memcpy(&cache->state, bytes, sizeof cache->state);
        if (cache->state.magic != STATE_MAGIC || cache->state.hash != hash_state(bytes, length) ||
            cache->state.dirty_count != (length - sizeof cache->state) / sizeof(dirty_entry))
            status = TEND_ENOTFOUND;
    }
    if (status >= 0)
        status = key_of(world->store, &key, reterr);
    if (status >= 0 && key != cache->state.store)
        status = TEND_ENOTFOUND;
    for (uint64_t i = 0; status >= 0 && i < cache->state.dirty_count; i++) {
        dirty_entry entry;

        memcpy(&entry, bytes + sizeof cache->state + i * sizeof entry, sizeof entry);
        status = tend_dirty_put(&cache->dirty, entry.account, entry.kinds, reterr);
    }
    free(bytes);
    if (status >= 0)
        status = open_chunks(cache, world->schema, reterr);
    if (status >= 0) {
        cache->seen = cache->state.sequence;
        cache->scanned = 0;
        tend_dirty_sort(&cache->dirty);
    }
    return status;
}

/* ---- following the store ----------------------------------------------------------------------------------------------- */

typedef struct following {
    tend_cache *cache;
    const tend_world *world;
    tend_error *reterr;
    bool has_gone; /* values were erased, or every account is touched */
} following;

static size_t most_dirty(const tend_cache *cache)
{
    const size_t share = (size_t)cache->state.accounts / DIRTY_SHARE;

    return share > DIRTY_LEAST ? share : DIRTY_LEAST;
}

static tend_status follow(void *self, const tend_event *event)
{
    following *f = self;
    const char *what = strchr(event->topic, '.');
    const tend_status status = tend_dirty_add(&f->cache->dirty, f->world, event, f->reterr);

    f->cache->seen = event->sequence;
    f->cache->scanned++;
    for (int kind = 0; kind < TEND_KIND_COUNT; kind++)
        f->cache->touches[kind] += (int64_t)(tend_dirty_kinds(event) >> kind & 1);
    f->has_gone |= what && strcmp(what, ".erased") == 0;
    if (f->cache->dirty.count > 16 * most_dirty(f->cache)) {
        tend_dirty_sort(&f->cache->dirty);
        f->has_gone |= f->cache->dirty.count > 4 * most_dirty(f->cache);
    }
    return status < 0 || !f->has_gone ? status : TEND_ENOTFOUND; /* enough is known */
}

/* TEND_ENOTFOUND: what is kept does not hold. */
static tend_status catch_up(tend_cache *cache, const tend_world *world, tend_error *reterr)
{
    following f = { .cache = cache, .world = world, .reterr = reterr };
    int64_t last = 0;
    uint64_t mark = 0;
    bool is_held = false;
    tend_status status = read_state(cache, world, reterr);

    if (status >= 0)
        status = tend_events_last(world->store, &last, reterr);
    if (status >= 0)
        status = tend_events_held(world->store, &is_held, reterr);
    if (status >= 0)
        status = tend_events_mark(world->store, cache->state.sequence, &mark, reterr);
    if (status < 0)
        return status;
    if (is_held || last < cache->seen || mark != cache->state.mark)
        return TEND_ENOTFOUND;
    if (last > cache->seen) {
        status = tend_events_since(world->store, cache->seen, "measure.", follow, &f, reterr);
        tend_dirty_sort(&cache->dirty);
        cache->scanned += last - cache->seen;
        cache->seen = last;
    }
    if (f.has_gone || cache->dirty.is_all) {
        cache->dirty.is_all = true; /* until the chunks are written anew */
        return TEND_ENOTFOUND;
    }
    if (status < 0)
        forget(cache); /* some of it was not seen */
    return status;
}

/* Failures of the store and of memory are those of the caller; others only cost the speed. */
static bool is_serious(tend_status status, const tend_world *world, const tend_error *error)
{
    const char *path = tend_store_path(world->store);

    return status == TEND_ENOMEM || (strncmp(error->text, path, strlen(path)) == 0 && error->text[strlen(path)] == ':');
}

tend_status tend_cache_take(tend_cache *cache, const tend_world *world, const tend_cached **ret_cached, tend_error *reterr)
{
    tend_error error = { 0 };
    lease *taken;
    int64_t *dirty, *causes;
    uint64_t *dirt;
    tend_status status;

    *ret_cached = NULL;
    if (!cache || cache->is_distrusted || !tend_world_is_live(world) ||
        (tend_store_can_write(world->store) && tend_store_in_transaction(world->store)))
        return TEND_OK;
    status = catch_up(cache, world, &error);
    if (status < 0 && is_serious(status, world, &error)) {
        *reterr = error;
        return status;
    }
    if (status < 0 && status != TEND_ENOTFOUND)
        tend_log(TEND_LOG_WARN, "kpi", "columns not used", "why", error.text, NULL);
    if (status < 0 || cache->dirty.count > 4 * most_dirty(cache))
        return TEND_OK;
    taken = calloc(1, sizeof *taken);
    dirty = calloc(cache->dirty.count + 1, sizeof *dirty);
    dirt = calloc(cache->dirty.count + 1, sizeof *dirt);
    causes = calloc(cache->dirty.count + 1, sizeof *causes);
    if (!taken || !dirty || !dirt || !causes) {
        free(taken);
        free(dirty);
        free(dirt);
        free(causes);
        return out_of_memory(reterr);
    }
    for (size_t i = 0; i < cache->dirty.count; i++) {
        dirty[i] = cache->dirty.accounts[i].account;
        dirt[i] = cache->dirty.accounts[i].kinds;
        causes[i] = cache->dirty.accounts[i].cause;
    }
    taken->set = cache->set;
    memcpy(taken->touches, cache->touches, sizeof taken->touches);
    taken->cached = (tend_cached){ .chunks = cache->set->chunks,
                                   .dirty = dirty,
                                   .dirt = dirt,
                                   .causes = causes,
                                   .dirty_count = cache->dirty.count,
                                   .seen = cache->seen,
                                   .touches = taken->touches };
    cache->set->users++;
    *ret_cached = &taken->cached;
    return TEND_OK;
}

void tend_cache_give(const tend_cached *cached)
{
    lease *given = (lease *)(uintptr_t)cached; /* its first member */

    if (!given)
        return;
    free((void *)(uintptr_t)cached->dirty);
    free((void *)(uintptr_t)cached->dirt);
    free((void *)(uintptr_t)cached->causes);
    release(given->set);
    free(given);
}

static int compare_accounts(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

uint64_t tend_cached_dirt(const tend_cached *cached, int64_t account)
{
    const int64_t *found =
        cached->dirty_count == 0 ? NULL : bsearch(&account, cached->dirty, cached->dirty_count, sizeof account, compare_accounts);

    return found ? cached->dirt[found - cached->dirty] : 0;
}

int tend_cached_column(const tend_chunk *chunk, const tend_found_input *input, const char *name)
{
    char wanted[TEND_CHUNK_NAME_ROOM];

    tend_cache_name(input, name, wanted);
    return tend_chunk_find(chunk, wanted);
}

/* ---- keeping it -------------------------------------------------------------------------------------------------------- */

static tend_status write_state(tend_cache *cache, state *head, tend_error *reterr)
{
    const size_t length = sizeof *head + head->dirty_count * sizeof(dirty_entry);
    char path[4096], *bytes = calloc(1, length);
    tend_status status = bytes ? path_of(cache, "state", path, sizeof path, reterr) : out_of_memory(reterr);

    if (status >= 0) {
        memcpy(bytes, head, sizeof *head);
        for (uint64_t i = 0; i < head->dirty_count; i++) {
            const dirty_entry entry = { cache->dirty.accounts[i].account, cache->dirty.accounts[i].kinds };

            memcpy(bytes + sizeof *head + i * sizeof entry, &entry, sizeof entry);
        }
        head->hash = hash_state(bytes, length);
        memcpy(bytes, head, sizeof *head);
        status = tend_file_write_atomic(path, bytes, length, 0600, reterr);
    }
    free(bytes);
    return status;
}

/* Files of other generations, and those that a crash left unfinished. `generation` 0: all. */
static void remove_files(const char *folder, uint64_t generation)
{
    DIR *open = opendir(folder);
    char path[4096], ending[40];
    const struct dirent *entry;
    tend_error error;

    (void)snprintf(ending, sizeof ending, "-%" PRIu64 ".columns", generation);
    while (open && (entry = readdir(open)) != NULL) {
        const size_t length = strlen(entry->d_name);

        if (!strstr(entry->d_name, ".columns") && (generation != 0 || strncmp(entry->d_name, "state", 5) != 0))
            continue;
        if (generation != 0 && length > strlen(ending) && strcmp(entry->d_name + length - strlen(ending), ending) == 0)
            continue;
        if (tend_path_join(folder, entry->d_name, path, sizeof path, &error) >= 0)
            (void)unlink(path);
    }
    if (open)
        (void)closedir(open);
}

void tend_cache_remove(const char *folder)
{
    remove_files(folder, 0);
    (void)rmdir(folder);
}

static tend_status build_chunks(tend_cache *cache, const tend_world *world, state *head, tend_error *reterr)
{
    char name[96], path[4096];
    tend_status status = TEND_OK;

    for (int kind = 1; status >= 0 && kind < TEND_KIND_COUNT; kind++) {
        const tend_kind_schema *schema;

        if (cache->wanted_count[kind] == 0)
            continue;
        schema = tend_schema_kind(world->schema, (tend_kind)kind);
        chunk_name(schema, head->generation, name, sizeof name);
        status = path_of(cache, name, path, sizeof path, reterr);
        if (status >= 0)
            status = tend_cache_build(world, schema, cache->wanted[kind], cache->wanted_count[kind], path, reterr);
        head->kinds |= UINT64_C(1) << kind;
    }
    return status;
}

static tend_status build(tend_cache *cache, const tend_world *world, int64_t accounts, tend_error *reterr)
{
    state head = { .magic = STATE_MAGIC, .accounts = (uint64_t)accounts };
    bool is_held = false;
    struct timespec at;
    tend_status status = tend_events_held(world->store, &is_held, reterr);

    if (status < 0 || is_held) /* its rows come and go by chunks of their own; it is built when they are told */
        return status;
    status = tend_events_last(world->store, &head.sequence, reterr);
    if (status >= 0)
        status = tend_events_mark(world->store, head.sequence, &head.mark, reterr);
    if (status >= 0)
        status = key_of(world->store, &head.store, reterr);
    if (status >= 0)
        status = tend_folder_make(cache->folder, 0700, reterr);
    forget(cache);
    (void)clock_gettime(CLOCK_REALTIME, &at); /* no two are the same, whatever became of the state */
    head.generation = (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
    if (status >= 0)
        status = build_chunks(cache, world, &head, reterr);
    if (status >= 0)
        status = write_state(cache, &head, reterr);
    if (status >= 0)
        remove_files(cache->folder, head.generation);
    return status;
}

/* Whether every column that is wanted is there. */
static bool has_wanted(const tend_cache *cache)
{
    for (int kind = 1; kind < TEND_KIND_COUNT; kind++)
        for (size_t i = 0; i < cache->wanted_count[kind]; i++) {
            const tend_chunk *chunk = cache->set->chunks[kind];
            size_t k = 0;

            while (chunk && k < tend_chunk_columns(chunk) && strcmp(tend_chunk_name(chunk, k), cache->wanted[kind][i].name) != 0)
                k++;
            if (!chunk || k == tend_chunk_columns(chunk))
                return false;
        }
    return true;
}

static tend_status keep(tend_cache *cache, const tend_world *world, tend_error *reterr)
{
    int64_t accounts = 0;
    tend_status status = catch_up(cache, world, reterr);

    if (status >= 0 && has_wanted(cache) && cache->dirty.count <= most_dirty(cache)) {
        state head = cache->state;

        if (cache->scanned < EVENTS_PER_STATE)
            return TEND_OK;
        head.sequence = cache->seen;
        head.dirty_count = cache->dirty.count;
        status = tend_events_mark(world->store, head.sequence, &head.mark, reterr);
        return status < 0 ? status : write_state(cache, &head, reterr);
    }
    if (status < 0 && is_serious(status, world, reterr))
        return status;
    status = tend_store_number(world->store, "SELECT count(*) FROM accounts WHERE removed_at IS NULL", 0, &accounts, reterr);
    if (status < 0)
        return status;
    if ((size_t)accounts < cache->least_accounts) {
        forget(cache);
        tend_cache_remove(cache->folder);
        return TEND_OK;
    }
    return build(cache, world, accounts, reterr);
}

tend_status tend_cache_keep(tend_cache *cache, const tend_world *world, tend_error *reterr)
{
    tend_error error = { 0 };
    tend_status status;

    if (!cache || !tend_world_is_live(world))
        return TEND_OK;
    if (cache->is_distrusted) { /* what was broken is not looked at again */
        forget(cache);
        tend_cache_remove(cache->folder);
        cache->is_distrusted = false;
    }
    status = keep(cache, world, &error);
    if (status >= 0)
        return TEND_OK;
    if (is_serious(status, world, &error)) {
        *reterr = error;
        return status;
    }
    tend_log(TEND_LOG_WARN, "kpi", "columns not kept", "why", error.text, NULL);
    return TEND_OK;
}
