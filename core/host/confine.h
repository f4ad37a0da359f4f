/* confine.h: what a host may still do once it is about to run foreign code.
 *
 * The rules are seccomp filters that refuse with EPERM, so that a plugin that reaches too far gets an error and not a crash.
 * They are laid on twice: before the plugin is loaded all but reading files, and that after its loading has read what it needs. */
#ifndef TEND_HOST_CONFINE_H
#define TEND_HOST_CONFINE_H

#include <stdint.h>
#include <tend/plugin.h>

/* No core dumps, at most `memory` bytes of address space (0: no limit), no new privileges; then system administration, reaching
 * into other processes, and whatever of network and programs `granted` lacks are refused. */
tend_status confine_before_loading(unsigned granted, int64_t memory, tend_error *reterr);
/* Then files, if `granted` lacks them. */
tend_status confine_after_loading(unsigned granted, tend_error *reterr);

#endif
