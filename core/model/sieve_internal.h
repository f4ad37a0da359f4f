/* sieve_internal.h: a sieve's tables. Private to sieve*.c. */
#ifndef TEND_MODEL_SIEVE_INTERNAL_H
#define TEND_MODEL_SIEVE_INTERNAL_H

#include "model/filter_internal.h"
#include "model/sieve.h"

/* What of a row a slot looks at, and the classes that values fall into. */
typedef enum sieve_sort {
    SLOT_NUMBER = 1, /* number, flag, date, time or reference */
    SLOT_DAY,        /* the day of a time */
    SLOT_TEXT,       /* a whole text */
    SLOT_MONEY,      /* in one currency */
    SLOT_FITS,       /* whether a text contains another, or begins with it */
    SLOT_TRUTH       /* what filter_test_row says of one comparison: names, segments, measures */
} sieve_sort;

enum {
    CLASS_UNSET = -1,
    CLASS_UNKNOWN = 0, /* of all sorts but SLOT_TRUTH, whose classes are those of filter_truth */
    CLASS_EMPTY = 1,   /* SLOT_TEXT: there, and empty */
    CLASS_OTHER = 2,   /* SLOT_TEXT: none of the words; those have the classes after it */
    CLASS_NO = 1,      /* SLOT_FITS */
    CLASS_YES = 2,
    CLASS_POINTS = 1 /* NUMBER, DAY, MONEY: below the first point, at it, between it and the second … */
};

typedef struct sieve_word {
    uint64_t head; /* the first eight bytes, padded with zeros: compared first */
    size_t length;
    const char *text; /* folded */
} sieve_word;

typedef struct sieve_slot {
    sieve_sort sort;
    size_t cell;
    int field;                     /* of the cell's kind; -1: the row itself */
    const filter_path *path;       /* of the comparison that it was made for */
    char currency[4];              /* SLOT_MONEY */
    const filter_literal *literal; /* SLOT_FITS */
    filter_op op;
    const tend_filter *filter; /* SLOT_TRUTH */
    const filter_test *test;

    int64_t *points; /* sorted */
    sieve_word *words;
    size_t count, room; /* of either */

    size_t classes;
    uint64_t *users; /* filters with a clause about this slot alone */
    uint64_t *kept;  /* for each class: the filters that it does not rule out */
} sieve_slot;

/* A row: the subject, or what a reference leads to. */
typedef struct sieve_cell {
    size_t parent;
    int ref; /* field of the parent; -1: the subject */
    const tend_kind_schema *kind;
    bool is_read; /* in this match, as are those below */
    int64_t id;
    const tend_row *row; /* NULL: there is none */
} sieve_cell;

/* A step of what has to be looked at filter by filter: whether a slot's class is in a set. */
typedef struct sieve_branch {
    size_t slot;
    const uint64_t *set;
    int32_t on_true, on_false; /* the next branch, or one of these: */
} sieve_branch;
enum { BRANCH_MET = -1, BRANCH_UNMET = -2 };

struct tend_sieve {
    const tend_schema *schema;
    tend_kind subject;
    const tend_filter **filters;
    size_t count, words;
    tend_arena *tables, *scratch; /* of one building, of one match */
    bool is_built, is_relative;   /* is_relative: today is in it */
    tend_date today;              /* that it was built for */

    sieve_cell *cells;
    size_t cell_count, cell_room;
    sieve_slot *slots;
    size_t slot_count, slot_room;
    sieve_branch *branches;
    size_t branch_count, branch_room;
    uint64_t *all, *rest; /* sets of filters: each, and those with an entry */
    int32_t *entries;     /* the first branch of each filter */
    int32_t *classes;     /* of the slots, in this match */
};

/* sieve_build.c: the tables, for the today of `world`. */
tend_status sieve_build(tend_sieve *sieve, const tend_world *world, tend_error *reterr);
/* sieve_slot.c: the slot that a comparison looks at, without points and words; made for it. */
tend_status sieve_slot_describe(tend_sieve *sieve, const tend_filter *filter, const filter_test *test, sieve_slot *ret_slot);
/* The slot like that; -1 when there is none yet. */
int sieve_slot_find(const tend_sieve *sieve, const sieve_slot *like);
/* Takes up what the comparison compares with. */
tend_status sieve_slot_add(tend_sieve *sieve, sieve_slot *slot, const filter_test *test, const tend_world *world);
/* No more will be taken up: sorted, counted. */
void sieve_slot_close(sieve_slot *slot);
/* What the comparison says of all values of a class. */
filter_truth sieve_slot_truth(const sieve_slot *slot, size_t class, const filter_test *test, const tend_world *world);
/* The class of a number; of a folded text. */
int32_t sieve_class_of_number(const sieve_slot *slot, int64_t number);
int32_t sieve_class_of_text(const sieve_slot *slot, const char *text, size_t length);
/* Room for one element more; *list may move. */
tend_status sieve_grow(tend_arena *arena, void *list, size_t count, size_t *room, size_t size);

#endif
