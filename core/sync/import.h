/* import.h: files and sources into the model.
 *
 * First everything is read through the connector, mapped, checked and spooled; then the spool is applied in chunks, each one
 * transaction that also records how far it came. Whatever is cut off in between ends the same way when the same import is
 * started again, or when the next engine calls tend_import_finish. Events are held until the last chunk is in. */
#ifndef TEND_SYNC_IMPORT_H
#define TEND_SYNC_IMPORT_H

#include "plugin/plugins.h"
#include "sync/mapping.h"
#include "sync/report.h"

#define TEND_IMPORT_CHUNK 10000
#define TEND_IMPORT_LOAD 100000  /* new rows of a first import, for which each commit stands still */
#define TEND_IMPORT_CHANGED 1000 /* rows that such an import changes: pages all over the store, each whole in the log */

typedef struct tend_import_options {
    const char *spool_folder;        /* made when missing */
    const char *reject_folder;       /* where files to mend are written; NULL: none are written */
    const tend_principal *principal; /* who imports */
    const char *source;              /* files: whose external ids these are; NULL: the mapping's source */
    bool keeps_good;                 /* good records are stored although others are rejected */
    bool is_history;                 /* the past: starts no playbook */
    bool is_anew;                    /* sources: from the beginning, whatever the bookmark */
    bool takes_last;                 /* of records with one key the later one counts, unless the mapping says otherwise */
    size_t chunk;                    /* rows of one transaction; 0: TEND_IMPORT_CHUNK, TEND_IMPORT_LOAD */
    void (*progress)(void *self, const char *doing, int64_t done, int64_t of); /* may be NULL; of 0: not known */
    void *self;
    /* Asked between messages of a connector, at least twice a second, and between chunks, with no transaction open: other short
     * work may be done meanwhile, unless `is_busy` (a first load, whose indexes are not there). True breaks off: TEND_ECLOSED, and
     * what is spooled completely is ended by tend_import_finish. May be NULL. */
    bool (*attend)(void *self, bool is_busy);
    void *attend_self;
    bool is_checked; /* for tend_import_apply: this process made the spool, with the model's own checks */
} tend_import_options;

/* Imports `files`, each by the streams of `mapping` that read it. Rejected records are no failure: the report tells. A dry run is a
 * model on a private copy (tend_store_copy). The report is from `arena`. */
tend_status tend_import(tend_model *model, tend_plugins *plugins, const tend_mapping *mapping, const char *const *files,
                        size_t count, const tend_import_options *options, tend_arena *arena, const tend_import_report **ret_report,
                        tend_error *reterr);
/* Ends every import and sync whose spool is complete in the folder; each report to `told` (may be NULL). For the engine's start.
 * One that fails stays for the next time; the others are ended all the same, and the first failure is returned. */
tend_status tend_import_finish(tend_model *model, const tend_import_options *options, tend_arena *arena,
                               void (*told)(void *self, const tend_import_report *report), void *self, tend_error *reterr);

/* apply.c: stores a finished spool and removes it. */
tend_status tend_import_apply(tend_model *model, const char *spool_path, const tend_import_options *options, tend_arena *arena,
                              const tend_import_report **ret_report, tend_error *reterr);

#endif
