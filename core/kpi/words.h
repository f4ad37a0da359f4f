/* words.h: texts by number, as a text column stores them. */
#ifndef TEND_KPI_WORDS_H
#define TEND_KPI_WORDS_H

#include <stddef.h>
#include <stdint.h>

typedef struct tend_words tend_words;

tend_words *tend_words_new(void);        /* owned; NULL when memory is used up */
void tend_words_free(tend_words *words); /* accepts NULL */
/* The number of this text, in order of first use. -1 when memory is used up. */
int64_t tend_words_number(tend_words *words, const char *text, size_t length);
/* The texts by number. Borrowed until the next new word. */
const char *const *tend_words_list(const tend_words *words, uint32_t *ret_count);

#endif
