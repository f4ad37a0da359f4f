/* replay: gives a fuzz target the inputs of a folder, whole, cut off at many places and with bytes changed.
 *
 *   unit_fuzz_TARGET FOLDER
 *
 * Every run does the same. A target that is not content aborts; the input that did it stands on the line before. */
#include "fuzz.h"
#include <dirent.h>

#define CUTS 48
#define CHANGES 96

static uint8_t *read_whole(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;
    long size;

    FUZZ_EXPECT(file && fseek(file, 0, SEEK_END) == 0, "%s cannot be read", path);
    size = ftell(file);
    rewind(file);
    bytes = malloc((size_t)size + 1);
    FUZZ_EXPECT(size >= 0 && bytes, "%s cannot be read", path);
    *ret_size = fread(bytes, 1, (size_t)size, file);
    (void)fclose(file);
    return bytes;
}

/* In a block of its own, so that a read too far is seen. */
static void run_one(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    FUZZ_EXPECT(copy, "no memory");
    if (size > 0)
        memcpy(copy, bytes, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_file(const char *path)
{
    static const uint8_t odd[] = { 0, 0xff, '\n', ' ', '"', '(', ')', '-', '9', 0x80, '=', ',' };
    uint8_t *bytes;
    size_t size;

    (void)printf("%s\n", path);
    (void)fflush(stdout);
    bytes = read_whole(path, &size);
    run_one(bytes, size);
    for (size_t i = 0; i < CUTS && i < size; i++)
        run_one(bytes, size < CUTS ? i : i * size / CUTS);
    for (size_t i = 0; i < CHANGES && size > 0; i++) {
        const size_t at = size < CHANGES ? i % size : i * size / CHANGES;
        const uint8_t before = bytes[at];

        bytes[at] = odd[(i * 7 + size) % sizeof odd];
        run_one(bytes, size);
        bytes[at] = before;
    }
    free(bytes);
}

int main(int count, char **arguments)
{
    struct dirent **names = NULL;
    int found = count == 2 ? scandir(arguments[1], &names, NULL, alphasort) : -1, replayed = 0;

    if (found < 0) {
        (void)fprintf(stderr, "%s: give it the folder of inputs\n", arguments[0]);
        return EXIT_FAILURE;
    }
    for (int i = 0; i < found; i++) {
        char path[4096];

        if (names[i]->d_name[0] != '.') {
            (void)snprintf(path, sizeof path, "%s/%s", arguments[1], names[i]->d_name);
            run_file(path);
            replayed++;
        }
        free(names[i]);
    }
    free(names);
    (void)printf("%d passed, %d failed, 0 skipped\n", replayed, replayed == 0);
    return replayed == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
