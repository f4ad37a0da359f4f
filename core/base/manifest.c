#include "base/manifest.h"

#include "base/hash.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char title[] = "# tend plugin manifest 1\n";
static const char *const keys[TEND_MANIFEST_LINES] = { "file",  "name", "version", "kinds", "abi",
                                                       "needs", "size", "sha256",  "key",   "signed" };

char *tend_kinds_words(unsigned provides, char buffer[static TEND_KINDS_ROOM])
{
    static const char *const names[] = { "", "connector", "price", "kpi", "sink", "report", "service" };
    size_t length = 0;

    buffer[0] = '\0';
    for (unsigned kind = TEND_CONNECTOR; kind <= TEND_SERVICE; kind++)
        if (provides & (1u << kind))
            length += (size_t)snprintf(buffer + length, TEND_KINDS_ROOM - length, "%s%s", length > 0 ? ", " : "", names[kind]);
    return buffer;
}

tend_status tend_manifest_describe(const char *file, const tend_plugin_note *note, int64_t size, const char sha256[static 65],
                                   tend_manifest *ret_manifest, tend_error *reterr)
{
    tend_manifest manifest = { 0 };
    char words[TEND_KINDS_ROOM], needs[TEND_NEEDS_ROOM];
    const size_t room = sizeof manifest.lines[0];

    for (const char *c = file; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return tend_fail(reterr, TEND_EINVAL, "%s: its name has a control character; rename it", file);
    if (strlen(file) >= room)
        return tend_fail(reterr, TEND_EINVAL, "%s: its name is too long; rename it", file);
    (void)snprintf(manifest.lines[TEND_MANIFEST_FILE], room, "%s", file);
    (void)snprintf(manifest.lines[TEND_MANIFEST_NAME], room, "%s", note->name);
    (void)snprintf(manifest.lines[TEND_MANIFEST_VERSION], room, "%s", note->version);
    (void)snprintf(manifest.lines[TEND_MANIFEST_KINDS], room, "%s", tend_kinds_words(note->provides, words));
    (void)snprintf(manifest.lines[TEND_MANIFEST_ABI], room, "%u.%u", note->abi >> 16, note->abi & 0xFFFFu);
    (void)snprintf(manifest.lines[TEND_MANIFEST_NEEDS], room, "%s%s", tend_needs_words(note->needs, needs),
                   note->needs & TEND_WANTS_NETWORK ? "; wants network" : "");
    (void)snprintf(manifest.lines[TEND_MANIFEST_SIZE], room, "%lld", (long long)size);
    (void)snprintf(manifest.lines[TEND_MANIFEST_SHA256], room, "%s", sha256);
    *ret_manifest = manifest;
    return TEND_OK;
}

tend_status tend_manifest_hash(int fd, const char *path, int64_t *ret_size, char ret_hex[static 65], tend_error *reterr)
{
    uint8_t digest[32];
    char bytes[65536];
    tend_sha256 hash;
    int64_t size = 0;

    tend_sha256_init(&hash);
    for (;;) {
        ssize_t got = pread(fd, bytes, sizeof bytes, (off_t)size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return tend_fail(reterr, TEND_EIO, "%s: cannot be read: %s", path, strerrordesc_np(errno));
        if (got == 0)
            break;
        tend_sha256_add(&hash, bytes, (size_t)got);
        size += got;
    }
    tend_sha256_end(&hash, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        (void)snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
    *ret_size = size;
    return TEND_OK;
}

tend_status tend_manifest_of_file(int fd, const char *path, tend_manifest *ret_manifest, tend_error *reterr)
{
    const char *slash = strrchr(path, '/');
    char hex[65];
    tend_plugin_note note;
    int64_t size = 0;
    tend_status status = tend_note_read(fd, path, &note, reterr);

    if (status == TEND_OK)
        status = tend_manifest_hash(fd, path, &size, hex, reterr);
    return status < 0 ? status : tend_manifest_describe(slash ? slash + 1 : path, &note, size, hex, ret_manifest, reterr);
}

size_t tend_manifest_write(const tend_manifest *manifest, char ret_text[static TEND_MANIFEST_ROOM])
{
    size_t length = (size_t)snprintf(ret_text, TEND_MANIFEST_ROOM, "%s", title);

    for (int i = 0; i < TEND_MANIFEST_LINES; i++)
        length += (size_t)snprintf(ret_text + length, TEND_MANIFEST_ROOM - length, "%s = %.255s\n", keys[i], manifest->lines[i]);
    return length;
}

tend_status tend_manifest_read(const char *text, size_t length, const char *place, tend_manifest *ret_manifest, tend_error *reterr)
{
    tend_manifest manifest = { 0 };
    const char *at = text + sizeof title - 1, *end = text + length;

    if (length < sizeof title - 1 || memcmp(text, title, sizeof title - 1) != 0 || memchr(text, '\0', length))
        return tend_fail(reterr, TEND_ECORRUPT, "%s: not a manifest of tend-sign; sign the plugin anew", place);
    for (int i = 0; i < TEND_MANIFEST_LINES; i++) {
        const size_t key = strlen(keys[i]);
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t value;

        if (!line_end || (size_t)(line_end - at) < key + 3 || memcmp(at, keys[i], key) != 0 || memcmp(at + key, " = ", 3) != 0)
            return tend_fail(reterr, TEND_ECORRUPT, "%s: the line '%s' is not where it belongs; sign the plugin anew", place,
                             keys[i]);
        at += key + 3;
        value = (size_t)(line_end - at);
        if (value == 0 || value >= sizeof manifest.lines[i])
            return tend_fail(reterr, TEND_ECORRUPT, "%s: the line '%s' is empty or too long; sign the plugin anew", place, keys[i]);
        memcpy(manifest.lines[i], at, value);
        at = line_end + 1;
    }
    if (at != end)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: there is more in it than tend-sign writes; sign the plugin anew", place);
    *ret_manifest = manifest;
    return TEND_OK;
}

tend_status tend_manifest_compare(const tend_manifest *manifest, const tend_manifest *file, const char *place, tend_error *reterr)
{
    /* Another content is the usual case, and its size and what its note says follow from it. */
    static const tend_manifest_line order[TEND_MANIFEST_ABOUT_FILE] = { TEND_MANIFEST_FILE,  TEND_MANIFEST_SHA256,
                                                                        TEND_MANIFEST_SIZE,  TEND_MANIFEST_NAME,
                                                                        TEND_MANIFEST_KINDS, TEND_MANIFEST_VERSION,
                                                                        TEND_MANIFEST_ABI,   TEND_MANIFEST_NEEDS };

    for (int i = 0; i < TEND_MANIFEST_ABOUT_FILE; i++) {
        const tend_manifest_line line = order[i];

        if (strcmp(manifest->lines[line], file->lines[line]) == 0)
            continue;
        if (line == TEND_MANIFEST_SHA256)
            return tend_fail(reterr, TEND_EVERSION,
                             "%s: it is not the file that was signed (%s): its bytes have changed; put the signed file back, or "
                             "sign this one",
                             place, manifest->lines[TEND_MANIFEST_SIGNED]);
        return tend_fail(reterr, TEND_EVERSION, "%s: its manifest says %s = %s, the file says %s; sign it anew", place, keys[line],
                         manifest->lines[line], file->lines[line]);
    }
    return TEND_OK;
}
