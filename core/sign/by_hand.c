/* by_hand.c: signing a plugin, and looking at one that is signed. */
#include "sign/sign.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a manifest would say of it. */
static tend_status describe(const char *path, tend_manifest *ret_manifest, tend_error *reterr)
{
    tend_status status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return tend_fail(reterr, errno == ENOENT ? TEND_ENOTFOUND : TEND_EIO, "%s: cannot be opened: %s", path,
                         strerrordesc_np(errno));
    status = tend_manifest_of_file(fd, path, ret_manifest, reterr);
    (void)close(fd);
    return status;
}

static tend_status path_of(const char *path, const char *suffix, char ret_path[static PATH_MAX], tend_error *reterr)
{
    if (snprintf(ret_path, PATH_MAX, "%s%s", path, suffix) >= PATH_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "%s: the path is too long", path);
    return TEND_OK;
}

tend_status sign_plugin(const sign_key *key, const char *path, tend_error *reterr)
{
    char manifest_path[PATH_MAX], signature_path[PATH_MAX], text[TEND_MANIFEST_ROOM], signature[TEND_SIGNATURE_ROOM];
    const tend_clock clock = tend_clock_system();
    tend_manifest manifest;
    size_t length;
    tend_status status = describe(path, &manifest, reterr);

    if (status == TEND_OK)
        status = path_of(path, TEND_MANIFEST_SUFFIX, manifest_path, reterr);
    if (status == TEND_OK)
        status = path_of(path, TEND_SIGNATURE_SUFFIX, signature_path, reterr);
    if (status < 0)
        return status;
    (void)snprintf(manifest.lines[TEND_MANIFEST_KEY], sizeof manifest.lines[0], "%s", key->id);
    (void)tend_time_format(tend_clock_now(&clock), manifest.lines[TEND_MANIFEST_SIGNED]);
    length = tend_manifest_write(&manifest, text);
    sign_text(key, text, length, signature);
    status = tend_file_write_atomic(manifest_path, text, length, 0644, reterr);
    return status < 0 ? status : tend_file_write_atomic(signature_path, signature, strlen(signature), 0644, reterr);
}

static tend_status read_beside(const char *path, const char *suffix, size_t most, char **ret_text, size_t *ret_length,
                               tend_error *reterr)
{
    char beside[PATH_MAX];
    tend_status status = path_of(path, suffix, beside, reterr);

    if (status == TEND_OK)
        status = tend_file_read(beside, most, ret_text, ret_length, reterr);
    if (status == TEND_ENOTFOUND)
        return tend_fail(reterr, status, "%s: not signed: there is no %s; tend-sign sign KEY %s makes it", path, beside, path);
    return status;
}

tend_status sign_look(const sign_key *keys, size_t count, const char *path, const sign_key **ret_key, tend_manifest *ret_manifest,
                      tend_error *reterr)
{
    char *text = NULL, *signature = NULL;
    size_t length = 0, signature_length = 0;
    tend_manifest said, file;
    tend_status status = describe(path, &file, reterr);

    if (status == TEND_OK)
        status = read_beside(path, TEND_MANIFEST_SUFFIX, TEND_MANIFEST_ROOM, &text, &length, reterr);
    if (status == TEND_OK)
        status = read_beside(path, TEND_SIGNATURE_SUFFIX, TEND_SIGNATURE_ROOM, &signature, &signature_length, reterr);
    if (status == TEND_OK)
        status = sign_check(keys, count, text, length, signature, signature_length, path, ret_key, reterr);
    if (status == TEND_OK)
        status = tend_manifest_read(text, length, path, &said, reterr);
    if (status == TEND_OK)
        status = tend_manifest_compare(&said, &file, path, reterr);
    if (status == TEND_OK)
        *ret_manifest = said;
    free(text);
    free(signature);
    return status;
}
