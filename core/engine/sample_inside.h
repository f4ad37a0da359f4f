/* sample_inside.h: what the files of the sample company share: a customer, and the files of the work that is done for it. */
#ifndef TEND_ENGINE_SAMPLE_INSIDE_H
#define TEND_ENGINE_SAMPLE_INSIDE_H

#include "base/date.h"
#include "engine/sample_words.h"
#include <stdbool.h>
#include <stdio.h>

enum { SAMPLE_TEXT_ROOM = 128 };

/* How an account has been doing: decides its usage, tickets, answers and what becomes of its contract. */
typedef enum sample_mood { MOOD_GOOD = 0, MOOD_FLAT, MOOD_FADING, MOOD_GONE } sample_mood;

typedef struct sample_customer {
    int number;
    char id[16], name[SAMPLE_TEXT_ROOM];
    const char *region, *country, *currency, *industry, *tier, *zone, *language;
    const tend_sample_user *owner;
    sample_mood mood;
    int64_t yearly; /* minor units of its currency */
    int seats, product;
    tend_date since;
    bool is_household;
    bool is_new; /* signed a week ago, nothing is in use yet */
} sample_customer;

typedef struct sample_work {
    FILE *plans, *programmes, *tenders, *concessions, *expectations, *voices, *handovers, *documents;
} sample_work;

/* Files that exist for other reasons, and get rows of this work too. */
typedef struct sample_beside {
    FILE *opportunities, *environments, *media, *profiles, *interactions, *tickets;
} sample_beside;

void sample_print_money(FILE *out, int64_t minor, const char *currency);

/* The first line of each file, and what belongs to no account. */
void sample_work_begin(const sample_work *out, tend_date anchor);
void sample_work_write(const sample_work *out, const sample_beside *beside, const sample_customer *account, tend_date anchor);

#endif
