/* template.h: a new plugin of somebody's own, from the template of its kind. */
#ifndef TEND_ENGINE_TEMPLATE_H
#define TEND_ENGINE_TEMPLATE_H

#include <tend/status.h>

/* The kinds that have one, NULL-terminated. */
extern const char *const tend_template_kinds[];

/* Writes the files of the template into `folder`, which is made and must be empty, with `name` wherever the template has its own.
 * `name`: a small letter, then small letters, digits and '_', at most 39. `put` (may be NULL) hears each file's name. When it fails
 * nothing of it is left. */
tend_status tend_template_make(const char *kind, const char *name, const char *folder, void (*put)(void *self, const char *file),
                               void *self, tend_error *reterr);
/* One file of a template into `path`, with `name` for the template's own. */
tend_status tend_template_copy(const char *from, const char *file, const char *path, const char *name, tend_error *reterr);

#endif
