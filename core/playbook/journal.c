/* journal.c: what a run has done, read for its next move. */
#include "playbook/moving.h"

#include <string.h>

typedef struct journal_reading {
    tend_arena *arena;
    tend_journal_step *steps;
    size_t count, room;
} journal_reading;

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

/* Room for one more, from the arena. */
static tend_status grow(journal_reading *reading, tend_error *reterr)
{
    size_t room = reading->room * 2 + 32;
    tend_journal_step *more = tend_arena_take(reading->arena, room * sizeof *more);

    if (!more)
        return out_of_memory(reterr);
    if (reading->count > 0)
        memcpy(more, reading->steps, reading->count * sizeof *more);
    reading->steps = more;
    reading->room = room;
    return TEND_OK;
}

/* As bytes, for the store would end each with a NUL before it is copied, and we do so as we copy. */
static const char *take_word(tend_statement *statement, int column, tend_arena *arena)
{
    size_t length;
    const char *word = tend_statement_bytes(statement, column, &length);

    return tend_arena_copy(arena, word ? word : "", word ? length : 0);
}

/* Columns: name, verb, packed, whether it waits. */
static tend_status take_step(journal_reading *reading, tend_statement *statement, tend_error *reterr)
{
    tend_journal_step step = { .name = take_word(statement, 0, reading->arena), .verb = take_word(statement, 1, reading->arena) };
    size_t length;
    const void *packed;
    tend_tree *answer;
    tend_status status = TEND_OK;

    if (!step.name || !step.verb)
        return out_of_memory(reterr);
    if (tend_statement_int(statement, 3) == 0) {
        packed = tend_statement_bytes(statement, 2, &length);
        step.answer = &tend_tree_nil;
        if (packed) {
            step.answer = answer = tend_arena_take(reading->arena, sizeof *answer);
            status = answer ? tend_tree_unpack(packed, length, reading->arena, answer, reterr) : out_of_memory(reterr);
        }
    }
    if (status == TEND_OK && reading->count == reading->room)
        status = grow(reading, reterr);
    if (status == TEND_OK)
        reading->steps[reading->count++] = step;
    return status;
}

tend_status moving_read_journal(moving_run *moving, tend_error *reterr)
{
    journal_reading reading = { .arena = moving->playbooks->arena };
    tend_statement *statement;
    bool has_row = true;
    tend_status status = grow(&reading, reterr);

    if (status < 0)
        return status;
    status = tend_sql_ask(moving->playbooks->store, &statement, reterr,
                          "SELECT name, verb, packed, state = 'waiting' FROM steps WHERE run = ?1 ORDER BY position", "i",
                          moving->run.id);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        status = take_step(&reading, statement, reterr);
    tend_statement_end(statement);
    moving->recorded = (int64_t)reading.count;
    moving->journal = reading.steps;
    return status < 0 ? status : TEND_OK;
}
