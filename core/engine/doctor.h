/* doctor.h: whether everything a workspace needs is there and whole. */
#ifndef TEND_ENGINE_DOCTOR_H
#define TEND_ENGINE_DOCTOR_H

#include "engine/workspace.h"
#include "query/query.h"

typedef enum tend_finding { TEND_FINDING_OK = 1, TEND_FINDING_WARN, TEND_FINDING_FAULT } tend_finding;

/* Calls `found` for each thing looked at: its name, how it is, and what to do when it is not well. Reading only. */
tend_status tend_doctor(tend_workspace *workspace, const tend_query *query,
                        tend_status (*found)(void *self, const char *what, tend_finding finding, const char *text,
                                             tend_error *reterr),
                        void *self, tend_error *reterr);

/* The same for a workspace that cannot be opened, because of `why`: what can be looked at without its store. */
tend_status tend_doctor_closed(const char *folder, const char *why,
                               tend_status (*found)(void *self, const char *what, tend_finding finding, const char *text,
                                                    tend_error *reterr),
                               void *self, tend_error *reterr);

#endif
