/* login.h: who a caller is: [login.NAME] maps a login of the system to a person of ours.
 *
 * Over the local socket the system says who calls (SO_PEERCRED), for a command on its own it is the process's user. root and the
 * owner of the engine are the administrator unless a section says otherwise; other logins need one. */
#ifndef TEND_ENGINE_LOGIN_H
#define TEND_ENGINE_LOGIN_H

#include "engine/workspace.h"

extern const tend_section tend_login_sections[];

/* Whether this login may call a running engine at all. */
bool tend_login_is_known(const tend_config *config, unsigned uid);
/* Whether any login but root and our own is known: then others must be able to reach the socket. */
bool tend_login_any(const tend_config *config);
/* "Ann Lee", an e-mail address or "#3": the row of users; `place` begins the sentence. */
tend_status tend_login_user(tend_workspace *workspace, const char *place, const char *written, int64_t *ret_user,
                            tend_error *reterr);
/* The principal of the login `asked_by`, acting as `user` (NULL: as itself). Acting as another needs the right, and is recorded. */
tend_status tend_login_principal(tend_workspace *workspace, const char *asked_by, const char *user, tend_principal *ret_principal,
                                 tend_error *reterr);

#endif
