/* stock.h: the rows of one scope of accounts as frames, which views share. Private to this layer.
 *
 * The stock of all accounts of the live world stays with the cache from one view to the next, as long as no event touches what it
 * was made of: then a view finds its columns ready, in memory that hosts have mapped already. Whatever is computed over them is
 * computed anew. */
#ifndef TEND_KPI_STOCK_H
#define TEND_KPI_STOCK_H

#include "kpi/columns.h"
#include "plugin/plugins.h"

typedef struct tend_numbers {
    int64_t *items; /* owned */
    size_t count, room;
} tend_numbers;

/* Rows of one kind as they are read. */
typedef struct tend_loaded_kind {
    const tend_kind_schema *kind;
    bool is_split;     /* its money is read, by currency */
    tend_numbers keys; /* by row: index of the account << 32 | currency; gone when the frame is filled */
    tend_numbers ids, at;
} tend_loaded_kind;

typedef struct tend_kept_frame {
    tend_frame frame;
    const tend_input *inputs; /* copied */
    size_t input_count;
    bool is_money, has_latest; /* has_latest: made for the days of its period alone */
    tend_period period;
    tend_arena *arena; /* owned */
    tend_found_input found[TEND_INPUTS_MAX];
    tend_loaded_kind kinds[TEND_INPUTS_MAX];
    size_t kind_count;
    tend_numbers values[TEND_INPUTS_MAX]; /* of inputs that take all; gone when it is sealed */
    tend_words *words[TEND_INPUTS_MAX];
    tend_sealed *sealed; /* owned; NULL until it is asked for */
    struct tend_kept_frame *next;
} tend_kept_frame;

typedef struct tend_stock {
    tend_world world; /* copied: it outlives the view that it was made for */
    char currency[4];
    tend_members *members; /* owned */
    const int64_t *accounts;
    size_t account_count;
    tend_kept_frame *frames; /* owned */
    void *room;              /* owned: memory that views have worked in, for the next one; NULL: it is lent out, or there is none */
    size_t room_bytes;
    size_t users;
} tend_stock;

/* As tend_columns_new takes them. */
tend_status tend_stock_take(const tend_world *world, tend_cache *cache, const tend_scope *scope, const char currency[4],
                            tend_stock **ret_stock, tend_error *reterr);
void tend_stock_give(tend_stock *stock); /* accepts NULL; the last one frees it */
/* A frame that is there already, or is built. Its batch has the days of the period that it was built for. */
tend_status tend_stock_frame(tend_stock *stock, const tend_input *inputs, bool is_money, tend_period period,
                             tend_kept_frame **ret_kept, tend_error *reterr);
/* Has hosts see it. */
tend_status tend_kept_frame_seal(tend_kept_frame *kept, tend_error *reterr);

/* frame.c: builds one; what is there of it after a failure is freed by the caller. */
tend_status tend_kept_frame_fill(const tend_stock *stock, tend_kept_frame *kept, const tend_input *inputs, tend_error *reterr);
void tend_kept_frame_free(tend_kept_frame *kept);

/* patch.c: takes over what `part`, the same of a few accounts, has for them; false, and nothing is changed: they have more or fewer
 * rows than before, or other currencies or words. Nobody may be looking at the frame. */
bool tend_kept_frame_patch(tend_kept_frame *kept, const tend_kept_frame *part);

#endif
