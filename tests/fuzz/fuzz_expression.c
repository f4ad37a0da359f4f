/* What mappings write on the right, and any cells for its columns: a line of the input each, the first is the expression. */
#include "fuzz.h"
#include "sync/expression.h"

#define CELLS 8

/* Cell i is line i + 1 of the input; no text where there are not so many. */
static void cut_lines(char *text, size_t size, tend_cell cells[CELLS])
{
    char *end = text + size;

    for (size_t i = 0; i < CELLS; i++) {
        char *stop;

        cells[i] = (tend_cell){ 0 };
        if (text >= end)
            continue;
        stop = memchr(text, '\n', (size_t)(end - text));
        if (!stop)
            stop = end;
        *stop = '\0';
        cells[i] = (tend_cell){ .text = text, .length = (size_t)(stop - text) };
        text = stop + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const tend_number_format german = { ',', '.' };
    tend_arena *arena = tend_arena_new();
    tend_columns columns = { 0 };
    const tend_expression *expression = NULL;
    const char *rest = NULL;
    char *text = fuzz_text(data, size), *end = memchr(text, '\n', size);
    tend_error error = { 0 };
    tend_status status;

    FUZZ_EXPECT(arena, "no memory");
    if (end)
        *end++ = '\0';
    else
        end = text + size;
    status = tend_expression_parse(text, &columns, arena, &expression, &rest, &error);
    if (status < 0) {
        FUZZ_EXPECT(status == TEND_EINVAL, "status %d: %s", status, error.text);
        fuzz_sentence(&error);
    } else {
        const size_t count = columns.count < CELLS ? CELLS : columns.count;
        tend_cell *cells = tend_arena_take(arena, count * sizeof *cells);
        tend_expressed said = { 0 };

        FUZZ_EXPECT(cells && rest && rest >= text && rest <= text + strlen(text), "the rest lies elsewhere");
        cut_lines(end, (size_t)(text + size - end), cells);
        for (int i = 0; i < 2; i++) {
            status = tend_expression_say(expression, cells, i ? &german : &tend_number_plain, arena, &said, &error);
            if (status < 0)
                fuzz_sentence(&error);
            else
                FUZZ_EXPECT(!said.is_named || said.length == 0 || said.text, "nothing was said");
        }
    }
    tend_arena_free(arena);
    free(text);
    return 0;
}
