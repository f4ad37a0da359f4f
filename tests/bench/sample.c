/* sample.c: writes the files of the sample company (tend init --sample), with as many accounts as are asked for.
 *
 *   bench_sample FOLDER DATE ACCOUNTS */
#include "engine/sample.h"
#include "base/date.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **words)
{
    const long accounts = count == 4 ? strtol(words[3], NULL, 10) : 0;
    tend_date anchor;
    tend_error error;

    if (accounts < 20 || accounts > 10000000 || tend_date_parse(words[2], strlen(words[2]), &anchor) < 0) {
        (void)fprintf(stderr, "usage: bench_sample FOLDER DATE ACCOUNTS\n");
        return 2;
    }
    if (tend_sample_write(words[1], anchor, (int)accounts, &error) >= 0)
        return 0;
    (void)fprintf(stderr, "bench_sample: %s\n", error.text);
    return 1;
}
