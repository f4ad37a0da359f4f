/* cadence.c: triggers that begin again and again: every so many weeks or months for the accounts of a segment. Each row has days of
 * its own within the rhythm, always the same ones, so that what a thousand accounts need does not fall on one Monday. A row of dues
 * holds the next; however late it is found, it begins once and goes on from there. */
#include "playbook/inside.h"

#include <stdlib.h>
#include <string.h>

#define MONDAY ((tend_date)4) /* 1970-01-05 */

static tend_time midnight(const tend_playbooks *playbooks, tend_date date)
{
    return playbooks->zone ? tend_zone_midnight(playbooks->zone, date) : (tend_time)date * 86400000;
}

/* The same for a row for ever, whatever the process and the machine. */
static uint64_t phase_of(const char *playbook, int64_t row)
{
    char key[128];
    uint64_t hash;

    (void)snprintf(key, sizeof key, "%s/%lld", playbook, (long long)row);
    hash = tend_hash64(key, strlen(key));
    return hash ^ hash >> 29;
}

static tend_date in_week(const tend_rhythm *rhythm, uint64_t phase, tend_date after)
{
    int64_t weeks = rhythm->weeks, week = (after - MONDAY) / 7 - 1;
    tend_date day;

    week -= (week - (int64_t)(phase % (uint64_t)weeks)) % weeks;
    do {
        day = MONDAY + (tend_date)(7 * week) + (tend_date)(phase / 1024 % 5);
        week += day > after ? 0 : weeks;
    } while (day <= after);
    return day;
}

/* A weekend day is moved on to its Monday; days up to the 26th stay in their month then. */
static tend_date in_month(const tend_rhythm *rhythm, uint64_t phase, tend_date after)
{
    int64_t months = rhythm->months, month;
    int year, of_year, ignored;
    tend_date day;

    tend_date_split(after, &year, &of_year, &ignored);
    month = (int64_t)year * 12 + of_year - 2;
    month -= (month - (int64_t)(phase % (uint64_t)months)) % months;
    do {
        day = tend_date_of((int)(month / 12), (int)(month % 12) + 1, 1 + (int)(phase / 1024 % 26));
        if (tend_date_weekday(day) > 5)
            day += 8 - tend_date_weekday(day);
        month += months;
    } while (day <= after);
    return day;
}

tend_date tend_rhythm_next(const tend_rhythm *rhythm, const char *playbook, int64_t row, tend_date after)
{
    uint64_t phase = phase_of(playbook, row);

    return rhythm->weeks > 0 ? in_week(rhythm, phase, after) : in_month(rhythm, phase, after);
}

static bool is_shorter(const tend_rhythm *a, const tend_rhythm *b)
{
    int64_t days_a = a->weeks * 7 + a->months * 30, days_b = b->weeks * 7 + b->months * 30;

    return days_a > 0 && (days_b == 0 || days_a < days_b);
}

/* Of the segments that the row is in the one that comes round most often; the rhythm without a segment is for all others. NULL:
 * none. */
static tend_status find_rhythm(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row,
                               const tend_rhythm **ret_rhythm, tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    tend_world world = tend_world_live(playbooks->model);
    const tend_rhythm *best = NULL, *other = NULL;
    bool is_in_any = false;
    tend_status status = TEND_OK;

    *ret_rhythm = NULL;
    for (size_t i = 0; i < spec->rhythm_count && status == TEND_OK; i++) {
        const tend_rhythm *rhythm = &spec->rhythms[i];
        bool is_in = false;

        if (!rhythm->segment) {
            other = rhythm;
            continue;
        }
        status = tend_filter_match_rows(playbook->rhythms[i], &world, playbooks->rates,
                                        playbooks->keeps_rows ? playbooks->rows : NULL, row, &is_in, NULL, reterr);
        if (status == TEND_ENOTFOUND)
            return TEND_OK; /* the row is gone */
        is_in_any |= is_in;
        if (status == TEND_OK && is_in && (!best || is_shorter(rhythm, best)))
            best = rhythm;
    }
    if (!is_in_any)
        best = other;
    if (status == TEND_OK && best && (best->weeks > 0 || best->months > 0))
        *ret_rhythm = best;
    return status;
}

static tend_status forget(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr)
{
    return tend_sql_run(playbooks->store, reterr, "DELETE FROM dues WHERE playbook = ?1 AND kind = ?2 AND row = ?3", "sii",
                        playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row);
}

static tend_status set_next(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, int64_t account, tend_date day,
                            tend_error *reterr)
{
    return tend_sql_run(playbooks->store, reterr,
                        "INSERT INTO dues (playbook, kind, row, account, at, anchor, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                        " 'waiting') ON CONFLICT (playbook, kind, row) DO UPDATE SET account = excluded.account,"
                        " at = excluded.at, anchor = excluded.anchor, state = 'waiting'",
                        "siiiii", playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row, account,
                        midnight(playbooks, day), (int64_t)day);
}

/* The account of a row that is there; *ret_is_there false otherwise. */
static tend_status read_account(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool *ret_is_there,
                                int64_t *ret_account, tend_error *reterr)
{
    tend_subject subject = tend_subject_of(playbooks, &playbook->principal, playbook->bundle->spec.subject, row, playbooks->arena);
    tend_row found;
    tend_status status = tend_read(&subject.world, &playbook->principal, subject.kind->kind, row, playbooks->arena, &found, reterr);

    *ret_is_there = status == TEND_OK;
    if (status == TEND_OK)
        status = tend_subject_account(&subject, reterr);
    *ret_account = subject.account;
    return status == TEND_ENOTFOUND ? TEND_OK : status;
}

tend_status tend_cadence_update(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr)
{
    const tend_rhythm *rhythm = NULL;
    tend_date today = tend_playbooks_today(playbooks), next;
    int64_t account = 0, at = 0;
    bool is_there;
    tend_status status = read_account(playbooks, playbook, row, &is_there, &account, reterr);

    if (status == TEND_OK && is_there)
        status = find_rhythm(playbooks, playbook, row, &rhythm, reterr);
    if (status < 0)
        return status;
    if (!rhythm)
        return forget(playbooks, playbook, row, reterr);
    status = tend_sql_number(playbooks->store, 0, &at, reterr, "SELECT at FROM dues WHERE playbook = ?1 AND kind = ?2 AND row = ?3",
                             "sii", playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row);
    if (status < 0 || (at != 0 && at <= tend_playbooks_now(playbooks)))
        return status; /* it is about to begin */
    next = tend_rhythm_next(rhythm, playbook->name, row, today);
    return at == midnight(playbooks, next) ? TEND_OK : set_next(playbooks, playbook, row, account, next, reterr);
}

tend_status tend_cadence_fire(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool *ret_is_met,
                              tend_error *reterr)
{
    const tend_rhythm *rhythm = NULL;
    int64_t account = 0, anchor = 0;
    const char *by;
    bool is_there;
    tend_status status = read_account(playbooks, playbook, row, &is_there, &account, reterr);

    *ret_is_met = false;
    if (status == TEND_OK && is_there)
        status = find_rhythm(playbooks, playbook, row, &rhythm, reterr);
    if (status < 0 || !rhythm)
        return status < 0 ? status : forget(playbooks, playbook, row, reterr);
    status = tend_sql_number(playbooks->store, 0, &anchor, reterr,
                             "SELECT anchor FROM dues WHERE playbook = ?1 AND kind = ?2 AND row = ?3", "sii", playbook->name,
                             (int64_t)playbook->bundle->spec.subject->kind, row);
    /* Where the row is in another segment by now, the day is none of its days. */
    if (status == TEND_OK && tend_rhythm_next(rhythm, playbook->name, row, (tend_date)anchor - 1) == (tend_date)anchor)
        status = tend_decide_met(playbooks, playbook, row, ret_is_met, &by, reterr);
    return status < 0 ? status
                      : set_next(playbooks, playbook, row, account,
                                 tend_rhythm_next(rhythm, playbook->name, row, tend_playbooks_today(playbooks)), reterr);
}

tend_status tend_cadence_why(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, const char **ret_why,
                             tend_error *reterr)
{
    const tend_rhythm *rhythm = NULL;
    int64_t count;
    const char *unit;
    tend_status status = find_rhythm(playbooks, playbook, row, &rhythm, reterr);

    *ret_why = "its day";
    if (status < 0 || !rhythm)
        return status;
    count = rhythm->weeks > 0 ? rhythm->weeks : rhythm->months;
    unit = rhythm->weeks > 0 ? "week" : "month";
    *ret_why = count == 1 ? tend_arena_print(playbooks->arena, "every %s%s%s", unit, rhythm->segment ? " in segment " : "",
                                             rhythm->segment ? rhythm->segment : "")
                          : tend_arena_print(playbooks->arena, "every %lld %ss%s%s", (long long)count, unit,
                                             rhythm->segment ? " in segment " : "", rhythm->segment ? rhythm->segment : "");
    return *ret_why ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}
