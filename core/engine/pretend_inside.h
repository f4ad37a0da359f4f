/* pretend_inside.h: what the files of a pretend world share. */
#ifndef TEND_ENGINE_PRETEND_INSIDE_H
#define TEND_ENGINE_PRETEND_INSIDE_H

#include "engine/pretend.h"
#include "engine/workspace.h"
#include "model/parse.h"
#include "model/world.h"
#include <limits.h>

typedef struct pretend_line {
    struct pretend_line *next;
    const char *section, *key, *value;
} pretend_line;

struct tend_pretend {
    tend_pretend_house *house;
    tend_pretend_options options;
    tend_arena *arena;     /* owned: of the whole test */
    tend_arena *scratch;   /* of one call; borrowed */
    pretend_line *lines;   /* of the configuration, the last said first */
    char folder[PATH_MAX]; /* "": not made yet */
    tend_workspace *workspace;
    tend_time now;
    tend_principal principal;
    int64_t made[TEND_KIND_COUNT]; /* rows of each kind */
    bool is_lived_in;              /* there is a row, or time has passed */
    bool expects_held;
    const char *failure; /* of the first call that failed */
    uint32_t failure_line;
};

static inline tend_status pretend_no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbook test: memory is used up");
}

/* pretend.c: the workspace is there, and all that is due is done. */
tend_status pretend_begin(tend_pretend *pretend, tend_error *reterr);
tend_status pretend_settle(tend_pretend *pretend, tend_error *reterr);
/* What the world is made of can be changed until the first row. */
tend_status pretend_reconsider(tend_pretend *pretend, const tend_world_call *call, tend_error *reterr);

typedef tend_status pretend_verb(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr);

/* pretend_house.c: an empty store, its playbooks already met, for a configuration and a time; made once, then copied. */
tend_status pretend_house_store(tend_pretend_house *house, const char *folder, const char *ini, tend_clock clock, tend_time now,
                                tend_error *reterr);
/* A new folder in that of the house, with links to the scripts. */
tend_status pretend_house_room(tend_pretend_house *house, const char *scripts, char ret_folder[PATH_MAX], tend_error *reterr);
void pretend_house_clear(const char *folder);

/* pretend_time.c */
pretend_verb pretend_starts, pretend_advance, pretend_day, pretend_today;

/* pretend_row.c */
pretend_verb pretend_set, pretend_remove, pretend_event, pretend_start, pretend_measure, pretend_read, pretend_all;
tend_status pretend_add(tend_pretend *pretend, const tend_kind_schema *kind, const tend_world_call *call, tend_tree *ret_answer,
                        tend_error *reterr);
/* Two tables of fields, one after the other, written into a row. */
tend_status pretend_change(tend_pretend *pretend, const tend_kind_schema *kind, int64_t id, const tend_tree *first,
                           const tend_tree *second, tend_error *reterr);
/* { id = 7, kind = "contract" } */
tend_status pretend_handle(tend_pretend *pretend, const char *kind, int64_t id, tend_tree *ret_tree, tend_error *reterr);
/* The row that an argument names; TEND_EINVAL when it is none. */
tend_status pretend_take_row(tend_pretend *pretend, const tend_world_call *call, size_t i, const tend_kind_schema **ret_kind,
                             int64_t *ret_id, tend_error *reterr);

/* pretend_answer.c */
pretend_verb pretend_answer, pretend_stop;

/* pretend_match.c: what could be what a test expects. Keys and values go together; a reference has the name of its row besides. */
typedef struct pretend_candidate {
    struct pretend_candidate *next;
    const char *label; /* "task 3 'Call Acme'" */
    const char *kind;  /* of its handle */
    int64_t id;
    size_t count;
    const char *const *keys;
    const tend_tree *values;
    const char *const *names; /* NULL: none */
} pretend_candidate;

typedef struct pretend_candidates {
    const char *noun;        /* "open task" */
    const char *const *keys; /* that can be asked for, NULL-terminated */
    pretend_candidate *first, **end;
    size_t count;
} pretend_candidates;

void pretend_candidates_add(pretend_candidates *list, pretend_candidate *candidate);
/* Those that match all of `wanted` (NULL: all do); TEND_EINVAL for a key that there is not. */
tend_status pretend_match(tend_pretend *pretend, const pretend_candidates *list, const tend_tree *wanted,
                          const pretend_candidate **ret_first, size_t *ret_count, tend_error *reterr);
/* TEND_EINVAL: "expected … ; there is …" */
tend_status pretend_mismatch(tend_pretend *pretend, const pretend_candidates *list, const tend_tree *wanted, const char *expected,
                             tend_error *reterr);
const char *pretend_show(tend_pretend *pretend, const tend_tree *value);
bool pretend_same(const tend_tree *wanted, const tend_tree *value, const char *name);

/* pretend_gather.c: rows of a kind, or "run", "event", "message", "call", "step", "decision". TEND_ENOTFOUND: nothing is called so. */
tend_status pretend_gather(tend_pretend *pretend, const char *noun, const tend_tree *wanted, pretend_candidates *ret_list,
                           tend_error *reterr);
extern const char *const pretend_nouns[];

/* pretend_expect.c: expect_NOUN, expect_no_NOUN, expect_count, expect_equal. `noun` is what follows "expect_". */
tend_status pretend_expect(tend_pretend *pretend, const char *noun, const tend_world_call *call, tend_tree *ret_answer,
                           tend_error *reterr);
pretend_verb pretend_trace;

#endif
