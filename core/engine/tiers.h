/* tiers.h: the tiers of price sections that publish them, once a day (UTC). */
#ifndef TEND_ENGINE_TIERS_H
#define TEND_ENGINE_TIERS_H

#include "engine/workspace.h"

/* Nothing when today's are published already, or no [price.NAME] has publish = yes. *ret_did: some tier has changed. */
tend_status tend_tiers_publish(tend_workspace *workspace, bool *ret_did, tend_error *reterr);

#endif
