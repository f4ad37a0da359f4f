/* manifest.h: what was signed about a plugin: a text beside its file, NAME.so.manifest, and its signature in NAME.so.sig.
 *
 * tend-sign writes both; tend compares the manifest with the file it is about, byte for byte by its SHA-256. Whether the signature
 * is right, and whose it is, only tend-sign can tell (base/sign_wire.h). A manifest is UTF-8, one line each, in this order:
 *
 *     # tend plugin manifest 1
 *     file = kpi_seats.so
 *     name = seats
 *     version = 1.0.0
 *     kinds = kpi
 *     abi = 0.3
 *     needs = nothing
 *     size = 16384
 *     sha256 = 64 hex digits
 *     key = 16 hex digits: the id of the key it is signed with
 *     signed = 2026-11-23T10:15:04.131Z
 */
#ifndef TEND_BASE_MANIFEST_H
#define TEND_BASE_MANIFEST_H

#include "base/note.h"
#include <stdio.h>

#define TEND_MANIFEST_SUFFIX ".manifest"
#define TEND_SIGNATURE_SUFFIX ".sig"
#define TEND_KEY_ID_ROOM 17
enum { TEND_MANIFEST_ROOM = 4096, TEND_SIGNATURE_ROOM = 256 }; /* longer files are none */

typedef enum tend_manifest_line {
    TEND_MANIFEST_FILE,
    TEND_MANIFEST_NAME,
    TEND_MANIFEST_VERSION,
    TEND_MANIFEST_KINDS,
    TEND_MANIFEST_ABI,
    TEND_MANIFEST_NEEDS,
    TEND_MANIFEST_SIZE,
    TEND_MANIFEST_SHA256,
    TEND_MANIFEST_ABOUT_FILE, /* so many lines say what the file is */
    TEND_MANIFEST_KEY = TEND_MANIFEST_ABOUT_FILE,
    TEND_MANIFEST_SIGNED,
    TEND_MANIFEST_LINES
} tend_manifest_line;

typedef struct tend_manifest {
    char lines[TEND_MANIFEST_LINES][256]; /* the value of each */
} tend_manifest;

/* The lines about the file: its name without the folder, its note, its bytes. TEND_EINVAL when the name cannot stand in a line. */
tend_status tend_manifest_describe(const char *file, const tend_plugin_note *note, int64_t size, const char sha256[static 65],
                                   tend_manifest *ret_manifest, tend_error *reterr);
/* The same of an open file, whose bytes are read from the beginning. `path` names it in messages, and gives its name. */
tend_status tend_manifest_of_file(int fd, const char *path, tend_manifest *ret_manifest, tend_error *reterr);
/* The SHA-256 of an open file, in hex, read from the beginning. */
tend_status tend_manifest_hash(int fd, const char *path, int64_t *ret_size, char ret_hex[static 65], tend_error *reterr);
/* Returns the length. */
size_t tend_manifest_write(const tend_manifest *manifest, char ret_text[static TEND_MANIFEST_ROOM]);
/* Every line, in order, and nothing else; otherwise TEND_ECORRUPT. `place` names the manifest. */
tend_status tend_manifest_read(const char *text, size_t length, const char *place, tend_manifest *ret_manifest, tend_error *reterr);
/* TEND_EVERSION and the first line that is about another file than `file` is. */
tend_status tend_manifest_compare(const tend_manifest *manifest, const tend_manifest *file, const char *place, tend_error *reterr);

/* "connector, sink" for provides bits. Returns `buffer`. */
#define TEND_KINDS_ROOM 60
char *tend_kinds_words(unsigned provides, char buffer[static TEND_KINDS_ROOM]);

#endif
