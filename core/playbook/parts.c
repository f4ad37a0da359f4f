/* parts.c: steps that wait for several things at once: run:all for each of them, run:first for the one that comes first,
 * run:approve for so many of those who are asked. Each part has a wait of its own, under STEP/PART; the step has its answer when
 * enough of them have theirs, and the others are closed. */
#include "playbook/ask.h"

#include <string.h>

#define PARTS_MAX 64

/* A part as it was found. */
typedef struct part {
    const char *name, *sort, *state;
    tend_tree answer;
    int64_t kind, row;
} part;

typedef struct part_list {
    part parts[PARTS_MAX];
    size_t count;
    int64_t needed; /* 0: not a matter of numbers */
    const char *verb, *playbook;
} part_list;

/* In byte order of their names. `verb` NULL: the step has its answer already. */
static tend_status read_parts(tend_playbooks *playbooks, int64_t run, const char *step, part_list *ret_list, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = true;
    tend_status status = tend_sql_ask(playbooks->store, &statement, reterr,
                                      "SELECT p.part, p.sort, p.state, p.packed, p.kind, p.row, p.needed, s.verb, r.playbook"
                                      " FROM parts p JOIN steps s ON s.run = p.run AND s.name = p.step AND s.state = 'waiting'"
                                      " JOIN runs r ON r.id = p.run WHERE p.run = ?1 AND p.step = ?2 ORDER BY p.part",
                                      "is", run, step);

    *ret_list = (part_list){ .count = 0 };
    while (status >= 0 && ret_list->count < PARTS_MAX && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 &&
           has_row) {
        part *found = &ret_list->parts[ret_list->count++];
        size_t length;
        const void *packed = tend_statement_bytes(statement, 3, &length);

        *found = (part){ .name = tend_arena_string(playbooks->arena, tend_statement_text(statement, 0, NULL)),
                         .sort = tend_arena_string(playbooks->arena, tend_statement_text(statement, 1, NULL)),
                         .state = tend_arena_string(playbooks->arena, tend_statement_text(statement, 2, NULL)),
                         .kind = tend_statement_int(statement, 4),
                         .row = tend_statement_int(statement, 5) };
        ret_list->needed = tend_statement_int(statement, 6);
        ret_list->verb = tend_arena_string(playbooks->arena, tend_statement_text(statement, 7, NULL));
        ret_list->playbook = tend_arena_string(playbooks->arena, tend_statement_text(statement, 8, NULL));
        if (packed)
            status = tend_tree_unpack(packed, length, playbooks->arena, &found->answer, reterr);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static bool is_state(const part *one, const char *state)
{
    return strcmp(one->state, state) == 0;
}

static size_t count_state(const part_list *list, const char *state)
{
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        count += is_state(&list->parts[i], state);
    return count;
}

static int64_t count_yes(const part_list *list)
{
    int64_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        count += tend_tree_is(&list->parts[i].answer, "approved");
    return count;
}

/* Whether what has come is enough for an answer. */
static bool is_enough(const part_list *list)
{
    int64_t waiting = (int64_t)count_state(list, "waiting"), yes = count_yes(list);

    if (strcmp(list->verb, "all") == 0)
        return waiting == 0;
    if (strcmp(list->verb, "first") == 0)
        return waiting == 0 || count_state(list, "answered") > 0;
    return yes >= list->needed || yes + waiting < list->needed;
}

static tend_tree closed_answer(tend_arena *arena)
{
    tend_tree_map map = { 0 };
    tend_tree tree = tend_tree_nil;

    tend_tree_add(&map, "closed", tend_tree_bool(true));
    return tend_tree_end(&map, arena, &tree) < 0 ? tend_tree_nil : tree;
}

/* Adds the parts between two names of our own, for keys stand in byte order. */
static size_t add_parts(const part_list *list, size_t from, const char *before, tend_arena *arena, tend_tree_map *map)
{
    for (; from < list->count && (!before || strcmp(list->parts[from].name, before) < 0); from++)
        tend_tree_add(map, list->parts[from].name,
                      is_state(&list->parts[from], "waiting") ? closed_answer(arena) : list->parts[from].answer);
    return from;
}

/* { which, timed_out, PART = its answer … }, for decisions { approved, approvals, comment, timed_out }. */
static tend_status make_answer(tend_playbooks *playbooks, const part_list *list, bool *ret_timed_out, tend_tree *ret_answer,
                               tend_error *reterr)
{
    bool is_first = strcmp(list->verb, "first") == 0, is_number = list->needed > 0;
    const char *which = NULL, *comment = NULL;
    tend_tree_map map = { 0 };
    size_t next;

    *ret_timed_out = is_first ? count_state(list, "answered") == 0 : count_state(list, "timed_out") > 0;
    for (size_t i = 0; i < list->count; i++) {
        if (is_first && !which && is_state(&list->parts[i], "answered"))
            which = list->parts[i].name;
        if (tend_tree_string(&list->parts[i].answer, "comment"))
            comment = tend_tree_string(&list->parts[i].answer, "comment");
    }
    if (is_number) {
        *ret_timed_out &= count_yes(list) < list->needed;
        tend_tree_add(&map, "approvals", tend_tree_int(count_yes(list)));
        tend_tree_add(&map, "approved", tend_tree_bool(count_yes(list) >= list->needed));
        tend_tree_add(&map, "comment", tend_tree_text(comment));
        tend_tree_add(&map, "timed_out", tend_tree_bool(*ret_timed_out));
    } else {
        next = add_parts(list, 0, "timed_out", playbooks->arena, &map);
        tend_tree_add(&map, "timed_out", tend_tree_bool(*ret_timed_out));
        next = add_parts(list, next, "which", playbooks->arena, &map);
        tend_tree_add(&map, "which", tend_tree_text(which));
        (void)add_parts(list, next, NULL, playbooks->arena, &map);
    }
    return tend_tree_end(&map, playbooks->arena, ret_answer) < 0 ? tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up")
                                                                 : TEND_OK;
}

/* What still waits is not waited for any more; decisions that nobody needs are withdrawn. */
static tend_status close_rest(tend_playbooks *playbooks, int64_t run, const char *step, const part_list *list, tend_error *reterr)
{
    tend_status status = tend_sql_run(playbooks->store, reterr,
                                      "UPDATE parts SET state = 'closed', answered_at = ?3 WHERE run = ?1 AND step = ?2"
                                      " AND state = 'waiting'",
                                      "isi", run, step, tend_playbooks_now(playbooks));

    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "DELETE FROM waits WHERE run = ?1 AND is_part = 1", "i", run);
    for (size_t i = 0; i < list->count && status == TEND_OK; i++)
        if (is_state(&list->parts[i], "waiting") && strcmp(list->parts[i].sort, "approve") == 0)
            status = ask_close(playbooks, list->playbook, TEND_KIND_APPROVAL, list->parts[i].row, "withdrawn", NULL, reterr);
    return status;
}

tend_status tend_part_answer(tend_playbooks *playbooks, int64_t run, const char *name, const char *state, const tend_tree *answer,
                             int64_t moved_by, tend_error *reterr)
{
    const char *slash = strchr(name, '/'), *shown = tend_tree_show(answer, playbooks->arena);
    const char *step = tend_arena_copy(playbooks->arena, name, (size_t)(slash - name));
    part_list *list = tend_arena_take(playbooks->arena, sizeof *list);
    tend_buffer packed = { 0 };
    tend_tree whole;
    bool is_late;
    tend_status status;

    if (!step || !list)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    tend_tree_pack(answer, &packed);
    status = tend_sql_run(playbooks->store, reterr,
                          "UPDATE parts SET state = ?4, answer = ?5, packed = ?6, answered_at = ?7, event = ?8"
                          " WHERE run = ?1 AND step = ?2 AND part = ?3 AND state = 'waiting'",
                          "issssbii", run, step, slash + 1, state, shown, &packed, tend_playbooks_now(playbooks), moved_by);
    tend_buffer_clear(&packed);
    if (status < 0 || tend_store_changes(playbooks->store) == 0)
        return status;
    status = tend_sql_run(playbooks->store, reterr, "DELETE FROM waits WHERE run = ?1 AND step = ?2", "is", run, name);
    if (status == TEND_OK)
        status = read_parts(playbooks, run, step, list, reterr);
    if (status < 0 || !list->verb || !is_enough(list))
        return status;
    status = make_answer(playbooks, list, &is_late, &whole, reterr);
    if (status == TEND_OK)
        status = close_rest(playbooks, run, step, list, reterr);
    return status < 0 ? status
                      : tend_wait_answer(playbooks, run, step, is_late ? "timed_out" : "answered", &whole, moved_by, reterr);
}

/* ---- how they begin --------------------------------------------------------------------------------------------------------- */

/* Who is asked: each person once. Fewer persons than have to agree is a fault, for one of them would decide alone. */
static tend_status choose_persons(const tend_subject *subject, const tend_step *step, const char *roles[ASKED_MAX], size_t *count,
                                  tend_error *reterr)
{
    int64_t users[ASKED_MAX] = { 0 }, needed = ask_needed(&step->arguments);
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        const char *why;
        int64_t user = 0;
        bool is_asked = false;
        tend_status status = tend_role_find(subject, roles[i], &user, &why, reterr);

        if (status < 0)
            return status;
        for (size_t k = 0; k < kept; k++)
            is_asked |= user != 0 && users[k] == user;
        if (is_asked)
            continue;
        users[kept] = user;
        roles[kept++] = roles[i];
    }
    *count = kept;
    if ((int64_t)kept < needed)
        return tend_fail(reterr, TEND_EINVAL, "approve '%s': needs %lld to agree, and the roles it names are held by %zu",
                         step->name, (long long)needed, kept);
    return TEND_OK;
}

static tend_status begin_part(const tend_subject *subject, const tend_run *run, const tend_tree *settings,
                              const tend_origin *origin, const tend_step *step, const char *name, const char *sort,
                              const tend_tree *arguments, const char *role, tend_error *reterr)
{
    tend_step one = { .name = tend_arena_print(subject->arena, "%s/%s", step->name, name), .verb = sort, .arguments = *arguments };
    int64_t waiting = 0;
    tend_status status = tend_sql_number(subject->world.store, 0, &waiting, reterr,
                                         "SELECT count(*) FROM parts WHERE run = ?1 AND step = ?2 AND part = ?3 AND state ="
                                         " 'waiting'",
                                         "iss", run->id, step->name, name);

    if (status < 0 || waiting == 0) /* another one was enough already */
        return status;
    status = tend_wait_begin(subject, run, settings, origin, &one, role, reterr);
    if (status < 0 || one.row == 0)
        return status;
    return tend_sql_run(subject->world.store, reterr,
                        "UPDATE parts SET kind = ?4, row = ?5 WHERE run = ?1 AND step = ?2 AND part = ?3", "issii", run->id,
                        step->name, name, one.kind, one.row);
}

static tend_status note_part(const tend_subject *subject, const tend_run *run, const tend_step *step, const char *name,
                             const char *sort, const char *topic, int64_t needed, tend_error *reterr)
{
    return tend_sql_run(subject->world.store, reterr,
                        "INSERT INTO parts (run, step, part, sort, state, kind, row, topic, needed)"
                        " VALUES (?1, ?2, ?3, ?4, 'waiting', 0, 0, ?5, ?6)",
                        "issssi", run->id, step->name, name, sort, topic, needed);
}

static tend_status begin_approvals(const tend_subject *subject, const tend_run *run, const tend_tree *settings,
                                   const tend_origin *origin, const tend_step *step, tend_error *reterr)
{
    const char *roles[ASKED_MAX];
    size_t count = ask_roles(&step->arguments, roles);
    tend_status status = choose_persons(subject, step, roles, &count, reterr);

    for (size_t i = 0; i < count && status == TEND_OK; i++)
        status = note_part(subject, run, step, roles[i], "approve", NULL, ask_needed(&step->arguments), reterr);
    for (size_t i = 0; i < count && status == TEND_OK; i++)
        status = begin_part(subject, run, settings, origin, step, roles[i], "approve", &step->arguments, roles[i], reterr);
    return status;
}

tend_status tend_parts_begin(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                             const tend_step *step, tend_error *reterr)
{
    const tend_tree *map = &step->arguments;
    tend_status status = TEND_OK;

    if (strcmp(step->verb, "approve") == 0)
        return begin_approvals(subject, run, settings, origin, step, reterr);
    for (size_t i = 0; i < map->length && status == TEND_OK; i++)
        status = note_part(subject, run, step, map->keys[i], tend_tree_get(&map->items[i], "sleep") ? "sleep" : "wait",
                           tend_tree_string(&map->items[i], "event"), 0, reterr);
    for (size_t i = 0; i < map->length && status == TEND_OK; i++) {
        const tend_tree *sleep = tend_tree_get(&map->items[i], "sleep");

        status = begin_part(subject, run, settings, origin, step, map->keys[i], sleep ? "sleep" : "wait",
                            sleep ? sleep : &map->items[i], NULL, reterr);
    }
    return status;
}
