/* note.h: the ELF note of a plugin, read from the file and never through the loader.
 *
 * Both sides of the plugin border read it: tend to list plugins without loading anything, tend-host before it calls dlopen. */
#ifndef TEND_BASE_NOTE_H
#define TEND_BASE_NOTE_H

#include <sys/stat.h>
#include <tend/plugin.h>

#define TEND_PROVIDES_ALL                                                                                            \
    (TEND_PROVIDES_CONNECTOR | TEND_PROVIDES_PRICE | TEND_PROVIDES_KPI | TEND_PROVIDES_SINK | TEND_PROVIDES_REPORT | \
     TEND_PROVIDES_SERVICE)
#define TEND_NEEDS_ALL (TEND_NEEDS_NETWORK | TEND_NEEDS_FILES | TEND_NEEDS_PROGRAMS)

/* What a plugin gets of what was granted: what it needs, and what it merely wants. */
static inline unsigned tend_note_rights(unsigned needs, unsigned granted)
{
    return ((needs & TEND_NEEDS_ALL) | (needs & TEND_WANTS_NETWORK ? TEND_NEEDS_NETWORK : 0)) & granted;
}

/* What tells a file from another that was put in its place: device, inode, mtime in ns, size. */
static inline void tend_note_identity(const struct stat *file, int64_t ret_identity[4])
{
    ret_identity[0] = (int64_t)file->st_dev;
    ret_identity[1] = (int64_t)file->st_ino;
    ret_identity[2] = (int64_t)file->st_mtim.tv_sec * 1000000000 + file->st_mtim.tv_nsec;
    ret_identity[3] = (int64_t)file->st_size;
}

/* Reads the note of the open file `fd`; `place` names the file in messages. Every offset is checked against the file: a broken or
 * hostile file is TEND_ECORRUPT, one without our note TEND_ENOTFOUND, one of another ABI TEND_EVERSION (ret_note->abi is set). */
tend_status tend_note_read(int fd, const char *place, tend_plugin_note *ret_note, tend_error *reterr);

/* "files, network" for needs bits, in the words of [plugin.NAME] grant; "nothing" for 0. Returns `buffer`. */
#define TEND_NEEDS_ROOM 40
char *tend_needs_words(unsigned needs, char buffer[static TEND_NEEDS_ROOM]);

#endif
