#include "images.h"

#include "store/store.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_MAX 512
#define STATES_MAX 8192
#define PENDING_NAMES_MAX 4096
#define SEEN_MAX 262144

/* What of the unsynced an image has. */
typedef enum image_mode {
    MODE_LOST,    /* nothing */
    MODE_KEPT,    /* everything, as after kill -9 */
    MODE_ORDERED, /* up to some write, and a part of that one */
    MODE_WRITES,  /* each write or not */
    MODE_ONE_LOST,
    MODE_ONE_KEPT,
    MODE_SECTORS_512, /* each sector as it was at some point since the last sync */
    MODE_SECTORS_4096,
    MODES
} image_mode;

typedef struct bytes {
    unsigned char *at;
    size_t length, room;
} bytes;

typedef struct inode {
    bytes synced;
    uint64_t version;
    size_t *pending; /* entries of the log */
    size_t pending_count, pending_room;
} inode;

typedef struct platter {
    inode files[FILES_MAX];
    char names[FILES_MAX][DISK_NAME_ROOM]; /* as synced; "": none */
    size_t pending_names[PENDING_NAMES_MAX];
    size_t pending_name_count;
    size_t done; /* entries */
} platter;

/* What the store says from some entry on. */
typedef struct state {
    size_t from;
    uint64_t says; /* 0: there is no store */
} state;

typedef struct looker {
    const images_options *options;
    platter disk;
    bytes scratch;
    state states[STATES_MAX];
    size_t state_count;
    char folder[256];
    uint64_t random;
    uint64_t *seen; /* a table of the images that were made */
    images_report report;
} looker;

/* How one image is made of the unsynced. */
typedef struct choice {
    image_mode mode;
    uint64_t random;
    size_t entry;     /* MODE_ORDERED, MODE_ONE_…: that one */
    unsigned percent; /* MODE_WRITES: kept */
    size_t names;     /* of the pending names, the first */
    uint64_t known;   /* a hash of all that was decided */
} choice;

static const char *const mode_names[] = { "all unsynced lost",  "all kept",           "kept up to a write torn in two",
                                          "any of the writes",  "one write lost",     "one write kept",
                                          "any sectors of 512", "any sectors of 4096" };

static uint64_t next_random(uint64_t *from)
{
    uint64_t z = (*from += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t below(uint64_t *from, size_t end)
{
    return end == 0 ? 0 : (size_t)(next_random(from) % end);
}

static void bytes_size(bytes *of, size_t length)
{
    if (length > of->room) {
        of->room = length < 65536 ? 65536 : length * 2;
        of->at = realloc(of->at, of->room);
        if (!of->at)
            abort();
    }
    if (length > of->length)
        memset(of->at + of->length, 0, length - of->length);
    of->length = length;
}

static void bytes_put(bytes *of, size_t offset, const unsigned char *from, size_t length)
{
    if (offset + length > of->length)
        bytes_size(of, offset + length);
    memcpy(of->at + offset, from, length);
}

/* ---- the disk, entry by entry ---- */

static void apply(bytes *to, const disk_entry *entry)
{
    if (entry->what == DISK_WRITE)
        bytes_put(to, (size_t)entry->offset, entry->bytes, entry->length);
    else if (entry->what == DISK_TRUNCATE && (size_t)entry->offset < to->length)
        to->length = (size_t)entry->offset;
}

static void apply_name(char names[FILES_MAX][DISK_NAME_ROOM], const disk_entry *entry)
{
    if (entry->what == DISK_REMOVE) {
        names[entry->file][0] = '\0';
        return;
    }
    for (int i = 0; i < FILES_MAX; i++) /* a rename replaces */
        if (strcmp(names[i], entry->name) == 0)
            names[i][0] = '\0';
    memcpy(names[entry->file], entry->name, DISK_NAME_ROOM);
}

static void sync_file(inode *file)
{
    file->version += file->pending_count;
    for (size_t i = 0; i < file->pending_count; i++)
        apply(&file->synced, &disk_log()[file->pending[i]]);
    file->pending_count = 0;
}

static bool is_forgotten(const images_options *options, const disk_entry *entry)
{
    return options->skips_database && strcmp(entry->name, options->store) == 0;
}

static void step(platter *disk, const images_options *options)
{
    const size_t at = disk->done++;
    const disk_entry *entry = &disk_log()[at];
    inode *file = entry->file >= 0 ? &disk->files[entry->file] : NULL;

    switch (entry->what) {
    case DISK_WRITE:
    case DISK_TRUNCATE:
        if (file->pending_count == file->pending_room) {
            file->pending_room = file->pending_room ? file->pending_room * 2 : 64;
            file->pending = realloc(file->pending, file->pending_room * sizeof *file->pending);
            if (!file->pending)
                abort();
        }
        file->pending[file->pending_count++] = at;
        break;
    case DISK_SYNC:
        if (!is_forgotten(options, entry))
            sync_file(file);
        break;
    case DISK_CREATE:
    case DISK_REMOVE:
    case DISK_RENAME:
        if (disk->pending_name_count == PENDING_NAMES_MAX)
            abort();
        disk->pending_names[disk->pending_name_count++] = at;
        break;
    case DISK_SYNC_FOLDER:
        for (size_t i = 0; i < disk->pending_name_count; i++)
            apply_name(disk->names, &disk_log()[disk->pending_names[i]]);
        disk->pending_name_count = 0;
        break;
    }
}

/* ---- an image ---- */

static void decided(choice *made, uint64_t what)
{
    made->known ^= what;
    (void)next_random(&made->known);
    made->known = next_random(&made->known);
}

static void apply_sectors(bytes *to, const disk_entry *entry, size_t sector, uint64_t seed, size_t i, size_t pending, choice *made)
{
    size_t at = (size_t)entry->offset, end = at + entry->length;

    while (at < end) {
        const size_t stop = (at / sector + 1) * sector < end ? (at / sector + 1) * sector : end;
        uint64_t random = seed ^ at / sector;
        const size_t cut = below(&random, pending + 1); /* this sector has seen so many of the writes */

        if (i < cut) {
            if (to)
                bytes_put(to, at, entry->bytes + (at - (size_t)entry->offset), stop - at);
            decided(made, i << 32 | at / sector);
        }
        at = stop;
    }
}

static bool is_kept(choice *made, size_t entry)
{
    switch (made->mode) {
    case MODE_KEPT:
        return true;
    case MODE_ORDERED:
        return entry < made->entry;
    case MODE_WRITES:
        return below(&made->random, 100) < made->percent;
    case MODE_ONE_LOST:
        return entry != made->entry;
    case MODE_ONE_KEPT:
        return entry == made->entry;
    default:
        return false;
    }
}

/* `to` NULL: only what would be decided. */
static void make_file(const looker *looking, int number, choice *made, bytes *to)
{
    const inode *file = &looking->disk.files[number];
    const uint64_t seed = next_random(&made->random);
    uint64_t random = seed;
    const size_t truncations = below(&random, file->pending_count + 1);

    if (to) {
        to->length = 0;
        bytes_put(to, 0, file->synced.at, file->synced.length);
    }
    decided(made, (uint64_t)number << 40 | file->version);
    for (size_t i = 0; i < file->pending_count; i++) {
        const size_t at = file->pending[i];
        const disk_entry *entry = &disk_log()[at];
        const bool by_sectors = made->mode == MODE_SECTORS_512 || made->mode == MODE_SECTORS_4096;

        if (by_sectors && entry->what == DISK_WRITE) {
            apply_sectors(to, entry, made->mode == MODE_SECTORS_512 ? 512 : 4096, seed, i, file->pending_count, made);
        } else if (made->mode == MODE_ORDERED && at == made->entry && entry->what == DISK_WRITE) {
            apply_sectors(to, entry, 512, seed, 0, 1, made);
        } else if (by_sectors ? i < truncations : is_kept(made, at)) {
            if (to)
                apply(to, entry);
            decided(made, at);
        }
    }
}

static void path_in(const looker *looking, const char *name, char *ret_path, size_t room)
{
    if ((size_t)snprintf(ret_path, room, "%s/%s", looking->folder, name) >= room)
        abort();
}

static void write_file(const looker *looking, const char *name, const bytes *from)
{
    char path[400];
    size_t done = 0;
    int fd;

    path_in(looking, name, path, sizeof path);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        abort();
    while (done < from->length) {
        const ssize_t written = write(fd, from->at + done, from->length - done);

        if (written <= 0)
            abort();
        done += (size_t)written;
    }
    if (ftruncate(fd, (off_t)from->length) != 0)
        abort();
    (void)close(fd);
}

static bool is_named(char names[FILES_MAX][DISK_NAME_ROOM], const char *name)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Removes what the image before had besides `names` (NULL: all of it). The index beside the log stays: it outlives a power cut too,
 * and is never true then. */
static void clean_folder(const looker *looking, char names[FILES_MAX][DISK_NAME_ROOM])
{
    DIR *folder = opendir(looking->folder);
    struct dirent *found;
    char path[400];

    while (folder && (found = readdir(folder)) != NULL) {
        const size_t length = strlen(found->d_name);

        if (names && (is_named(names, found->d_name) || (length > 4 && strcmp(found->d_name + length - 4, "-shm") == 0)))
            continue;
        path_in(looking, found->d_name, path, sizeof path);
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
            (void)unlink(path);
    }
    (void)closedir(folder);
}

/* The files of an image in the worker's folder; false, and nothing is written, when it was made before. */
static bool make_image(looker *looking, choice *made, uint64_t promised, bool is_any)
{
    const choice begun = *made;
    char names[FILES_MAX][DISK_NAME_ROOM];

    memcpy(names, looking->disk.names, sizeof names);
    for (size_t i = 0; i < made->names; i++)
        apply_name(names, &disk_log()[looking->disk.pending_names[i]]);
    for (int pass = is_any ? 1 : 0; pass < 2; pass++) { /* first only what it would be */
        *made = begun;
        decided(made, promised);
        if (pass == 1)
            clean_folder(looking, names);
        for (int i = 0; i < FILES_MAX; i++) {
            if (!names[i][0])
                continue;
            make_file(looking, i, made, pass ? &looking->scratch : NULL);
            decided(made, (uint64_t)names[i][strlen(names[i]) - 1]);
            if (pass == 1)
                write_file(looking, names[i], &looking->scratch);
        }
        if (pass == 0) {
            uint64_t *slot = &looking->seen[made->known % SEEN_MAX];

            while (*slot && *slot != made->known)
                slot = slot == &looking->seen[SEEN_MAX - 1] ? looking->seen : slot + 1;
            if (*slot)
                return false;
            *slot = made->known;
        }
    }
    return true;
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

static void failed(looker *looking, long *counter, const choice *made, const char *what)
{
    images_report *report = &looking->report;

    if (report->lost + report->twice + report->corrupt == 0)
        (void)snprintf(report->first, sizeof report->first, "cut after entry %zu of %zu, %s: %s", looking->disk.done, disk_length(),
                       mode_names[made->mode], what);
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

static void look_at_copy(looker *looking, const choice *made)
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
static void look(looker *looking, const choice *made, size_t promised)
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

/* A way to treat what is unsynced now; false when there is nothing to choose any more. */
static choice choose(looker *looking, image_mode mode)
{
    platter *disk = &looking->disk;
    size_t pending = 0, nth;
    choice made = { .mode = mode, .random = next_random(&looking->random), .entry = SIZE_MAX };

    made.percent = (unsigned[]){ 10, 50, 90 }[below(&made.random, 3)];
    made.names = mode == MODE_LOST   ? 0
                 : mode == MODE_KEPT ? disk->pending_name_count
                                     : below(&made.random, disk->pending_name_count + 1);
    for (int i = 0; i < FILES_MAX; i++)
        pending += disk->files[i].pending_count;
    nth = below(&made.random, pending);
    for (int i = 0; i < FILES_MAX && pending; i++) {
        if (nth < disk->files[i].pending_count) {
            made.entry = disk->files[i].pending[nth];
            break;
        }
        nth -= disk->files[i].pending_count;
    }
    return made;
}

/* Images of the cuts after entries `first` to `end` - 1, `count` of them. */
static void work(looker *looking, size_t first, size_t end, long count)
{
    double owed = 0;

    while (looking->disk.done < first)
        step(&looking->disk, looking->options);
    for (; looking->disk.done < end; step(&looking->disk, looking->options)) {
        const size_t promised = promised_at(looking, looking->disk.done);
        int tries = 24;

        owed += (double)count / (double)(end - first);
        for (; owed >= 1 && tries > 0; tries--) {
            choice made = choose(looking, (image_mode)below(&looking->random, MODES));

            if (!make_image(looking, &made, promised, false))
                continue;
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
        choice all = { .mode = MODE_KEPT };

        step(&looking->disk, options);
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
        (void)make_image(looking, &all, 0, true);
        add_state(looking, looking->disk.done, image_says(path, &error));
        if (!looking->states[looking->state_count - 1].says) {
            (void)fprintf(stderr, "%s\n", error.text);
            abort();
        }
    }
}

static void clear(platter *disk)
{
    for (int i = 0; i < FILES_MAX; i++) {
        free(disk->files[i].synced.at);
        free(disk->files[i].pending);
    }
    memset(disk, 0, sizeof *disk);
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
    clean_folder(looking, NULL);
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
    clear(&looking->disk);
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
    clear(&looking->disk);
    free(looking->scratch.at);
    free(looking);
    return whole;
}
