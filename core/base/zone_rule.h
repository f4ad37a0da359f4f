/* zone_rule.h: the rule that a zone's file ends with (POSIX TZ, with the wider hours of RFC 8536): what holds after its last
 * transition, for ever. */
#ifndef TEND_BASE_ZONE_RULE_H
#define TEND_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tend/status.h>

typedef struct tend_zone_change {
    char form;            /* 'M' month.week.weekday, 'J' day 1..365 without 29 February, 'N' day 0..365 with it */
    int month, week, day; /* week 5 is the last; weekday 0 is Sunday */
    int32_t second;       /* of the local day, -167 to 167 hours */
} tend_zone_change;

typedef struct tend_zone_rule {
    int32_t standard, summer; /* seconds east of UTC */
    bool has_summer;
    tend_zone_change to_summer, to_standard;
} tend_zone_rule;

tend_status tend_zone_rule_parse(const char *text, size_t length, tend_zone_rule *ret_rule); /* TEND_EINVAL, no sentence */
int32_t tend_zone_rule_offset(const tend_zone_rule *rule, int64_t second);                   /* `second` since 1970, UTC */

#endif
