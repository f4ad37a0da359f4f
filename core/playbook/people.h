/* people.h: who is there to be given work, for the check of what a configuration and its scripts name. */
#ifndef TEND_PLAYBOOK_PEOPLE_H
#define TEND_PLAYBOOK_PEOPLE_H

#include "base/arena.h"
#include "store/store.h"

/* Both NULL-terminated, in the arena. */
typedef struct tend_people {
    const char *const *teams; /* that somebody is in who has not left */
    const char *const *names; /* names and e-mail addresses */
} tend_people;

tend_status tend_people_read(tend_store *store, tend_arena *arena, tend_people *ret_people, tend_error *reterr);

/* What is wrong with it and what to do, without a place; false: it is there, or nobody has said who is. `people` NULL: not known.
 */
bool tend_people_lack_team(const tend_people *people, const char *team, char *reason, size_t room);
bool tend_people_lack_person(const tend_people *people, const char *name, char *reason, size_t room);
/* "team:NAME", "user:NAME", "any:TEAM skill:WORD"; other roles are nobody's name. */
bool tend_people_lack_role(const tend_people *people, const char *role, char *reason, size_t room);

#endif
