/* remote.h: letting the running engine carry out a command, over the workspace's local socket. */
#ifndef TEND_CLI_REMOTE_H
#define TEND_CLI_REMOTE_H

#include "cli/session.h"
#include "engine/serve.h"

/* Message types on the socket. */
enum { TEND_REMOTE_COMMAND = 1, TEND_REMOTE_OUT = 2, TEND_REMOTE_ERR = 3, TEND_REMOTE_DONE = 4 };

/* When an engine answers on the session's workspace: hands the words over, copies its output here, and returns true. */
bool tend_remote_try(tend_session *session, int count, const char *const *arguments, int *ret_exit);

/* The engine's side, for tend_serve. */
extern const tend_serve_hooks tend_remote_hooks;

#endif
