/* graph.h: the picture of a playbook: what starts it, its steps, waits and branches. */
#ifndef TEND_PLAYBOOK_GRAPH_H
#define TEND_PLAYBOOK_GRAPH_H

#include "playbook/outline.h"
#include "playbook/spec.h"
#include <stdio.h>

typedef enum tend_graph_form { TEND_GRAPH_TEXT = 1, TEND_GRAPH_MERMAID, TEND_GRAPH_SVG } tend_graph_form;

/* What is drawn: a script that was read and whose declaration is well. Texts live in the arena. */
typedef struct tend_graph {
    const char *name, *summary, *starts, *stops; /* stops NULL: nothing does */
    const tend_outline *outline;
    tend_arena *arena;
    const char *(*say)(void *self, const char *english); /* in the reader's language; NULL: English */
    void *self;
} tend_graph;

/* Reads the script at `path` with its libraries from the folders (between colons). TEND_EINVAL when it is faulty. */
tend_status tend_graph_read(const char *path, const char *scripts, const tend_schema *schema, const char *sandbox,
                            tend_arena *arena, tend_graph *ret_graph, tend_error *reterr);
tend_status tend_graph_write(const tend_graph *graph, tend_graph_form form, FILE *out, tend_error *reterr);

/* "90 days before contract.ends_on, where status = active": what starts it, in words. From the arena. */
const char *tend_spec_say_start(const tend_spec *spec, tend_arena *arena);
/* "wait 'plan written'" */
const char *tend_outline_title(const tend_outline *step, tend_arena *arena);

/* A word or a sentence of the picture in the reader's language. */
const char *tend_graph_say(const tend_graph *graph, const char *english);

/* graph_svg.c */
tend_status tend_graph_svg(const tend_graph *graph, FILE *out, tend_error *reterr);

#endif
