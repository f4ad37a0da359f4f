/* conform_inside.h: what the files of the conformance suite share. */
#ifndef TEND_ENGINE_CONFORM_INSIDE_H
#define TEND_ENGINE_CONFORM_INSIDE_H

#include "base/arena.h"
#include "engine/conform.h"

typedef struct conform {
    const tend_conform_request *request;
    tend_hosted *hosted;             /* opened with the settings */
    const tend_declared *capability; /* the one that is tried; NULL: the plugin itself */
    const char *part;
    tend_arena *arena; /* until the capability is done */
    unsigned failed;
    tend_status status; /* of putting findings, or of memory: below zero ends everything */
    tend_error error;
} conform;

/* One finding. `state` as it is: the sentence follows. */
TEND_PRINTF(4, 5) void conform_put(conform *trial, tend_conform_state state, const char *check, const char *format, ...);
/* The capability's name. */
const char *conform_name(const conform *trial);
/* After a call that failed: true when the plugin's process is gone, or it gave no reason; then that is put as a failure. */
bool conform_is_rude(conform *trial, const char *check, const char *doing, const tend_error *why);
/* An array from the arena; NULL when memory is used up, which ends the trial. */
void *conform_take(conform *trial, size_t bytes);

/* One capability each. */
void conform_connector(conform *trial);
void conform_kpi(conform *trial);
void conform_sink(conform *trial);
void conform_price(conform *trial);

#endif
