/* sample_words.h: the word lists of the sample, and its random numbers. */
#ifndef TEND_ENGINE_SAMPLE_WORDS_H
#define TEND_ENGINE_SAMPLE_WORDS_H

#include <stddef.h>
#include <stdint.h>

typedef struct tend_dice {
    uint64_t state;
} tend_dice;

uint64_t tend_dice_next(tend_dice *dice);                              /* SplitMix64 */
int64_t tend_dice_between(tend_dice *dice, int64_t low, int64_t high); /* both included */
int tend_dice_percent(tend_dice *dice, int percent);                   /* 1 with this probability */

typedef struct tend_sample_user {
    const char *name, *email, *zone, *language, *manager, *team, *job, *region;
} tend_sample_user;
extern const tend_sample_user tend_sample_users[];
extern const size_t tend_sample_user_count;

typedef struct tend_sample_product {
    const char *code, *name, *family, *version;
    int list_price; /* USD a year */
} tend_sample_product;
extern const tend_sample_product tend_sample_products[];
extern const size_t tend_sample_product_count;

/* Lists end with NULL. */
extern const char *const tend_sample_korean_heads[], *const tend_sample_korean_tails[];
extern const char *const tend_sample_english_heads[], *const tend_sample_english_tails[];
extern const char *const tend_sample_german_tails[], *const tend_sample_german_families[];
extern const char *const tend_sample_korean_families[], *const tend_sample_korean_givens[];
extern const char *const tend_sample_english_families[], *const tend_sample_english_givens[];
extern const char *const tend_sample_industries[], *const tend_sample_features[], *const tend_sample_ticket_titles[];
extern const char *const tend_sample_subjects[], *const tend_sample_comments_good[], *const tend_sample_comments_bad[];

size_t tend_sample_count(const char *const *list);
const char *tend_sample_pick(tend_dice *dice, const char *const *list);
/* What one of tend_sample_ticket_titles is about, in a word. */
const char *tend_sample_theme(const char *title);

#endif
