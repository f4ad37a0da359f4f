/* left.c: what a run that was stopped leaves open: its tasks, questions and decisions, listed, and closed when its playbook says
 * so. */
#include "playbook/ask.h"

#include <string.h>

#define LEFT_MAX 100

typedef struct left_row {
    int64_t kind, id;
    const char *step, *title;
} left_row;

static tend_status read_left(tend_playbooks *playbooks, int64_t run, const char *step, left_row rows[LEFT_MAX], size_t *ret_count,
                             tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = true;
    tend_status status = tend_sql_ask(
        playbooks->store, &statement, reterr,
        "SELECT ?2, id, step, title FROM tasks WHERE run = ?1 AND status = 'open' AND removed_at IS NULL AND (?4 IS NULL OR step ="
        " ?4) UNION ALL SELECT ?3, id, step, title FROM approvals WHERE run = ?1 AND status = 'open' AND removed_at IS NULL AND"
        " (?4 IS NULL OR step = ?4) ORDER BY 1, 2 LIMIT 100",
        "iiis", run, (int64_t)TEND_KIND_TASK, (int64_t)TEND_KIND_APPROVAL, step);

    *ret_count = 0;
    while (status >= 0 && *ret_count < LEFT_MAX && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *name = tend_statement_text(statement, 2, NULL), *title = tend_statement_text(statement, 3, NULL);

        rows[(*ret_count)++] = (left_row){ .kind = tend_statement_int(statement, 0),
                                           .id = tend_statement_int(statement, 1),
                                           .step = tend_arena_string(playbooks->arena, name ? name : ""),
                                           .title = tend_arena_string(playbooks->arena, title ? title : "") };
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_left_tree(tend_playbooks *playbooks, int64_t run, tend_tree *ret_list, tend_error *reterr)
{
    left_row rows[LEFT_MAX];
    tend_tree *items;
    size_t count = 0;
    tend_status status = read_left(playbooks, run, NULL, rows, &count, reterr);

    items = tend_arena_take(playbooks->arena, (count + 1) * sizeof *items);
    if (status == TEND_OK && !items)
        status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        tend_tree_map map = { 0 };

        tend_tree_add(&map, "id", tend_tree_int(rows[i].id));
        tend_tree_add(&map, "kind", tend_tree_text(rows[i].kind == TEND_KIND_TASK ? "task" : "approval"));
        tend_tree_add(&map, "step", tend_tree_text(rows[i].step));
        tend_tree_add(&map, "title", tend_tree_text(rows[i].title));
        if (tend_tree_end(&map, playbooks->arena, &items[i]) < 0)
            status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    }
    *ret_list = count == 0 ? tend_tree_nil : (tend_tree){ .tag = TEND_TREE_LIST, .length = count, .items = items };
    return status;
}

tend_status tend_left_close(tend_playbooks *playbooks, const char *playbook, int64_t run, const char *step, const char *why,
                            int64_t *ret_closed, tend_error *reterr)
{
    left_row rows[LEFT_MAX];
    size_t count = 0;
    tend_status status = read_left(playbooks, run, step, rows, &count, reterr);

    for (size_t i = 0; i < count && status == TEND_OK; i++)
        status = ask_close(playbooks, playbook, rows[i].kind, rows[i].id,
                           rows[i].kind == TEND_KIND_TASK ? "cancelled" : "withdrawn", why, reterr);
    *ret_closed = (int64_t)count;
    return status;
}
