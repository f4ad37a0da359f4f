/* The note of a file that may be anything. */
#include "base/note.h"
#include "fuzz.h"
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tend_plugin_note note = { 0 };
    tend_error error = { 0 };
    char words[TEND_NEEDS_ROOM];
    int fd = memfd_create("note", MFD_CLOEXEC);
    tend_status status;

    FUZZ_EXPECT(fd >= 0 && write(fd, data, size) == (ssize_t)size, "no file to read from");
    status = tend_note_read(fd, "x.so", &note, &error);
    if (status == TEND_OK) {
        FUZZ_EXPECT(note.abi == TEND_ABI, "abi %u", note.abi);
        FUZZ_EXPECT(memchr(note.name, '\0', sizeof note.name) && note.name[0], "a name without end");
        FUZZ_EXPECT(memchr(note.version, '\0', sizeof note.version), "a version without end");
        (void)tend_needs_words(note.needs, words);
    } else {
        fuzz_sentence(&error);
    }
    (void)close(fd);
    return 0;
}
