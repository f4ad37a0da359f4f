/* taken.c: answers that a run has taken and gone on with. */
#include "playbook/inside.h"

#include <string.h>

tend_status tend_answer_taken(tend_store *store, tend_kind kind, int64_t row, tend_arena *arena, const char **ret_why,
                              tend_error *reterr)
{
    const bool is_task = kind == TEND_KIND_TASK;
    tend_statement *statement;
    bool has_row = false;
    tend_status status;

    *ret_why = NULL;
    if ((!is_task && kind != TEND_KIND_APPROVAL) || !tend_store_has_table(store, "steps"))
        return TEND_OK;
    status = tend_sql_ask(
        store, &statement, reterr,
        is_task
            ? "SELECT s.run, w.outcome FROM tasks w JOIN steps s ON s.run = w.run AND s.kind = ?1 AND s.row = w.id AND s.state ="
              " 'answered' WHERE w.id = ?2 AND w.choices IS NOT NULL"
            : "SELECT s.run, w.status FROM approvals w JOIN (SELECT run, kind, row, state FROM steps UNION ALL SELECT run, kind,"
              " row, state FROM parts) s ON s.run = w.run AND s.kind = ?1 AND s.row = w.id AND s.state = 'answered' WHERE w.id ="
              " ?2",
        "ii", (int64_t)kind, row);
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        const char *answer = tend_statement_text(statement, 1, NULL);
        long long run = tend_statement_int(statement, 0);

        *ret_why =
            tend_arena_print(arena,
                             "run %lld has taken this answer (%s); tend playbook cancel %lld stops the run, tend playbook start "
                             "begins it anew",
                             run, answer ? answer : "closed", run);
        if (!*ret_why)
            status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}
