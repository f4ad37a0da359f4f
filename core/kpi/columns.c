#include "kpi/columns.h"
#include "kpi/stock.h"
#include <stdlib.h>
#include <string.h>

/* A frame as this view's period has it. */
typedef struct viewed_frame {
    tend_frame frame;
    tend_kept_frame *kept;
    bool is_money;
    struct viewed_frame *next;
} viewed_frame;

struct tend_columns {
    tend_stock *stock; /* shared */
    tend_period period;
    viewed_frame *frames; /* owned */
};

static bool is_same_inputs(const tend_kept_frame *kept, const tend_input *inputs)
{
    size_t i = 0;

    for (; i < kept->input_count; i++)
        if (!inputs[i].column || inputs[i].take != kept->inputs[i].take || strcmp(inputs[i].column, kept->inputs[i].column) != 0)
            return false;
    return !inputs[i].column;
}

static viewed_frame *find_viewed(const tend_columns *columns, const tend_input *inputs, bool is_money)
{
    viewed_frame *viewed = columns->frames;

    while (viewed && (viewed->is_money != is_money || !is_same_inputs(viewed->kept, inputs)))
        viewed = viewed->next;
    return viewed;
}

tend_status tend_columns_frame(tend_columns *columns, const tend_input *inputs, bool is_money, const tend_frame **ret_frame,
                               tend_error *reterr)
{
    viewed_frame *viewed = find_viewed(columns, inputs, is_money);
    tend_status status;

    if (!viewed) {
        viewed = calloc(1, sizeof *viewed);
        if (!viewed)
            return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
        status = tend_stock_frame(columns->stock, inputs, is_money, columns->period, &viewed->kept, reterr);
        if (status < 0) {
            free(viewed);
            return status;
        }
        viewed->frame = viewed->kept->frame;
        viewed->frame.batch.from = columns->period.from;
        viewed->frame.batch.to = columns->period.to;
        if (!is_money)
            viewed->frame.currencies = NULL;
        viewed->is_money = is_money;
        viewed->next = columns->frames;
        columns->frames = viewed;
    }
    *ret_frame = &viewed->frame;
    return TEND_OK;
}

tend_status tend_columns_sealed(const tend_frame *frame, const tend_sealed **ret_sealed, tend_error *reterr)
{
    const viewed_frame *viewed = (const viewed_frame *)(const void *)frame; /* its first member */
    const tend_status status = tend_kept_frame_seal(viewed->kept, reterr);

    if (status >= 0)
        *ret_sealed = viewed->kept->sealed;
    return status;
}

tend_status tend_columns_new(const tend_world *world, tend_cache *cache, const tend_scope *scope, tend_period period,
                             const char currency[4], tend_columns **ret_columns, tend_error *reterr)
{
    tend_columns *columns = calloc(1, sizeof *columns);
    tend_status status = columns ? tend_stock_take(world, cache, scope, currency, &columns->stock, reterr) : TEND_ENOMEM;

    if (status < 0) {
        tend_columns_free(columns);
        return status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up") : status;
    }
    columns->period = period;
    *ret_columns = columns;
    return TEND_OK;
}

void tend_columns_free(tend_columns *columns)
{
    if (!columns)
        return;
    while (columns->frames) {
        viewed_frame *next = columns->frames->next;

        free(columns->frames);
        columns->frames = next;
    }
    tend_stock_give(columns->stock);
    free(columns);
}

const int64_t *tend_columns_accounts(const tend_columns *columns, size_t *ret_count)
{
    *ret_count = columns->stock->account_count;
    return columns->stock->accounts;
}

tend_members *tend_columns_members(tend_columns *columns)
{
    return columns->stock->members;
}

bool tend_columns_lend(tend_columns *columns, size_t bytes, tend_room *ret_room)
{
    tend_stock *stock = columns->stock;

    *ret_room = (tend_room){ stock->room, stock->room_bytes };
    if (!stock->room || stock->room_bytes < bytes) {
        free(stock->room);
        *ret_room = (tend_room){ malloc(bytes + 1), bytes };
    }
    stock->room = NULL;
    stock->room_bytes = 0;
    return ret_room->memory != NULL;
}

void tend_columns_give_back(tend_columns *columns, tend_room *room)
{
    tend_stock *stock = columns->stock;

    if (stock->room_bytes < room->bytes) {
        free(stock->room);
        stock->room = room->memory;
        stock->room_bytes = room->bytes;
    } else {
        free(room->memory);
    }
    *room = (tend_room){ 0 };
}
