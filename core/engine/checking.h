/* checking.h: what the files that check a configuration share: check.c walks through its sections, check_names.c looks at what they
 * name outside of tend, check_figures.c at the numbers that KPIs and health are told to make. */
#ifndef TEND_ENGINE_CHECKING_H
#define TEND_ENGINE_CHECKING_H

#include "engine/check.h"

typedef struct tend_check {
    tend_workspace *workspace;
    const tend_config *config;
    void (*tell)(void *self, const char *line); /* may be NULL */
    void *self;
    int count;
    tend_error first;
    const char *section, *instance; /* that is looked at; instance NULL: a plain one */
    const tend_section *table;      /* of a section with keys for a plugin */
    bool looks_around;              /* at what is put beside the configuration, too */
    tend_people people;             /* of the store, as far as there is one; teams NULL: not known */
    tend_arena *arena;              /* owned: theirs */
} tend_check;

/* check.c */
void tend_check_tell(tend_check *check, const char *line);
/* At the place where the key is written, or where its section begins. `key` NULL: the section itself. */
TEND_PRINTF(3, 4) void tend_check_fault(tend_check *check, const char *key, const char *format, ...);

/* What `plugin` says of the settings that the section at hand, of that table, gives it. */
tend_status tend_check_given(tend_check *check, tend_plugins *plugins, const char *plugin, const tend_section *table, int32_t kind,
                             const char *capability, tend_error *reterr);
/* One that cannot be looked into keeps nobody from looking into the others: `why` is a fault of it. */
tend_status tend_check_go_on(tend_check *check, tend_status status, const tend_error *why, tend_error *reterr);

/* check_plugins.c: every [plugin.NAME]: that there is one, and that it understands what stands there. */
tend_status tend_check_plugins(tend_check *check, tend_plugins *plugins, tend_error *reterr);

/* check_people.c: fills `people` and `arena`; what cannot be read is not known. The caller frees the arena. */
void tend_check_read_people(tend_check *check);
const tend_people *tend_check_people(const tend_check *check); /* NULL: not known */
/* Teams of [calendar.NAME], colleagues of [login.NAME]. */
void tend_check_teams(tend_check *check);

/* check_names.c */
void tend_check_store(tend_check *check);
void tend_check_logins(tend_check *check);
void tend_check_channel(tend_check *check); /* of the sink that is looked at */
/* Files and folders that the section at hand names to its plugin: a source's are there, a sink's stand in a folder that is. */
tend_status tend_check_paths(tend_check *check, tend_plugins *plugins, const char *plugin, const tend_section_given *given,
                             tend_error *reterr);

/* check_figures.c: [kpi] publish and [measure.NAME] value. */
tend_status tend_check_figures(tend_check *check, tend_error *reterr);

#endif
