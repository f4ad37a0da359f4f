#include "base/zone.h"

#include "base/file.h"
#include "base/zone_rule.h"
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NAME ((size_t)63)
#define LARGEST_FILE ((size_t)1 << 20)
#define HEAD ((size_t)44)
#define DAY INT64_C(86400)

struct tend_zone {
    tend_zone *next;
    char name[LONGEST_NAME + 1];
    size_t count;      /* of transitions */
    int64_t *instants; /* owned; seconds, ascending */
    int32_t *offsets;  /* owned; [i] is in force from instants[i] on */
    int32_t first_offset;
    bool has_rule; /* for all time after the last transition */
    tend_zone_rule rule;
};

static tend_zone utc = { .name = "UTC" };

/* One header of the file. */
typedef struct block_counts {
    uint32_t utc_flags, standard_flags, leaps, times, types, characters;
} block_counts;

static uint64_t load_be(const unsigned char *at, size_t bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

static bool read_head(const unsigned char *bytes, size_t length, block_counts *ret_counts, unsigned char *ret_version)
{
    if (length < HEAD || memcmp(bytes, "TZif", 4) != 0)
        return false;
    *ret_version = bytes[4];
    *ret_counts = (block_counts){
        (uint32_t)load_be(bytes + 20, 4), (uint32_t)load_be(bytes + 24, 4), (uint32_t)load_be(bytes + 28, 4),
        (uint32_t)load_be(bytes + 32, 4), (uint32_t)load_be(bytes + 36, 4), (uint32_t)load_be(bytes + 40, 4),
    };
    return true;
}

/* Bytes of the block behind a head; `width` is 4 for the first block, 8 for the second. */
static uint64_t block_length(const block_counts *counts, size_t width)
{
    return (uint64_t)counts->times * (width + 1) + (uint64_t)counts->types * 6 + counts->characters +
           (uint64_t)counts->leaps * (width + 4) + counts->standard_flags + counts->utc_flags;
}

/* Reads the transitions of one block that is known to be there. NULL, or what is wrong. */
static const char *read_block(tend_zone *zone, const unsigned char *block, const block_counts *counts, size_t width)
{
    const unsigned char *indexes = block + counts->times * width, *types = indexes + counts->times;

    if (counts->types == 0)
        return "it has no local time types";
    if (counts->leaps > 0)
        return "it counts leap seconds; use the zone without them";
    for (uint32_t i = 0; i < counts->types; i++) {
        int32_t offset = (int32_t)load_be(types + i * 6, 4);

        if (offset < -26 * 3600 || offset > 26 * 3600)
            return "an offset is longer than a day";
    }
    zone->first_offset = (int32_t)load_be(types, 4);
    zone->count = counts->times;
    zone->instants = calloc(zone->count + 1, sizeof *zone->instants);
    zone->offsets = calloc(zone->count + 1, sizeof *zone->offsets);
    if (!zone->instants || !zone->offsets)
        return "no memory to read it";
    for (size_t i = 0; i < zone->count; i++) {
        uint64_t instant = load_be(block + i * width, width);

        zone->instants[i] = width == 8 ? (int64_t)instant : (int32_t)instant;
        if (indexes[i] >= counts->types)
            return "a transition names a type that is not there";
        if (i > 0 && zone->instants[i] <= zone->instants[i - 1])
            return "its transitions are not in order";
        zone->offsets[i] = (int32_t)load_be(types + indexes[i] * (size_t)6, 4);
    }
    return NULL;
}

/* NULL, or what is wrong with the file. */
static const char *read_zone(tend_zone *zone, const unsigned char *bytes, size_t length)
{
    const unsigned char *footer, *end;
    block_counts counts;
    unsigned char version;
    uint64_t block;
    const char *fault;

    if (!read_head(bytes, length, &counts, &version))
        return "it is not a TZif file";
    block = block_length(&counts, 4);
    if (block > length - HEAD)
        return "it is cut off";
    if (version < '2')
        return read_block(zone, bytes + HEAD, &counts, 4);

    bytes += HEAD + block;
    length -= HEAD + (size_t)block;
    if (!read_head(bytes, length, &counts, &version))
        return "it is cut off";
    block = block_length(&counts, 8);
    if (block > length - HEAD)
        return "it is cut off";
    fault = read_block(zone, bytes + HEAD, &counts, 8);
    if (fault)
        return fault;

    footer = bytes + HEAD + block;
    length -= HEAD + (size_t)block;
    end = length > 0 && footer[0] == '\n' ? memchr(footer + 1, '\n', length - 1) : NULL;
    if (!end)
        return "it is cut off";
    zone->has_rule = end > footer + 1;
    if (zone->has_rule && tend_zone_rule_parse((const char *)footer + 1, (size_t)(end - footer - 1), &zone->rule) < 0)
        return "its last line is not a rule";
    return NULL;
}

static void free_zone(tend_zone *zone)
{
    if (!zone)
        return;
    free(zone->instants);
    free(zone->offsets);
    free(zone);
}

/* Letters, digits and _+- in parts between single slashes: nothing that could leave the folder. */
static bool is_name(const char *name)
{
    size_t length = strlen(name), part = 0;

    if (length == 0 || length > LONGEST_NAME)
        return false;
    for (; *name; name++) {
        bool is_plain = (*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') ||
                        *name == '_' || *name == '+' || *name == '-';

        if (!is_plain && (*name != '/' || part == 0))
            return false;
        part = is_plain ? part + 1 : 0;
    }
    return part > 0;
}

static tend_status load_zone(const char *name, tend_zone **ret_zone, tend_error *reterr)
{
    const char *folder = getenv("TZDIR"), *fault;
    char path[PATH_MAX], *bytes = NULL;
    tend_zone *zone = NULL;
    tend_error ignored;
    size_t length;
    tend_status status;

    if (!folder || !*folder)
        folder = "/usr/share/zoneinfo";
    status = tend_path_join(folder, name, path, sizeof path, reterr);
    if (status < 0)
        return status;
    status = tend_file_read(path, LARGEST_FILE, &bytes, &length, &ignored);
    if (status == TEND_ENOTFOUND || status == TEND_EINVAL) /* EINVAL: a folder, such as Europe */
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: no such time zone in %s; write one such as Europe/Berlin", name, folder);
    if (status < 0)
        return tend_fail(reterr, status, "%s", ignored.text);
    zone = calloc(1, sizeof *zone);
    if (!zone) {
        status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read it", path);
        goto out;
    }
    memcpy(zone->name, name, strlen(name) + 1);
    fault = read_zone(zone, (const unsigned char *)bytes, length);
    if (fault) {
        status = tend_fail(reterr, TEND_ECORRUPT, "%s: %s; install the time zone data again", path, fault);
        goto out;
    }
    *ret_zone = zone;
    zone = NULL;
out:
    free_zone(zone);
    free(bytes);
    return status;
}

tend_status tend_zone_find(const char *name, const tend_zone **ret_zone, tend_error *reterr)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static tend_zone *loaded; /* for the process's life */
    tend_status status = TEND_OK;
    tend_zone *zone;

    if (strcmp(name, utc.name) == 0) {
        *ret_zone = &utc;
        return TEND_OK;
    }
    if (!is_name(name))
        return tend_fail(reterr, TEND_EINVAL, "%.64s: not the name of a time zone; write one such as Europe/Berlin", name);
    (void)pthread_mutex_lock(&lock);
    for (zone = loaded; zone; zone = zone->next)
        if (strcmp(zone->name, name) == 0)
            break;
    if (!zone) {
        status = load_zone(name, &zone, reterr);
        if (status == TEND_OK) {
            zone->next = loaded;
            loaded = zone;
        }
    }
    (void)pthread_mutex_unlock(&lock);
    if (status == TEND_OK)
        *ret_zone = zone;
    return status;
}

const char *tend_zone_name(const tend_zone *zone)
{
    return zone->name;
}

static int64_t seconds_of(tend_time at)
{
    return at / 1000 - (at % 1000 < 0);
}

static int32_t offset_at(const tend_zone *zone, int64_t second)
{
    size_t low = 0, high = zone->count;

    /* The number of transitions that are not after `second`. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->instants[middle] <= second)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->count && zone->has_rule)
        return tend_zone_rule_offset(&zone->rule, second);
    return low == 0 ? zone->first_offset : zone->offsets[low - 1];
}

int32_t tend_zone_offset(const tend_zone *zone, tend_time at)
{
    return offset_at(zone, seconds_of(at));
}

tend_time tend_zone_to_utc(const tend_zone *zone, const tend_civil *local)
{
    tend_time as_utc = tend_time_of_utc(local);
    int64_t second = seconds_of(as_utc);
    int64_t low = second - DAY, high = second + DAY;
    int64_t early, late, sooner, later;

    if (as_utc == TEND_NO_TIME)
        return TEND_NO_TIME;
    early = second - offset_at(zone, low);
    late = second - offset_at(zone, high);
    sooner = early < late ? early : late;
    later = early < late ? late : early;
    if (sooner + offset_at(zone, sooner) == second)
        return sooner * 1000 + local->millisecond;
    if (later + offset_at(zone, later) == second)
        return later * 1000 + local->millisecond;
    /* In a gap: the clock jumps over `second` somewhere between low and high. */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (middle + offset_at(zone, middle) <= second)
            low = middle;
        else
            high = middle;
    }
    return high * 1000;
}

void tend_zone_to_local(const tend_zone *zone, tend_time at, tend_civil *ret_local)
{
    tend_time_split_utc(at + (tend_time)tend_zone_offset(zone, at) * 1000, ret_local);
}

tend_date tend_zone_date(const tend_zone *zone, tend_time at)
{
    int64_t second = seconds_of(at);
    int64_t local = second + offset_at(zone, second);

    return (tend_date)(local / DAY - (local % DAY < 0));
}

tend_time tend_zone_midnight(const tend_zone *zone, tend_date date)
{
    tend_civil local = { 0 };

    if (date == TEND_NO_DATE)
        return TEND_NO_TIME;
    tend_date_split(date, &local.year, &local.month, &local.day);
    return tend_zone_to_utc(zone, &local);
}

tend_time tend_zone_at(const tend_zone *zone, tend_date date, int minutes)
{
    tend_civil local = { 0 };

    if (minutes >= 1440)
        return date == TEND_NO_DATE ? TEND_NO_TIME : tend_zone_midnight(zone, date + 1);
    if (date == TEND_NO_DATE)
        return TEND_NO_TIME;
    tend_date_split(date, &local.year, &local.month, &local.day);
    local.hour = minutes / 60;
    local.minute = minutes % 60;
    return tend_zone_to_utc(zone, &local);
}
