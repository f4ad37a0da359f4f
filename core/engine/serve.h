/* serve.h: the engine in the foreground: due work, clients on the local socket, signals.
 *
 * Commands that wait at the same time share one transaction: each has its savepoint, all are acknowledged after the one fsync. */
#ifndef TEND_ENGINE_SERVE_H
#define TEND_ENGINE_SERVE_H

#include "base/wire.h"
#include "engine/workspace.h"

/* How the layer above understands and carries out what a client sends. */
typedef struct tend_serve_hooks {
    /* Reads the client's command; *ret_request is the hooks' own. `uid` is who the kernel says the client is. */
    tend_status (*receive)(tend_workspace *workspace, tend_wire *wire, unsigned uid, void **ret_request, tend_error *reterr);
    bool (*may_share)(const void *request); /* it may run inside a transaction with others */
    void (*carry_out)(tend_workspace *workspace, void *request);
    /* Answers, when `status` is the outcome of the shared commit (TEND_OK when it ran alone), and frees the request. */
    void (*reply)(tend_wire *wire, void *request, tend_status status, const tend_error *error);
} tend_serve_hooks;

/* Makes run/tend.sock (mode 0600) and works until SIGTERM or SIGINT. SIGHUP reads the configuration again, and ends safe mode
 * (engine/safe.h); `is_normal` does so at once. */
tend_status tend_serve(tend_workspace *workspace, const tend_serve_hooks *hooks, bool is_normal, tend_error *reterr);

#endif
