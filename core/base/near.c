#include "base/near.h"

#include <string.h>

#define LONGEST 64

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein, optimal string alignment: insert, delete, change, swap two neighbours. */
static unsigned distance_of(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned rows[3][LONGEST + 1];
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *oldest = before;

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned change = last[j - 1] + (a[i - 1] != b[j - 1]);

            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        before = last;
        last = now;
        now = oldest;
    }
    return last[b_length];
}

/* Whether letters were only forgotten: "contrct" of "contract". */
static bool has_forgotten(const char *written, const char *name)
{
    for (; *written && *name; name++)
        written += *written == *name;
    return *written == '\0';
}

const char *tend_near(const char *written, const char *const *names)
{
    size_t length = strlen(written);
    unsigned allowed = (unsigned)(length / 3 > 1 ? length / 3 : 1);
    unsigned nearest = allowed + 1;
    const char *found = NULL;

    if (length == 0 || length > LONGEST)
        return NULL;
    for (; *names; names++) {
        size_t name_length = strlen(*names);
        unsigned distance;

        if (name_length > LONGEST || name_length > length + allowed || length > name_length + allowed)
            continue;
        distance = distance_of(written, length, *names, name_length);
        if (distance >= name_length)
            continue;
        if (distance < nearest ||
            (distance == nearest && found && has_forgotten(written, *names) && !has_forgotten(written, found))) {
            nearest = distance;
            found = *names;
        }
    }
    return found;
}

bool tend_is_among(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}
