/* playbook_new.h: a playbook of somebody's own, with its test, from the template. */
#ifndef TEND_ENGINE_PLAYBOOK_NEW_H
#define TEND_ENGINE_PLAYBOOK_NEW_H

#include <stdbool.h>
#include <tend/status.h>

/* Writes playbooks/PACK/NAME.lua and NAME_test.lua below `folder`, and where that is a workspace tend.d/playbook-NAME.ini. `put`
 * hears each file, below `folder`. Nothing that is there is written over; when it fails nothing of it is left. `scripts`: folders
 * in which no playbook may be called so yet, between colons. */
tend_status tend_playbook_new(const char *folder, bool is_workspace, const char *pack, const char *name, const char *scripts,
                              void (*put)(void *self, const char *file), void *self, tend_error *reterr);

#endif
