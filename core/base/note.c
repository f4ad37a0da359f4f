#include "base/note.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_SEGMENTS 128
#define MOST_NOTE_BYTES ((uint64_t)64 << 10) /* of one segment; real ones have a few hundred */

#if defined(__x86_64__)
#define OUR_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OUR_MACHINE EM_AARCH64
#elif defined(__riscv)
#define OUR_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define OUR_MACHINE EM_PPC64
#elif defined(__s390x__)
#define OUR_MACHINE EM_S390
#else
#error "note.c does not know the ELF machine number of this processor"
#endif

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define OUR_ORDER ELFDATA2LSB
#else
#define OUR_ORDER ELFDATA2MSB
#endif

/* Exactly `length` bytes at `offset`, or false. */
static bool read_at(int fd, void *bytes, size_t length, uint64_t offset)
{
    char *to = bytes;

    while (length > 0) {
        ssize_t got = pread(fd, to, length, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        length -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

static tend_status read_head(int fd, const char *place, Elf64_Ehdr *ret_head, uint64_t *ret_size, tend_error *reterr)
{
    struct stat about;

    if (fstat(fd, &about) < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be read: %s", place, strerrordesc_np(errno));
    if (!S_ISREG(about.st_mode))
        return tend_fail(reterr, TEND_EINVAL, "%s: not a file", place);
    *ret_size = (uint64_t)about.st_size;
    if (*ret_size < sizeof *ret_head || !read_at(fd, ret_head, sizeof *ret_head, 0) ||
        memcmp(ret_head->e_ident, ELFMAG, SELFMAG) != 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: not a shared object", place);
    if (ret_head->e_ident[EI_CLASS] != ELFCLASS64 || ret_head->e_ident[EI_DATA] != OUR_ORDER || ret_head->e_machine != OUR_MACHINE)
        return tend_fail(reterr, TEND_EVERSION, "%s: built for another kind of machine; rebuild it on this one", place);
    if (ret_head->e_type != ET_DYN || ret_head->e_phentsize != sizeof(Elf64_Phdr) || ret_head->e_phnum == 0 ||
        ret_head->e_phnum > MOST_SEGMENTS)
        return tend_fail(reterr, TEND_EINVAL, "%s: not a shared object", place);
    return TEND_OK;
}

static bool is_text(const char *text, size_t room)
{
    size_t length = strnlen(text, room);

    if (length == 0 || length == room)
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] < 0x21 || text[i] > 0x7E)
            return false;
    return true;
}

static bool is_name(const char *name, size_t room)
{
    if (!is_text(name, room) || name[0] < 'a' || name[0] > 'z')
        return false;
    for (const char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_'))
            return false;
    return true;
}

/* `bytes` is what follows the owner. */
static tend_status take_note(const unsigned char *bytes, size_t length, const char *place, tend_plugin_note *ret_note,
                             tend_error *reterr)
{
    const size_t head = offsetof(tend_plugin_note, abi);
    tend_plugin_note note = { .name_size = 5, .descriptor_size = (uint32_t)length, .type = TEND_NOTE_TYPE, .owner = "tend" };

    if (length < sizeof note.abi)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: its note is cut short; rebuild the plugin", place);
    memcpy(&note.abi, bytes, sizeof note.abi);
    ret_note->abi = note.abi;
    if (note.abi != TEND_ABI)
        return tend_fail(reterr, TEND_EVERSION,
                         "%s: built for plugin ABI %u.%u, this host speaks %u.%u; rebuild it against include/tend", place,
                         note.abi >> 16, note.abi & 0xFFFF, TEND_ABI_MAJOR, TEND_ABI_MINOR);
    if (length != sizeof note - head)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: its note has %zu bytes, %zu are right; rebuild the plugin", place, length,
                         sizeof note - head);
    memcpy((char *)&note + head, bytes, length);
    if (!is_name(note.name, sizeof note.name))
        return tend_fail(reterr, TEND_ECORRUPT, "%s: the name in its note is not made of a-z, 0-9 and _; rebuild the plugin",
                         place);
    if (!is_text(note.version, sizeof note.version))
        return tend_fail(reterr, TEND_ECORRUPT, "%s: the version in its note is not a text; rebuild the plugin", place);
    if (note.provides == 0 || (note.provides & ~TEND_PROVIDES_ALL) != 0 ||
        (note.needs & ~(TEND_NEEDS_ALL | TEND_WANTS_NETWORK)) != 0)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: its note provides or needs what does not exist; rebuild the plugin", place);
    *ret_note = note;
    return TEND_OK;
}

/* Looks through one PT_NOTE segment; TEND_ENOTFOUND when our note is not in it. */
static tend_status search(const unsigned char *bytes, size_t length, size_t align, const char *place, tend_plugin_note *ret_note,
                          tend_error *reterr)
{
    size_t at = 0;

    while (length - at >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr head;
        uint64_t owner_at, text_at, end;

        memcpy(&head, bytes + at, sizeof head);
        owner_at = at + sizeof head;
        text_at = (owner_at + head.n_namesz + align - 1) / align * align;
        end = text_at + head.n_descsz;
        if (owner_at + head.n_namesz > length || text_at > length || end > length)
            return tend_fail(reterr, TEND_ECORRUPT, "%s: its notes are broken; rebuild the plugin", place);
        if (head.n_type == TEND_NOTE_TYPE && head.n_namesz == sizeof "tend" && memcmp(bytes + owner_at, "tend", sizeof "tend") == 0)
            return take_note(bytes + text_at, head.n_descsz, place, ret_note, reterr);
        end = (end + align - 1) / align * align;
        if (end >= length)
            break;
        at = (size_t)end;
    }
    return TEND_ENOTFOUND;
}

static tend_status search_segment(int fd, const Elf64_Phdr *segment, uint64_t size, const char *place, tend_plugin_note *ret_note,
                                  tend_error *reterr)
{
    unsigned char *bytes;
    tend_status status;

    if (segment->p_offset > size || segment->p_filesz > size - segment->p_offset)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: its notes stand outside of the file; it is cut short or broken", place);
    if (segment->p_filesz == 0 || segment->p_filesz > MOST_NOTE_BYTES)
        return TEND_ENOTFOUND;
    bytes = malloc(segment->p_filesz);
    if (!bytes)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read its notes", place);
    if (!read_at(fd, bytes, segment->p_filesz, segment->p_offset))
        status = tend_fail(reterr, TEND_EIO, "%s: its notes cannot be read", place);
    else
        status = search(bytes, segment->p_filesz, segment->p_align == 8 ? 8 : 4, place, ret_note, reterr);
    free(bytes);
    return status;
}

tend_status tend_note_read(int fd, const char *place, tend_plugin_note *ret_note, tend_error *reterr)
{
    Elf64_Ehdr head;
    uint64_t size = 0;
    tend_error why = { 0 };
    tend_status found = TEND_ENOTFOUND;
    tend_status status = read_head(fd, place, &head, &size, reterr);

    if (status < 0)
        return status;
    for (unsigned i = 0; i < head.e_phnum; i++) {
        Elf64_Phdr segment;

        if (head.e_phoff > size || !read_at(fd, &segment, sizeof segment, head.e_phoff + (uint64_t)i * sizeof segment))
            return tend_fail(reterr, TEND_ECORRUPT,
                             "%s: its table of segments stands outside of the file; it is cut short or broken", place);
        if (segment.p_type == PT_LOAD && (segment.p_offset > size || segment.p_filesz > size - segment.p_offset))
            return tend_fail(reterr, TEND_ECORRUPT,
                             "%s: it is cut short: what it loads goes on behind its end; copy or build it anew", place);
        if (segment.p_type != PT_NOTE || found != TEND_ENOTFOUND)
            continue;
        found = search_segment(fd, &segment, size, place, ret_note, &why);
        if (found < 0 && found != TEND_ENOTFOUND)
            return tend_fail(reterr, found, "%s", why.text);
    }
    if (found != TEND_ENOTFOUND)
        return found;
    return tend_fail(reterr, TEND_ENOTFOUND,
                     "%s: not a plugin of tend: it has no note; build it with TEND_PLUGIN of <tend/plugin.h>", place);
}

char *tend_needs_words(unsigned needs, char buffer[static TEND_NEEDS_ROOM])
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = { { TEND_NEEDS_FILES, "files" }, { TEND_NEEDS_NETWORK, "network" }, { TEND_NEEDS_PROGRAMS, "programs" } };
    size_t length = 0;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (needs & words[i].bit)
            length += (size_t)snprintf(buffer + length, TEND_NEEDS_ROOM - length, "%s%s", length > 0 ? ", " : "", words[i].word);
    if (length == 0)
        (void)snprintf(buffer, TEND_NEEDS_ROOM, "nothing");
    return buffer;
}
