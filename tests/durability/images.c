#include "images.h"

#include "platter.h"
#include "store/store.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATES_MAX 8192
#define SEEN_MAX 262144

/* What the store says from some entry on. */
typedef struct state {
    size_t from;
    uint64_t says; /* 0: there is no store */
} state;

typedef struct looker {
    const images_options *options;
    platter disk;
    state states[STATES_MAX];
    size_t state_count;
    char folder[256];
    uint64_t random;
    uint64_t *seen; /* a table of the images that were made */
    images_report report;
} looker;

static void path_in(const looker *looking, const char *name, char *ret_path, size_t room)
{
    if ((size_t)snprintf(ret_path, room, "%s/%s", looking->folder, name) >= room)
        abort();
}

/* Whether such an image was made before. */
static bool is_known(looker *looking, uint64_t image)
{
    uint64_t *slot = &looking->seen[image % SEEN_MAX];

    while (*slot && *slot != image)
        slot = slot == &looking->seen[SEEN_MAX - 1] ? looking->seen : slot + 1;
    if (*slot)
        return true;
    *slot = image;
    return false;
}

/* Any bytes into a hash, with where they end. */
static uint64_t add_cell(uint64_t hash, const unsigned char *at, size_t length)
{
    uint64_t word = length;

    hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
    for (; length >= 8; at += 8, length -= 8) {
        memcpy(&word, at, 8);
        hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
        hash ^= hash >> 32;
    }
    word = 0;
    if (length)
        memcpy(&word, at, length);
    hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
    return hash ^ hash >> 29;
}

static tend_status add_table(tend_store *store, const char *table, uint64_t *hash, tend_error *reterr)
{
    tend_statement *statement = NULL;
    char sql[200];
    bool has_row = true;
    tend_status status;

    (void)snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table); /* in the order of its key */
    *hash = add_cell(*hash, (const unsigned char *)table, strlen(table));
    status = tend_store_prepare(store, sql, &statement, reterr);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const int columns = tend_statement_columns(statement);

        for (int i = 0; i < columns; i++) {
            size_t length = 0;
            const void *cell = tend_statement_bytes(statement, i, &length);

            *hash = tend_statement_is_null(statement, i) ? *hash * 31 + 7 : add_cell(*hash, cell, length);
        }
        *hash = *hash * 33 + 1;
    }
    tend_statement_end(statement);
    return status;
}

static uint64_t store_says(tend_store *store, tend_error *reterr)
{
    tend_statement *tables = NULL;
    uint64_t says = 1;
    bool has_row = true;
    tend_status status = tend_store_tables(store, &tables, reterr);

    while (status >= 0 && (status = tend_statement_step(tables, &has_row, reterr)) >= 0 && has_row)
        status = add_table(store, tend_statement_text(tables, 0, NULL), &says, reterr);
    tend_statement_end(tables);
    return status < 0 ? 0 : says ? says : 1;
}

uint64_t image_says(const char *path, tend_error *reterr)
{
    tend_store *store = NULL;
    uint64_t says = 0;

    if (tend_store_open(path, TEND_STORE_READ, &store, reterr) >= 0)
        says = store_says(store, reterr);
    tend_store_close(store);
    return says;
}

/* ---- what was promised ---- */

/* The last state that must be there at least, when the power goes after `done` entries. */
static size_t promised_at(const looker *looking, size_t done)
{
    const images_options *options = looking->options;
    const image_promise *last = NULL;
    size_t found = 0;

    for (size_t i = 0; i < options->promise_count; i++) {
        const image_promise *promise = &options->promises[i];

        if ((options->tells_too_soon ? promise->asked : promise->told) <= done)
            last = promise;
    }
    for (size_t i = 0; last && i < looking->state_count; i++)
        if (looking->states[i].from <= last->told && looking->states[i].says == last->says)
            found = i;
    return found;
}

static void failed(looker *looking, long *counter, const platter_choice *made, const char *what)
{
    images_report *report = &looking->report;

    if (report->lost + report->twice + report->corrupt == 0)
        (void)snprintf(report->first, sizeof report->first, "cut after entry %zu of %zu, %s: %s", looking->disk.done, disk_length(),
                       platter_mode_name(made->mode), what);
    ++*counter;
}

/* One more transaction on what is left. */
static tend_status goes_on(tend_store *store, tend_error *reterr)
{
    tend_status status = tend_store_begin(store, reterr);

    if (status >= 0)
        status = tend_store_meta_set(store, "after", "the power cut", reterr);
    if (status >= 0)
        status = tend_store_commit(store, reterr);
    return status < 0 ? status : tend_store_check(store, reterr);
}

static void look_at_copy(looker *looking, const platter_choice *made)
{
    const images_options *options = looking->options;
    const bool is_promised = options->copied.told <= looking->disk.done;
    tend_error error = { 0 };
    tend_store *store = NULL;
    char path[400];

    path_in(looking, options->copy, path, sizeof path);
    if (access(path, F_OK) != 0) {
        if (is_promised)
            failed(looking, &looking->report.lost, made, "the copy is not there");
        return;
    }
    if (tend_store_open(path, TEND_STORE_READ, &store, &error) < 0 || tend_store_check(store, &error) < 0)
        failed(looking, &looking->report.corrupt, made, error.text);
    else if (store_says(store, &error) != options->copied.says)
        failed(looking, &looking->report.twice, made, "the copy says something else than what was copied");
    tend_store_close(store);
}

/* The image in the folder against what was promised. */
static void look(looker *looking, const platter_choice *made, size_t promised)
{
    images_report *report = &looking->report;
    const bool is_thorough = report->images % 8 == 0;
    tend_error error = { 0 };
    tend_store *store = NULL;
    tend_status status;
    uint64_t says = 0;
    size_t latest = 0, i;
    char path[400], *what = NULL;
    bool is_there;

    report->images++;
    path_in(looking, looking->options->store, path, sizeof path);
    is_there = access(path, F_OK) == 0;
    status = tend_store_open(path, is_there ? TEND_STORE_WRITE : TEND_STORE_CREATE, &store, &error);
    if (status >= 0)
        status = tend_store_check(store, &error);
    if (status >= 0 && is_there) {
        says = store_says(store, &error);
        status = says ? TEND_OK : error.status;
    }
    if (status >= 0 && is_thorough)
        status = goes_on(store, &error);
    tend_store_close(store);
    if (status < 0) {
        failed(looking, &report->corrupt, made, error.text);
        return;
    }
    while (latest + 1 < looking->state_count && looking->states[latest + 1].from <= looking->disk.done)
        latest++;
    for (i = looking->state_count; i-- > 0;)
        if (looking->states[i].says == says && i <= latest)
            break;
    if (i == SIZE_MAX)
        failed(looking, &report->twice, made, "it says what no transaction left");
    else if (i < promised && asprintf(&what, "it is at state %zu, %zu was promised", i, promised) > 0)
        failed(looking, &report->lost, made, what);
    else if (looking->options->copy)
        look_at_copy(looking, made);
    free(what);
}

/* Images of the cuts after entries `first` to `end` - 1, `count` of them. */
static void work(looker *looking, size_t first, size_t end, long count)
{
    const char *forgets = looking->options->skips_database ? looking->options->store : NULL;
    double owed = 0;

    while (looking->disk.done < first)
        platter_step(&looking->disk, forgets);
    for (; looking->disk.done < end; platter_step(&looking->disk, forgets)) {
        const size_t promised = promised_at(looking, looking->disk.done);
        int tries = 400; /* few writes in flight make few images: what is owed there is made where there are more */

        owed += (double)count / (double)(end - first);
        for (; owed >= 1 && tries > 0; tries--) {
            const platter_mode mode = (platter_mode)platter_below(&looking->random, PLATTER_MODES);
            const platter_choice made = platter_choose(&looking->disk, &looking->random, mode);

            if (is_known(looking, platter_foresee(&looking->disk, &made) ^ (promised + 1) << 20))
                continue;
            platter_write(&looking->disk, &made, looking->folder);
            look(looking, &made, promised);
            owed -= 1;
        }
    }
}

/* ---- the states that the store went through ---- */

/* Whether with this entry a transaction is whole in the log, or the store appears. */
static bool may_commit(size_t at, const char *store)
{
    const disk_entry *entry = &disk_log()[at];
    char log[DISK_NAME_ROOM + 8];

    if (entry->what == DISK_RENAME)
        return strcmp(entry->name, store) == 0;
    (void)snprintf(log, sizeof log, "%s-wal", store);
    if (at == 0 || entry->what != DISK_WRITE || strcmp(entry->name, log) != 0 || entry->length < 512)
        return false;
    entry--; /* the frame's head: how many pages the database then has, when it is the last of its transaction */
    return entry->what == DISK_WRITE && entry->length == 24 && memcmp(entry->bytes + 4, "\0\0\0\0", 4) != 0;
}

static void add_state(looker *looking, size_t from, uint64_t says)
{
    if (looking->state_count == STATES_MAX)
        abort();
    looking->states[looking->state_count++] = (state){ from, says };
}

/* What the store said itself at its promises; where it made none between two commits, it is asked on the whole disk. */
static void find_states(looker *looking)
{
    const images_options *options = looking->options;
    const image_promise *promise = options->promises, *end = promise + options->promise_count;
    char path[400];

    path_in(looking, options->store, path, sizeof path);
    add_state(looking, 0, 0);
    while (looking->disk.done < disk_length()) {
        size_t next = looking->disk.done + 1;
        tend_error error = { 0 };
        platter_choice all = { .mode = PLATTER_KEPT };

        platter_step(&looking->disk, NULL);
        if (!may_commit(next - 1, options->store))
            continue;
        while (promise < end && promise->told < looking->disk.done)
            promise++;
        while (next < disk_length() && !may_commit(next, options->store))
            next++;
        if (promise < end && promise->told <= next) {
            add_state(looking, looking->disk.done, promise->says);
            continue;
        }
        all.names = looking->disk.pending_name_count;
        platter_write(&looking->disk, &all, looking->folder);
        add_state(looking, looking->disk.done, image_says(path, &error));
        if (!looking->states[looking->state_count - 1].says) {
            (void)fprintf(stderr, "%s\n", error.text);
            abort();
        }
    }
}

static void begin_folder(looker *looking)
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    (void)snprintf(looking->folder, sizeof looking->folder, "%s/tend-images-XXXXXX", base);
    if (!mkdtemp(looking->folder))
        abort();
}

static void end_folder(looker *looking)
{
    platter_clean(looking->folder);
    (void)rmdir(looking->folder);
}

static void gather(images_report *whole, const images_report *part)
{
    if (whole->lost + whole->twice + whole->corrupt == 0)
        memcpy(whole->first, part->first, sizeof whole->first);
    whole->images += part->images;
    whole->lost += part->lost;
    whole->twice += part->twice;
    whole->corrupt += part->corrupt;
}

images_report images_check(const images_options *options)
{
    looker *looking = calloc(1, sizeof *looking);
    const int workers = options->workers;
    const size_t entries = disk_length() + 1;
    images_report whole = { 0 }, part;
    int pipe_fds[2];

    if (!looking || pipe2(pipe_fds, O_CLOEXEC) != 0)
        abort();
    looking->options = options;
    looking->random = options->seed;
    begin_folder(looking);
    find_states(looking);
    end_folder(looking);
    platter_clear(&looking->disk);
    for (int i = 0; i < workers; i++) {
        const pid_t child = fork();

        if (child != 0)
            continue;
        looking->random += (uint64_t)i;
        looking->seen = calloc(SEEN_MAX, sizeof *looking->seen);
        begin_folder(looking);
        work(looking, entries * (size_t)i / (size_t)workers, entries * (size_t)(i + 1) / (size_t)workers,
             options->count / workers + (i < options->count % workers));
        end_folder(looking);
        _exit(write(pipe_fds[1], &looking->report, sizeof looking->report) == (ssize_t)sizeof looking->report ? 0 : 1);
    }
    (void)close(pipe_fds[1]);
    for (int i = 0; i < workers; i++) {
        if (read(pipe_fds[0], &part, sizeof part) != (ssize_t)sizeof part)
            abort();
        gather(&whole, &part);
    }
    (void)close(pipe_fds[0]);
    for (int i = 0; i < workers; i++)
        (void)wait(NULL);
    platter_clear(&looking->disk);
    free(looking);
    return whole;
}
