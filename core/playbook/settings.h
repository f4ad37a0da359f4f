/* settings.h: what an administrator can set of a playbook: its own settings and those that every playbook has. */
#ifndef TEND_PLAYBOOK_SETTINGS_H
#define TEND_PLAYBOOK_SETTINGS_H

#include "config/config.h"
#include "playbook/spec.h"

/* Texts live in the arena, or are borrowed from the configuration. */
typedef struct tend_listed_setting {
    const char *name, *type;
    const char *unit;     /* "business days"; "" where it has none */
    const char *allowed;  /* "1 to 30"; "" for anything of its type */
    const char *fallback; /* what holds when nothing is written; "" for nothing */
    const char *in_force; /* what is written, where it fits its type */
    const char *help;     /* in English */
    const char *help_ko;  /* in Korean; NULL: the script does not say it */
    const char *file;     /* where it is written; NULL: it is not */
    unsigned line;
} tend_listed_setting;

/* Of the script at `path`, with the section [playbook.NAME] of its name (`config` NULL: there is none). The script's own come
 * first. */
tend_status tend_settings_list(const char *path, const char *scripts, const tend_schema *schema, const tend_config *config,
                               const char *sandbox, tend_arena *arena, const char **ret_name, tend_listed_setting **ret_settings,
                               size_t *ret_count, tend_error *reterr);

#endif
