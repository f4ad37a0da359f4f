/* cycle.h: playbooks that start each other, found in what their scripts write and what starts them. Inside playbook only.
 *
 * A write starts whoever listens to the event that it is told as, or whose condition looks at the field and could hold with the
 * value. What only starts while a condition holds begins again only if some playbook of the cycle can end the condition. Dates are
 * left out: a start by a date is a day away, not a move. */
#ifndef TEND_PLAYBOOK_CYCLE_H
#define TEND_PLAYBOOK_CYCLE_H

#include "playbook/footprint.h"

typedef struct tend_cycle_node {
    const char *name;
    const tend_bundle *bundle;
    const tend_filter *where; /* NULL: always */
    const tend_footprint *footprint;
    bool is_meant; /* loops = yes: a cycle with it is nobody's fault */
} tend_cycle_node;

/* Every cycle once, from its first playbook by name; with `only` those through that one, beginning with it. `line` is
 * "file:line: what starts what; what to do". */
typedef struct tend_cycle_listener {
    void (*cycle)(void *self, const char *chain, const char *line); /* chain: "a -> b -> a" */
    void *self;
} tend_cycle_listener;
tend_status tend_cycles_find(const tend_schema *schema, const tend_cycle_node *nodes, size_t count, const char *only,
                             const tend_cycle_listener *listener, tend_arena *arena, tend_error *reterr);

#endif
