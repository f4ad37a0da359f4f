#include "host/host.h"

#include "base/note.h"
#include "host/confine.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

typedef const tend_plugin *(*entry_function)(void);

/* What tend judged is what is loaded: not a file that was put in its place since. */
static tend_status check_identity(const host_state *host, int fd, const char *path, tend_error *reterr)
{
    struct stat file;
    int64_t identity[4];

    if (fstat(fd, &file) < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be read: %s", path, strerrordesc_np(errno));
    tend_note_identity(&file, identity);
    if (memcmp(identity, host->identity, sizeof identity) != 0)
        return tend_fail(reterr, TEND_EVERSION, "%s: this file has changed since tend started; restart tend", path);
    return TEND_OK;
}

static tend_status check_rights(const host_state *host, const char *path, unsigned granted, tend_error *reterr)
{
    char words[TEND_NEEDS_ROOM];
    unsigned missing = host->note.needs & TEND_NEEDS_ALL & ~granted;

    if (missing == 0)
        return TEND_OK;
    return tend_fail(reterr, TEND_EDENIED, "%s: asks for %s; grant it with [plugin.%s] grant = %s", path,
                     tend_needs_words(missing, words), host->note.name,
                     tend_needs_words(host->note.needs, (char[TEND_NEEDS_ROOM]){ 0 }));
}

/* From the very file whose note was read, whatever its name leads to by now. */
static tend_status load(int fd, const char *path, entry_function *ret_entry, tend_error *reterr)
{
    char same[40];
    void *object, *symbol;

    (void)snprintf(same, sizeof same, "/proc/self/fd/%d", fd);
    object = dlopen(same, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        const char *why = dlerror();
        size_t head = strlen(same);

        if (why && strncmp(why, same, head) == 0) /* the loader begins with the name it was given */
            why += strncmp(why + head, ": ", 2) == 0 ? head + 2 : head;
        return tend_fail(reterr, TEND_EINVAL, "%s: cannot be loaded: %s", path, why ? why : "no reason given");
    }
    symbol = dlsym(object, "tend_plugin_entry");
    if (!symbol)
        return tend_fail(reterr, TEND_EINVAL, "%s: has no function tend_plugin_entry; build it with TEND_PLUGIN of <tend/plugin.h>",
                         path);
    memcpy(ret_entry, &symbol, sizeof symbol); /* ISO C has no cast from an object's to a function's address */
    return TEND_OK;
}

/* Each begins with its size, as the plugin was built. */
static bool is_whole(const tend_capability *capability)
{
    static const size_t sizes[] = { [TEND_CONNECTOR] = sizeof(tend_connector_ops),
                                    [TEND_PRICE] = sizeof(tend_price_ops),
                                    [TEND_KPI] = sizeof(tend_kpi_ops),
                                    [TEND_SINK] = sizeof(tend_sink_ops),
                                    [TEND_SERVICE] = sizeof(uint32_t) };
    uint32_t size;

    memcpy(&size, capability->ops, sizeof size);
    return size >= sizes[capability->kind];
}

static tend_status check_descriptor(const host_state *host, const char *path, tend_error *reterr)
{
    const tend_plugin *plugin = host->plugin;
    unsigned provides = 0;

    if (!plugin || plugin->abi != TEND_ABI || plugin->size < sizeof(tend_plugin))
        return tend_fail(reterr, TEND_EVERSION, "%s: its descriptor is of another ABI than its note; rebuild it", path);
    if (!plugin->name || strcmp(plugin->name, host->note.name) != 0 || !plugin->version ||
        strcmp(plugin->version, host->note.version) != 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: its descriptor and its note have different names or versions; rebuild it", path);
    if (!plugin->capabilities)
        return tend_fail(reterr, TEND_EINVAL, "%s: its descriptor names no capabilities; rebuild it", path);
    for (const tend_capability *capability = plugin->capabilities; capability->kind; capability++) {
        if (capability->kind < TEND_CONNECTOR || capability->kind > TEND_SERVICE || !capability->name || !capability->ops)
            return tend_fail(reterr, TEND_EINVAL, "%s: a capability of it has no name, no functions or no known kind; rebuild it",
                             path);
        if (!is_whole(capability))
            return tend_fail(reterr, TEND_EVERSION,
                             "%s: the functions of %s are fewer than this ABI has, or their size is not set; rebuild it", path,
                             capability->name);
        provides |= 1u << capability->kind;
    }
    if (provides != host->note.provides)
        return tend_fail(reterr, TEND_EINVAL, "%s: it provides other kinds of capabilities than its note says; rebuild it", path);
    return TEND_OK;
}

/* Whatever is done with its name, nobody can change these bytes. */
static tend_status check_seals(int fd, const char *path, tend_error *reterr)
{
    const int wanted = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, seals = fcntl(fd, F_GET_SEALS);

    if (seals < 0 || (seals & wanted) != wanted)
        return tend_fail(reterr, TEND_EDENIED, "%s: what arrived to be loaded can still be changed", path);
    return TEND_OK;
}

tend_status host_load(host_state *host, const char *path, unsigned granted, int64_t memory, tend_error *reterr)
{
    entry_function entry = NULL;
    tend_status status;
    int fd = host->sealed > 0 ? host->sealed : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);

    if (fd < 0)
        return tend_fail(reterr, errno == ENOENT ? TEND_ENOTFOUND : TEND_EIO, "%s: cannot be opened: %s", path,
                         strerrordesc_np(errno));
    status = host->is_by_hand ? TEND_OK : host->sealed > 0 ? check_seals(fd, path, reterr) : check_identity(host, fd, path, reterr);
    if (status == TEND_OK)
        status = tend_note_read(fd, path, &host->note, reterr);
    if (status == TEND_OK && !host->is_described)
        status = check_rights(host, path, granted, reterr);
    if (status == TEND_OK && !host->is_by_hand)
        status = confine_before_loading(tend_note_rights(host->note.needs, granted), memory, reterr);
    if (status == TEND_OK)
        status = load(fd, path, &entry, reterr);
    (void)close(fd);
    if (status == TEND_OK && !host->is_by_hand)
        status = confine_after_loading(tend_note_rights(host->note.needs, granted), reterr);
    if (status < 0)
        return status;
    if (!host->is_by_hand)
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* its settings may be secrets */
    host->plugin = entry();
    return check_descriptor(host, path, reterr);
}
