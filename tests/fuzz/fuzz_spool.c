/* The end of a spool, which another process may have left behind. */
#include "fuzz.h"
#include "sync/meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tend_arena *arena = tend_arena_new();
    char *bytes = fuzz_text(data, size);
    tend_buffer first = { 0 }, second = { 0 };
    tend_spool_meta meta = { 0 }, again = { 0 };

    FUZZ_EXPECT(arena, "no memory");
    if (tend_spool_meta_read(bytes, size, arena, &meta) == TEND_OK) {
        for (size_t i = 0; i < meta.note_count; i++)
            FUZZ_EXPECT(meta.notes[i].part < meta.part_count, "a note of a part that is not there");
        tend_spool_meta_write(&meta, &first);
        FUZZ_EXPECT(tend_spool_meta_read(first.bytes, first.length, arena, &again) == TEND_OK, "not read again");
        tend_spool_meta_write(&again, &second);
        FUZZ_EXPECT(first.length == second.length && memcmp(first.bytes, second.bytes, first.length) == 0, "written differently");
    }
    tend_buffer_clear(&first);
    tend_buffer_clear(&second);
    tend_arena_free(arena);
    free(bytes);
    return 0;
}
