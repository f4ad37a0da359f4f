/* conform.h: whether a plugin keeps the rules of its kind, tried out through the real tend-host.
 *
 * For whoever writes one. Everything is tried with the settings that are given, so the source, the rules or the target behind them
 * decide how much can be tried: small and still is best. */
#ifndef TEND_ENGINE_CONFORM_H
#define TEND_ENGINE_CONFORM_H

#include "plugin/plugins.h"

typedef enum tend_conform_state {
    TEND_CONFORM_OK = 1,
    TEND_CONFORM_FAILED,
    TEND_CONFORM_NOT_TRIED /* what was given did not let us */
} tend_conform_state;
const char *tend_conform_state_name(tend_conform_state state); /* "ok", "FAILED", "not tried" */

typedef struct tend_conform_finding {
    tend_conform_state state;
    const char *capability; /* its name; "" for the plugin itself */
    const char *part;       /* a stream; "" */
    const char *check;      /* "resume", "order of accounts" … */
    const char *text;       /* a sentence: what was seen, or what is wrong and what to do */
} tend_conform_finding;

typedef struct tend_conform_request {
    tend_plugins *plugins;   /* a list with the plugin in it, of tend_plugins_open_file */
    const char *name;        /* of the plugin */
    const tend_given *given; /* its settings */
    size_t count;
    const tend_given *rules; /* of prices: key "RULE.KEY" */
    size_t rule_count;
    /* Of connectors: what the source is known to hold, all streams together. Nothing else shows what is lost or dropped in every pull
     * alike. */
    int64_t records, removals;
    bool says_records, says_removals;
    const char *to; /* of sinks: where messages are really sent to; NULL: nothing is sent */
    tend_time now;
    tend_status (*put)(void *self, const tend_conform_finding *finding, tend_error *reterr); /* texts are borrowed for the call */
    void *self;
} tend_conform_request;

/* TEND_OK whatever was found; *ret_failed checks failed. What cannot be tried at all (no such settings, no target) is a finding,
 * too; a failure is of our own. */
tend_status tend_conform(const tend_conform_request *request, unsigned *ret_failed, tend_error *reterr);

#endif
