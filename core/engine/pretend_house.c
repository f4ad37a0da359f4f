/* pretend_house.c: the folder of a run of tests, and stores to begin with. */
#include "base/file.h"
#include "engine/pretend_inside.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An empty store whose playbooks were loaded and checked under this configuration at this time. */
typedef struct store_template {
    struct store_template *next;
    const char *ini, *path;
    tend_time now;
} store_template;

struct tend_pretend_house {
    tend_arena *arena; /* owned */
    char folder[PATH_MAX];
    store_template *templates;
    unsigned rooms, stores;
};

tend_status tend_pretend_house_open(tend_pretend_house **ret_house, tend_error *reterr)
{
    const char *base = getenv("TMPDIR");
    tend_pretend_house *house = calloc(1, sizeof *house);

    if (house)
        house->arena = tend_arena_new();
    if (!house || !house->arena) {
        free(house);
        return pretend_no_memory(reterr);
    }
    (void)snprintf(house->folder, sizeof house->folder, "%.3000s/tend-world-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(house->folder)) {
        tend_status status =
            tend_fail(reterr, TEND_EIO, "%s: cannot be made (%s); name another folder in TMPDIR", house->folder, strerror(errno));

        tend_arena_free(house->arena);
        free(house);
        return status;
    }
    *ret_house = house;
    return TEND_OK;
}

static int remove_one(const char *path, const struct stat *about, int sort, struct FTW *place)
{
    (void)about;
    (void)sort;
    (void)place;
    return remove(path);
}

void pretend_house_clear(const char *folder)
{
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void tend_pretend_house_close(tend_pretend_house *house)
{
    if (!house)
        return;
    pretend_house_clear(house->folder);
    tend_arena_free(house->arena);
    free(house);
}

static tend_status link_to(const char *scripts, const char *name, const char *folder, tend_error *reterr)
{
    char from[PATH_MAX + 16], to[PATH_MAX + 16];

    (void)snprintf(from, sizeof from, "%s/%s", scripts, name);
    (void)snprintf(to, sizeof to, "%s/%s", folder, name);
    if (tend_file_exists(from) && symlink(from, to) < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be made: %s", to, strerror(errno));
    return TEND_OK;
}

tend_status pretend_house_room(tend_pretend_house *house, const char *scripts, char ret_folder[PATH_MAX], tend_error *reterr)
{
    static const char *const names[] = { "lib", "texts", "calendars" };
    char path[PATH_MAX + 16];
    tend_status status;

    (void)snprintf(ret_folder, PATH_MAX, "%.4000s/%u", house->folder, house->rooms++);
    status = tend_folder_make(ret_folder, 0700, reterr);
    (void)snprintf(path, sizeof path, "%s/playbooks", scripts);
    if (status >= 0 && tend_file_exists(path)) {
        status = link_to(scripts, "playbooks", ret_folder, reterr);
    } else if (status >= 0) { /* a folder with nothing but playbooks */
        (void)snprintf(path, sizeof path, "%s/playbooks", ret_folder);
        if (symlink(scripts, path) < 0)
            status = tend_fail(reterr, TEND_EIO, "%s: cannot be made: %s", path, strerror(errno));
    }
    for (size_t i = 0; status >= 0 && i < sizeof names / sizeof *names; i++)
        status = link_to(scripts, names[i], ret_folder, reterr);
    return status;
}

static tend_status copy(const char *from, const char *to, tend_error *reterr)
{
    char block[65536];
    ssize_t count = 0;
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_whole = in >= 0 && out >= 0;

    while (is_whole && (count = read(in, block, sizeof block)) > 0)
        is_whole = write(out, block, (size_t)count) == count;
    is_whole = is_whole && count == 0;
    if (in >= 0)
        (void)close(in);
    if (out >= 0)
        (void)close(out);
    return is_whole ? TEND_OK : tend_fail(reterr, TEND_EIO, "%s: cannot be written: %s", to, strerror(errno));
}

/* Faults of the configuration, as one sentence. */
static tend_status say_faults(char *text, size_t length, tend_error *reterr)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\n')
            text[i] = i + 1 < length ? ';' : '\0';
    return tend_fail(reterr, TEND_EINVAL, "the world's configuration: %s", text);
}

/* Makes the store in `folder` and has the playbooks loaded and checked. */
static tend_status make_store(const char *folder, tend_clock clock, tend_error *reterr)
{
    char *text = NULL;
    size_t length = 0;
    FILE *faults = open_memstream(&text, &length);
    tend_workspace *workspace = NULL;
    tend_playbooks *playbooks;
    tend_status status =
        faults ? tend_workspace_open(folder, TEND_STORE_CREATE, clock, faults, &workspace, reterr) : pretend_no_memory(reterr);

    if (status >= 0)
        status = tend_store_set_durable(tend_workspace_store(workspace), false, reterr);
    if (status >= 0)
        status = tend_workspace_playbooks(workspace, &playbooks, reterr);
    tend_workspace_close(workspace);
    if (faults)
        (void)fclose(faults);
    if (status == TEND_EINVAL && length > 0)
        status = say_faults(text, length, reterr);
    free(text);
    return status;
}

tend_status pretend_house_store(tend_pretend_house *house, const char *folder, const char *ini, tend_clock clock, tend_time now,
                                tend_error *reterr)
{
    char path[PATH_MAX + 16];
    store_template *made = house->templates;
    tend_status status;

    (void)snprintf(path, sizeof path, "%s/tend.db", folder);
    while (made && (made->now != now || strcmp(made->ini, ini) != 0))
        made = made->next;
    if (made)
        return copy(made->path, path, reterr);
    status = make_store(folder, clock, reterr);
    if (status < 0)
        return status;
    made = tend_arena_take(house->arena, sizeof *made);
    if (made)
        *made = (store_template){ .next = house->templates,
                                  .ini = tend_arena_string(house->arena, ini),
                                  .path = tend_arena_print(house->arena, "%s/empty-%u.db", house->folder, house->stores++),
                                  .now = now };
    if (!made || !made->ini || !made->path)
        return pretend_no_memory(reterr);
    status = copy(path, made->path, reterr);
    if (status >= 0)
        house->templates = made;
    return status;
}
