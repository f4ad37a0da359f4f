/* signed.c: who signed which plugin.
 *
 * The manifest and its signature are judged by tend-sign, whose library nothing else links; that the manifest is about this very
 * file is judged here. A host is given the bytes whose hash was judged, in a sealed memfd: nobody can put others in their place. */
#include "base/file.h"
#include "base/manifest.h"
#include "base/process.h"
#include "base/sign_wire.h"
#include "plugin/list.h"
#include "plugin/registry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWERS_WITHIN_MS 20000
#define LEAVES_WITHIN_MS 1000
#define KEY_FILE_MAX ((size_t)4096)
enum { MOST_KEYS = 200 };

typedef struct signature_judge {
    tend_process process;
    bool has_keys; /* at least one is trusted */
    tend_status status;
    tend_error why; /* with a status below zero: nothing can be judged */
} signature_judge;

/* ---- the keys ---------------------------------------------------------------------------------------------------------- */

typedef struct key_files {
    char *paths[MOST_KEYS], *texts[MOST_KEYS]; /* owned */
    size_t lengths[MOST_KEYS], count;
} key_files;

static void clear_keys(key_files *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        free(keys->paths[i]);
        free(keys->texts[i]);
    }
}

/* Whoever may write to it may trust himself. */
static tend_status check_owner(const char *path, tend_error *reterr)
{
    struct stat about;

    if (stat(path, &about) < 0)
        return tend_fail(reterr, errno == ENOENT ? TEND_ENOTFOUND : TEND_EIO, "%s: cannot be read: %s", path,
                         strerrordesc_np(errno));
    if (about.st_mode & S_IWOTH)
        return tend_fail(reterr, TEND_EDENIED, "%s: everybody may write to it; chmod o-w it", path);
    if (about.st_uid != 0 && about.st_uid != geteuid())
        return tend_fail(reterr, TEND_EDENIED, "%s: it belongs to another user; chown it to root or to the user that runs tend",
                         path);
    return TEND_OK;
}

static tend_status add_key(key_files *keys, const char *path, tend_error *reterr)
{
    tend_status status = check_owner(path, reterr);

    if (status < 0)
        return status;
    if (keys->count == MOST_KEYS)
        return tend_fail(reterr, TEND_ELIMIT, "%s: more than %d keys", path, MOST_KEYS);
    status = tend_file_read(path, KEY_FILE_MAX, &keys->texts[keys->count], &keys->lengths[keys->count], reterr);
    if (status < 0)
        return status;
    keys->paths[keys->count] = strdup(path);
    if (!keys->paths[keys->count]) {
        free(keys->texts[keys->count]);
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read it", path);
    }
    keys->count++;
    return TEND_OK;
}

static int is_key_file(const struct dirent *item)
{
    size_t length = strlen(item->d_name);

    return item->d_name[0] != '.' && length > 4 && strcmp(item->d_name + length - 4, ".pub") == 0;
}

static tend_status add_key_folder(key_files *keys, const char *folder, tend_error *reterr)
{
    struct dirent **items = NULL;
    tend_status status = check_owner(folder, reterr);
    int count = status < 0 ? 0 : scandir(folder, &items, is_key_file, alphasort);

    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];

        if (status == TEND_OK)
            status = tend_path_join(folder, items[i]->d_name, path, sizeof path, reterr);
        if (status == TEND_OK)
            status = add_key(keys, path, reterr);
        free(items[i]);
    }
    free(items);
    return status;
}

static tend_status read_keys(const tend_config *config, key_files *keys, tend_error *reterr)
{
    const char *path;
    tend_status status = TEND_OK;

    for (size_t i = 0; status == TEND_OK && config && (path = tend_config_entry(config, "plugins", NULL, "trusted_keys", i)); i++) {
        struct stat about;

        status =
            stat(path, &about) == 0 && S_ISDIR(about.st_mode) ? add_key_folder(keys, path, reterr) : add_key(keys, path, reterr);
    }
    return status;
}

/* ---- tend-sign --------------------------------------------------------------------------------------------------------- */

/* *ret_name is the name of the key, borrowed until the next answer. */
static tend_status take_answer(signature_judge *judge, const char **ret_name, tend_error *reterr)
{
    tend_wire *wire = judge->process.wire;
    tend_error lost = { 0 };
    uint16_t type = 0;
    tend_status status = tend_wire_receive(wire, ANSWERS_WITHIN_MS, &type, NULL, &lost);
    int64_t said;
    const char *why;

    if (status == TEND_OK && type != TEND_SIGN_DONE)
        status = tend_fail(&lost, TEND_ECORRUPT, "a message that does not belong there");
    if (status < 0)
        return tend_fail(reterr, TEND_ERROR, "signatures cannot be checked: tend-sign does not answer: %s", lost.text);
    said = tend_wire_get_i64(wire);
    why = tend_wire_get_text(wire, NULL);
    *ret_name = tend_wire_get_text(wire, NULL);
    if (tend_wire_done(wire, NULL) < 0 || said > TEND_OK || said < TEND_EAUTH)
        return tend_fail(reterr, TEND_ERROR, "signatures cannot be checked: tend-sign gave an answer that is none");
    return said < 0 ? tend_fail(reterr, (tend_status)said, "%s", why) : TEND_OK;
}

static tend_status start_tool(signature_judge *judge, tend_error *reterr)
{
    char program[PATH_MAX];
    const char *arguments[] = { program, "--answer", NULL };
    tend_error missing = { 0 };

    if (tend_process_find_helper("tend-sign", program, sizeof program, &missing) < 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "signatures cannot be checked: %s (it is built where libsodium is found)",
                         missing.text);
    return tend_process_start(arguments, NULL, &judge->process, reterr);
}

static tend_status hand_over_keys(signature_judge *judge, const key_files *keys, tend_error *reterr)
{
    tend_wire *wire = judge->process.wire;
    const char *nobody;
    tend_status status;

    tend_wire_start(wire, TEND_SIGN_HELLO);
    tend_wire_put_u32(wire, TEND_SIGN_PROTOCOL);
    tend_wire_put_u32(wire, (uint32_t)keys->count);
    for (size_t i = 0; i < keys->count; i++) {
        tend_wire_put_string(wire, keys->paths[i]);
        tend_wire_put_text(wire, keys->texts[i], keys->lengths[i]);
    }
    status = tend_wire_send(wire, -1, reterr);
    return status < 0 ? status : take_answer(judge, &nobody, reterr);
}

/* What goes wrong here is kept, and said of every plugin that is judged. */
static void call_judge(const tend_config *config, signature_judge *judge)
{
    key_files keys = { .count = 0 };

    *judge = (signature_judge){ .status = TEND_OK };
    judge->status = read_keys(config, &keys, &judge->why);
    judge->has_keys = keys.count > 0;
    if (judge->status == TEND_OK && judge->has_keys)
        judge->status = start_tool(judge, &judge->why);
    if (judge->status == TEND_OK && judge->has_keys)
        judge->status = hand_over_keys(judge, &keys, &judge->why);
    clear_keys(&keys);
}

static void dismiss(signature_judge *judge)
{
    tend_process_stop(&judge->process, LEAVES_WITHIN_MS, NULL, 0);
}

/* ---- one plugin -------------------------------------------------------------------------------------------------------- */

typedef struct plugin_papers {
    char *manifest, *signature; /* owned */
    size_t manifest_length, signature_length;
    tend_manifest file; /* what the file is now */
} plugin_papers;

static tend_status read_beside(const char *path, const char *suffix, size_t most, char **ret_text, size_t *ret_length,
                               tend_error *reterr)
{
    const char *name = strrchr(path, '/');
    char beside[PATH_MAX];
    tend_status status = TEND_OK;

    if (snprintf(beside, sizeof beside, "%s%s", path, suffix) >= (int)sizeof beside)
        return tend_fail(reterr, TEND_ELIMIT, "%s: the path is too long", path);
    status = tend_file_read(beside, most, ret_text, ret_length, reterr);
    if (status == TEND_ENOTFOUND)
        return tend_fail(reterr, status, "not signed: there is no %s%s beside it; tend-sign sign KEY %s makes it",
                         name ? name + 1 : path, suffix, path);
    return status;
}

static tend_status read_papers(const char *path, plugin_papers *papers, tend_error *reterr)
{
    tend_status status =
        read_beside(path, TEND_MANIFEST_SUFFIX, TEND_MANIFEST_ROOM, &papers->manifest, &papers->manifest_length, reterr);
    int fd;

    if (status == TEND_OK)
        status =
            read_beside(path, TEND_SIGNATURE_SUFFIX, TEND_SIGNATURE_ROOM, &papers->signature, &papers->signature_length, reterr);
    if (status < 0)
        return status;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    if (fd < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be opened: %s", path, strerrordesc_np(errno));
    status = tend_manifest_of_file(fd, path, &papers->file, reterr);
    (void)close(fd);
    return status;
}

/* Whose signature it is; the manifest is that key's word then. */
static tend_status ask(signature_judge *judge, const char *path, const plugin_papers *papers, const char **ret_name,
                       tend_error *reterr)
{
    tend_wire *wire = judge->process.wire;
    tend_status status;

    tend_wire_start(wire, TEND_SIGN_CHECK);
    tend_wire_put_string(wire, path);
    tend_wire_put_text(wire, papers->manifest, papers->manifest_length);
    tend_wire_put_text(wire, papers->signature, papers->signature_length);
    status = tend_wire_send(wire, -1, reterr);
    return status < 0 ? status : take_answer(judge, ret_name, reterr);
}

static tend_status judge_papers(tend_plugins *plugins, plugin_entry *entry, signature_judge *judge, const plugin_papers *papers,
                                tend_error *reterr)
{
    tend_plugin_info *info = &entry->info;
    const char *name = NULL;
    tend_manifest said;
    tend_status status = judge->status < 0 ? tend_fail(reterr, judge->status, "%s", judge->why.text)
                         : judge->has_keys ? ask(judge, info->path, papers, &name, reterr)
                                           : TEND_OK;

    if (status == TEND_OK)
        status = tend_manifest_read(papers->manifest, papers->manifest_length, info->path, &said, reterr);
    if (status == TEND_OK)
        status = tend_manifest_compare(&said, &papers->file, info->path, reterr);
    if (status == TEND_OK && !judge->has_keys)
        status = tend_fail(reterr, TEND_EDENIED,
                           "%s: signed with key %.40s, and no key is trusted here; name its file in [plugins] trusted_keys",
                           info->path, said.lines[TEND_MANIFEST_KEY]);
    if (status < 0)
        return status;
    info->signed_by = tend_arena_print(plugins->arena, "%s (%s)", name, said.lines[TEND_MANIFEST_KEY]);
    memcpy(entry->sha256, said.lines[TEND_MANIFEST_SHA256], sizeof entry->sha256);
    return info->signed_by ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for their signatures");
}

/* One that could be started, or only lacks what somebody can give it. */
static bool is_of_interest(const tend_plugin_info *info)
{
    return info->state == TEND_PLUGIN_USABLE || info->state == TEND_PLUGIN_NOT_GRANTED || info->state == TEND_PLUGIN_SWITCHED_OFF ||
           info->state == TEND_PLUGIN_QUARANTINED;
}

static tend_status look_at(tend_plugins *plugins, plugin_entry *entry, signature_judge *judge, tend_status *ret_found,
                           tend_error *reterr)
{
    plugin_papers papers = { 0 };
    tend_error why = { 0 };
    tend_status found = read_papers(entry->info.path, &papers, &why);

    if (found == TEND_OK)
        found = judge_papers(plugins, entry, judge, &papers, &why);
    free(papers.manifest);
    free(papers.signature);
    *ret_found = found;
    if (found == TEND_OK)
        return TEND_OK;
    entry->info.why_unsigned = tend_arena_string(plugins->arena, why.text);
    if (found == TEND_ENOMEM || !entry->info.why_unsigned)
        return tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for their signatures");
    return TEND_OK;
}

static tend_status look_at_all(tend_plugins *plugins, signature_judge *judge, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; status == TEND_OK && i < plugins->count; i++) {
        plugin_entry *entry = &plugins->entries[i];
        tend_status found = TEND_OK;

        if (!is_of_interest(&entry->info))
            continue;
        status = look_at(plugins, entry, judge, &found, reterr);
        if (status == TEND_OK && found < 0 && plugins->needs_signatures)
            tend_plugin_refuse(&entry->info, found == TEND_ENOTFOUND ? TEND_PLUGIN_UNSIGNED : TEND_PLUGIN_UNTRUSTED,
                               entry->info.why_unsigned);
    }
    plugins->has_looked = true;
    return status;
}

tend_status tend_plugins_look_at_signatures(tend_plugins *plugins, tend_error *reterr)
{
    signature_judge judge;
    tend_status status;

    if (plugins->has_looked)
        return TEND_OK;
    call_judge(plugins->config, &judge);
    status =
        judge.status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "%s", judge.why.text) : look_at_all(plugins, &judge, reterr);
    dismiss(&judge);
    return status;
}

tend_status tend_plugins_require_signatures(tend_plugins *plugins, tend_error *reterr)
{
    const bool has_keys = tend_config_has(plugins->config, "plugins", NULL, "trusted_keys");
    const char *file = NULL;
    unsigned line = 0;
    signature_judge judge;
    tend_status status;

    plugins->needs_signatures = true;
    tend_config_origin(plugins->config, "plugins", NULL, has_keys ? "trusted_keys" : "require_signature", &file, &line);
    call_judge(plugins->config, &judge);
    if (judge.status < 0)
        status = tend_fail(reterr, judge.status == TEND_ENOMEM ? TEND_ENOMEM : TEND_EINVAL, "%s:%u: [plugins] %s: %s",
                           file ? file : "configuration", line, has_keys ? "trusted_keys" : "require_signature", judge.why.text);
    else if (!judge.has_keys)
        status = tend_fail(reterr, TEND_EINVAL,
                           "%s:%u: [plugins] %s: no key is trusted, so no plugin could be started; name the *.pub files of "
                           "tend-sign keygen in trusted_keys",
                           file ? file : "configuration", line, has_keys ? "trusted_keys" : "require_signature");
    else
        status = look_at_all(plugins, &judge, reterr);
    dismiss(&judge);
    return status;
}

/* ---- what a host is given ---------------------------------------------------------------------------------------------- */

static bool copy_bytes(int from, int to)
{
    char bytes[65536];

    for (;;) {
        ssize_t got = read(from, bytes, sizeof bytes);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        for (ssize_t at = 0, put; at < got; at += put) {
            put = write(to, bytes + at, (size_t)(got - at));
            if (put < 0 && errno != EINTR)
                return false;
            put = put < 0 ? 0 : put;
        }
    }
}

tend_status tend_plugins_sealed(const tend_plugin_use *use, int *ret_fd, tend_error *reterr)
{
    const char *path = use->info->path;
    char sha256[65];
    int64_t size;
    int fd, copy;
    tend_status status = TEND_OK;

    *ret_fd = -1;
    if (!use->sha256)
        return TEND_OK;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    if (fd < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be opened: %s", path, strerrordesc_np(errno));
    copy = memfd_create("tend-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy < 0 || !copy_bytes(fd, copy) || fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be copied to be loaded: %s", path, strerrordesc_np(errno));
    (void)close(fd);
    if (status == TEND_OK)
        status = tend_manifest_hash(copy, path, &size, sha256, reterr);
    if (status == TEND_OK && strcmp(sha256, use->sha256) != 0)
        status = tend_fail(reterr, TEND_EVERSION, "%s: this file has changed since its signature was checked; restart tend", path);
    if (status == TEND_OK)
        *ret_fd = copy;
    else if (copy >= 0)
        (void)close(copy);
    return status;
}
