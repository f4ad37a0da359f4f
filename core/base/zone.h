/* zone.h: IANA time zones, read from the system's TZif files (RFC 8536), their footer rule included.
 *
 * A zone is immutable after loading and may be shared by threads. Zones are cached for the process's life. */
#ifndef TEND_BASE_ZONE_H
#define TEND_BASE_ZONE_H

#include "base/date.h"

typedef struct tend_zone tend_zone;

/* Borrowed for the process's life. "UTC" always works. TEND_EINVAL for a name that could leave the folder, TEND_ENOTFOUND
 * otherwise. $TZDIR, else /usr/share/zoneinfo. Thread-safe. */
tend_status tend_zone_find(const char *name, const tend_zone **ret_zone, tend_error *reterr);
const char *tend_zone_name(const tend_zone *zone);
int32_t tend_zone_offset(const tend_zone *zone, tend_time at); /* seconds east of UTC at this instant */

/* Local to UTC. In a gap the instant the gap ends (the first that exists after it); for a time that comes twice the first. */
tend_time tend_zone_to_utc(const tend_zone *zone, const tend_civil *local);
void tend_zone_to_local(const tend_zone *zone, tend_time at, tend_civil *ret_local);
tend_date tend_zone_date(const tend_zone *zone, tend_time at);       /* the local civil date */
tend_time tend_zone_midnight(const tend_zone *zone, tend_date date); /* the first instant of this local day */
/* The instant of a time of day, in minutes after midnight (1440: the next midnight). Every day has exactly one, in the order of
 * the days: what is done daily at it is done once on the days when clocks change, too. */
tend_time tend_zone_at(const tend_zone *zone, tend_date date, int minutes);

#endif
