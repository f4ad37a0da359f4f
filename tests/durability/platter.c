#include "platter.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *platter_mode_name(platter_mode mode)
{
    static const char *const names[] = { "all unsynced lost",  "all kept",           "kept up to a write torn in two",
                                         "any of the writes",  "one write lost",     "one write kept",
                                         "any sectors of 512", "any sectors of 4096" };

    return names[mode];
}

uint64_t platter_random(uint64_t *from)
{
    uint64_t z = (*from += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

size_t platter_below(uint64_t *from, size_t end)
{
    return end == 0 ? 0 : (size_t)(platter_random(from) % end);
}

static void bytes_size(platter_bytes *of, size_t length)
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

static void bytes_put(platter_bytes *of, size_t offset, const unsigned char *from, size_t length)
{
    if (offset + length > of->length)
        bytes_size(of, offset + length);
    if (length > 0)
        memcpy(of->at + offset, from, length);
}

/* ---- the disk, entry by entry ---- */

static void apply(platter_bytes *to, const disk_entry *entry)
{
    if (entry->what == DISK_WRITE)
        bytes_put(to, (size_t)entry->offset, entry->bytes, entry->length);
    else if (entry->what == DISK_TRUNCATE && (size_t)entry->offset < to->length)
        to->length = (size_t)entry->offset;
}

static void apply_name(char names[PLATTER_FILES][DISK_NAME_ROOM], const disk_entry *entry)
{
    if (entry->what == DISK_REMOVE) {
        names[entry->file][0] = '\0';
        return;
    }
    for (int i = 0; i < PLATTER_FILES; i++) /* a rename replaces */
        if (strcmp(names[i], entry->name) == 0)
            names[i][0] = '\0';
    memcpy(names[entry->file], entry->name, DISK_NAME_ROOM);
}

static void sync_file(platter_file *file)
{
    file->version += file->pending_count;
    for (size_t i = 0; i < file->pending_count; i++)
        apply(&file->synced, &disk_log()[file->pending[i]]);
    file->pending_count = 0;
}

void platter_step(platter *disk, const char *forgets)
{
    const size_t at = disk->done++;
    const disk_entry *entry = &disk_log()[at];
    platter_file *file = entry->file >= 0 ? &disk->files[entry->file] : NULL;

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
        if (!forgets || strcmp(entry->name, forgets) != 0)
            sync_file(file);
        break;
    case DISK_CREATE:
    case DISK_REMOVE:
    case DISK_RENAME:
        if (disk->pending_name_count == PLATTER_PENDING_NAMES)
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

static void decided(platter_choice *made, uint64_t what)
{
    made->known ^= what;
    (void)platter_random(&made->known);
    made->known = platter_random(&made->known);
}

static void apply_sectors(platter_bytes *to, const disk_entry *entry, size_t sector, uint64_t seed, size_t i, size_t pending,
                          platter_choice *made)
{
    size_t at = (size_t)entry->offset, end = at + entry->length;

    while (at < end) {
        const size_t stop = (at / sector + 1) * sector < end ? (at / sector + 1) * sector : end;
        uint64_t random = seed ^ at / sector;
        const size_t cut = platter_below(&random, pending + 1); /* this sector has seen so many of the writes */

        if (i < cut) {
            if (to)
                bytes_put(to, at, entry->bytes + (at - (size_t)entry->offset), stop - at);
            decided(made, i << 32 | at / sector);
        }
        at = stop;
    }
}

static bool is_kept(platter_choice *made, size_t entry)
{
    switch (made->mode) {
    case PLATTER_KEPT:
        return true;
    case PLATTER_ORDERED:
        return entry < made->entry;
    case PLATTER_WRITES:
        return platter_below(&made->random, 100) < made->percent;
    case PLATTER_ONE_LOST:
        return entry != made->entry;
    case PLATTER_ONE_KEPT:
        return entry == made->entry;
    default:
        return false;
    }
}

/* `to` NULL: only what would be decided. */
static void make_file(const platter *disk, int number, platter_choice *made, platter_bytes *to)
{
    const platter_file *file = &disk->files[number];
    const uint64_t seed = platter_random(&made->random);
    uint64_t random = seed;
    const size_t truncations = platter_below(&random, file->pending_count + 1);

    if (to) {
        to->length = 0;
        bytes_put(to, 0, file->synced.at, file->synced.length);
    }
    decided(made, (uint64_t)number << 40 | file->version);
    for (size_t i = 0; i < file->pending_count; i++) {
        const size_t at = file->pending[i];
        const disk_entry *entry = &disk_log()[at];
        const bool by_sectors = made->mode == PLATTER_SECTORS_512 || made->mode == PLATTER_SECTORS_4096;

        if (by_sectors && entry->what == DISK_WRITE) {
            apply_sectors(to, entry, made->mode == PLATTER_SECTORS_512 ? 512 : 4096, seed, i, file->pending_count, made);
        } else if (made->mode == PLATTER_ORDERED && at == made->entry && entry->what == DISK_WRITE) {
            apply_sectors(to, entry, 512, seed, 0, 1, made);
        } else if (by_sectors ? i < truncations : is_kept(made, at)) {
            if (to)
                apply(to, entry);
            decided(made, at);
        }
    }
}

static void path_in(const char *folder, const char *name, char *ret_path, size_t room)
{
    if ((size_t)snprintf(ret_path, room, "%s/%s", folder, name) >= room)
        abort();
}

static void write_file(const char *folder, const char *name, const platter_bytes *from)
{
    char path[400];
    size_t done = 0;
    int fd;

    path_in(folder, name, path, sizeof path);
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

static bool is_named(char names[PLATTER_FILES][DISK_NAME_ROOM], const char *name)
{
    for (int i = 0; i < PLATTER_FILES; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Removes what the image before had besides `names` (NULL: all of it). The index beside the log stays: it outlives a power cut too,
 * and is never true then. */
static void clean_folder(const char *path_of_folder, char names[PLATTER_FILES][DISK_NAME_ROOM])
{
    DIR *folder = opendir(path_of_folder);
    struct dirent *found;
    char path[400];

    while (folder && (found = readdir(folder)) != NULL) {
        const size_t length = strlen(found->d_name);

        if (names && (is_named(names, found->d_name) || (length > 4 && strcmp(found->d_name + length - 4, "-shm") == 0)))
            continue;
        path_in(path_of_folder, found->d_name, path, sizeof path);
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
            (void)unlink(path);
    }
    (void)closedir(folder);
}

/* What the files of the image are called. */
static void name_files(const platter *disk, const platter_choice *choice, char ret_names[PLATTER_FILES][DISK_NAME_ROOM])
{
    memcpy(ret_names, disk->names, sizeof disk->names);
    for (size_t i = 0; i < choice->names; i++)
        apply_name(ret_names, &disk_log()[disk->pending_names[i]]);
}

uint64_t platter_foresee(const platter *disk, const platter_choice *choice)
{
    char names[PLATTER_FILES][DISK_NAME_ROOM];
    platter_choice made = *choice;

    name_files(disk, choice, names);
    for (int i = 0; i < PLATTER_FILES; i++) {
        if (!names[i][0])
            continue;
        make_file(disk, i, &made, NULL);
        decided(&made, (uint64_t)names[i][strlen(names[i]) - 1]);
    }
    return made.known;
}

void platter_write(platter *disk, const platter_choice *choice, const char *folder)
{
    char names[PLATTER_FILES][DISK_NAME_ROOM];
    platter_choice made = *choice;

    name_files(disk, choice, names);
    clean_folder(folder, names);
    for (int i = 0; i < PLATTER_FILES; i++) {
        if (!names[i][0])
            continue;
        make_file(disk, i, &made, &disk->scratch);
        write_file(folder, names[i], &disk->scratch);
    }
}

void platter_clean(const char *folder)
{
    clean_folder(folder, NULL);
}

platter_choice platter_choose(const platter *disk, uint64_t *random, platter_mode mode)
{
    size_t pending = 0, nth;
    platter_choice made = { .mode = mode, .random = platter_random(random), .entry = SIZE_MAX };

    made.percent = (unsigned[]){ 10, 50, 90 }[platter_below(&made.random, 3)];
    made.names = mode == PLATTER_LOST   ? 0
                 : mode == PLATTER_KEPT ? disk->pending_name_count
                                        : platter_below(&made.random, disk->pending_name_count + 1);
    for (int i = 0; i < PLATTER_FILES; i++)
        pending += disk->files[i].pending_count;
    nth = platter_below(&made.random, pending);
    for (int i = 0; i < PLATTER_FILES && pending; i++) {
        if (nth < disk->files[i].pending_count) {
            made.entry = disk->files[i].pending[nth];
            break;
        }
        nth -= disk->files[i].pending_count;
    }
    return made;
}

void platter_clear(platter *disk)
{
    for (int i = 0; i < PLATTER_FILES; i++) {
        free(disk->files[i].synced.at);
        free(disk->files[i].pending);
    }
    free(disk->scratch.at);
    memset(disk, 0, sizeof *disk);
}
