/* gather.h: all parts of an import into one finished spool. Inside sync only. */
#ifndef TEND_SYNC_GATHER_H
#define TEND_SYNC_GATHER_H

#include "sync/intake.h"

/* Owned; close removes an unfinished spool. Makes the row of `source`, whose external ids these are. */
tend_status tend_intake_open(tend_model *model, const tend_mapping *mapping, const char *source, const tend_import_options *options,
                             const char *spool_path, tend_intake **ret_intake, tend_error *reterr);
void tend_intake_close(tend_intake *intake); /* accepts NULL */

/* `file` and `name` are copied. */
tend_status tend_intake_part_add(tend_intake *intake, const tend_mapping_stream *stream, const char *file, const char *name,
                                 tend_error *reterr);

typedef struct tend_gathering {
    const tend_mapping *mapping;
    const tend_import_options *options;
    const char *label, *resume_key;
    const char *sync;     /* the configured source; "": files */
    tend_error *ret_cut;  /* NULL: a pull that breaks off is a failure */
    tend_status *ret_why; /* beside it; TEND_OK when nothing broke off */
    bool *ret_more;       /* NULL: all in one go. True: a leg of a long pull ended at a bookmark, and the rest is still to come */
} tend_gathering;

/* A pull that breaks off after a bookmark ends the gathering there: what came up to the bookmark is kept, and *ret_why says why.
 * Pulls the parts in the order of their kinds, settles what refers to what, writes the rejects and finishes the spool. */
tend_status tend_intake_gather(tend_intake *intake, const tend_gathering *gathering,
                               tend_status (*pull)(tend_intake *intake, uint32_t part, void *self, tend_error *reterr), void *self,
                               tend_error *reterr);

#endif
