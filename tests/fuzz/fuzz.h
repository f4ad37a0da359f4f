/* fuzz.h: what the fuzz targets share.
 *
 * A target is one file that defines LLVMFuzzerTestOneInput and says with FUZZ_EXPECT what must hold for every input. The preset
 * `fuzz` links it to libFuzzer; everywhere else replay.c gives it the inputs of corpus/<target>/. */
#ifndef TEND_FUZZ_H
#define TEND_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tend/status.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_EXPECT(holds, ...)                                   \
    do {                                                          \
        if (!(holds)) {                                           \
            (void)fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
            (void)fprintf(stderr, __VA_ARGS__);                   \
            (void)fputc('\n', stderr);                            \
            abort();                                              \
        }                                                         \
    } while (0)

/* The bytes in a block of exactly their size with a NUL behind, so that a read too far is seen. Owned. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    FUZZ_EXPECT(text, "no memory");
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* A refusal is one sentence. */
static inline void fuzz_sentence(const tend_error *error)
{
    FUZZ_EXPECT(error->text[0] != '\0', "refused without a sentence");
    FUZZ_EXPECT(!strchr(error->text, '\n'), "more than one line: %s", error->text);
}

/* Takes numbers off the front of an input. */
typedef struct fuzz_input {
    const uint8_t *at;
    size_t left;
} fuzz_input;

static inline uint8_t fuzz_byte(fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

static inline int64_t fuzz_number(fuzz_input *input)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | fuzz_byte(input);
    return (int64_t)number;
}

#endif
