/* seal.c: whether rows of a kind are still what they were when somebody looked. */
#include "model/inside.h"
#include <stdio.h>
#include <sys/random.h>

static void name_of(tend_kind kind, char ret_name[static 24])
{
    (void)snprintf(ret_name, 24, "seal.%d", (int)kind);
}

tend_status tend_seal_get(tend_model *model, tend_kind kind, tend_arena *arena, const char **ret_seal, tend_error *reterr)
{
    char name[24];

    name_of(kind, name);
    return tend_store_meta_get(model->store, arena, name, ret_seal, reterr);
}

tend_status tend_seal_set(tend_model *model, tend_kind kind, char ret_seal[static TEND_SEAL_ROOM], tend_error *reterr)
{
    uint8_t number[(TEND_SEAL_ROOM - 1) / 2];
    char name[24];
    tend_status status = tend_model_refuse_outside(model, reterr);

    if (status < 0)
        return status;
    if (getrandom(number, sizeof number, 0) != (ssize_t)sizeof number)
        return tend_fail(reterr, TEND_EIO, "model: the system gives no random numbers");
    for (size_t i = 0; i < sizeof number; i++)
        (void)snprintf(ret_seal + 2 * i, 3, "%02x", number[i]);
    name_of(kind, name);
    model->is_touched[kind] = false;
    return tend_store_meta_set(model->store, name, ret_seal, reterr);
}

bool tend_seal_is_broken(const tend_model *model, tend_kind kind)
{
    return model->is_touched[kind];
}

tend_status tend_seals_break(tend_model *model, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (int kind = 1; kind < TEND_KIND_COUNT && status >= 0; kind++) {
        char name[24];

        if (!model->is_touched[kind])
            continue;
        name_of((tend_kind)kind, name);
        status = tend_model_keep(model, &model->seal_break, "DELETE FROM meta WHERE name=?1", reterr);
        if (status < 0)
            break;
        tend_statement_bind_string(model->seal_break, 1, name);
        status = tend_statement_run(model->seal_break, reterr);
    }
    return status;
}

void tend_seals_break_all(tend_model *model)
{
    for (int kind = 1; kind < TEND_KIND_COUNT; kind++)
        model->is_touched[kind] = true;
}
