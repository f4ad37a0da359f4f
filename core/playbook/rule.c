/* rule.c: days as playbooks name them. */
#include "base/near.h"
#include "playbook/inside.h"

#include <string.h>

tend_time tend_playbooks_now(const tend_playbooks *playbooks)
{
    return tend_model_now(playbooks->model);
}

static tend_date local_date(const tend_playbooks *playbooks, tend_time at)
{
    const tend_zone *zone = playbooks->zone;

    if (zone)
        return tend_zone_date(zone, at);
    return (tend_date)(at >= 0 ? at / 86400000 : (at - 86399999) / 86400000);
}

static tend_time midnight(const tend_playbooks *playbooks, tend_date date)
{
    return playbooks->zone ? tend_zone_midnight(playbooks->zone, date) : (tend_time)date * 86400000;
}

tend_date tend_playbooks_date(const tend_playbooks *playbooks, tend_time at)
{
    return local_date(playbooks, at);
}

tend_date tend_playbooks_today(const tend_playbooks *playbooks)
{
    return local_date(playbooks, tend_playbooks_now(playbooks));
}

static const char *const units[] = { "minutes", "hours", "days", "business_days", "business_hours", NULL };

/* The one unit that the rule names, and how many. */
static const char *unit_of(const tend_tree *rule, int64_t *ret_count)
{
    for (size_t i = 0; units[i]; i++) {
        const tend_tree *found = tend_tree_get(rule, units[i]);

        if (!found)
            continue;
        *ret_count = found->tag == TEND_TREE_INT ? found->integer : -1;
        return units[i];
    }
    return NULL;
}

static bool is_unit(const char *unit, const char *name)
{
    return unit && strcmp(unit, name) == 0;
}

/* Whose days and hours count: "us", "customer" or "both". */
static tend_status check_of(const tend_tree *rule, const char *unit, const char *place, tend_error *reterr)
{
    static const char *const words[] = { "us", "customer", "both", NULL };
    const tend_tree *of = tend_tree_get(rule, "of");
    const char *word = tend_tree_string(rule, "of"), *near;

    if (!of)
        return TEND_OK;
    for (size_t i = 0; word && words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return is_unit(unit, "business_days") || is_unit(unit, "business_hours")
                       ? TEND_OK
                       : tend_fail(reterr, TEND_EINVAL, "%s.of: stands beside business_days or business_hours only", place);
    near = word ? tend_near(word, words) : NULL;
    return tend_fail(reterr, TEND_EINVAL, "%s.of: must be us, customer or both%s%s%s", place, near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

/* The last day that there is, whatever the rest of the rule comes to: a rule of its own. */
static tend_status check_limit(const tend_schema *schema, const tend_kind_schema *kind, const tend_tree *limit, const char *place,
                               tend_error *reterr)
{
    char inner[80];

    (void)snprintf(inner, sizeof inner, "%.60s.at_latest", place);
    if (limit->tag == TEND_TREE_MAP && tend_tree_get(limit, "at_latest"))
        return tend_fail(reterr, TEND_EINVAL, "%s.at_latest: has none of its own", inner);
    return tend_rule_check(schema, kind, limit, inner, reterr);
}

tend_status tend_rule_check(const tend_schema *schema, const tend_kind_schema *kind, const tend_tree *rule, const char *place,
                            tend_error *reterr)
{
    static const char *const keys[] = { "minutes", "hours",     "days", "business_days", "business_hours", "of", "before", "after",
                                        "on",      "at_latest", NULL };
    const char *anchor = tend_tree_string(rule, "before"), *on = tend_tree_string(rule, "on");
    const tend_field *field;
    int64_t count = 0;
    const char *unit = unit_of(rule, &count);
    tend_date ignored;

    if (rule->tag != TEND_TREE_MAP)
        return tend_fail(reterr, TEND_EINVAL, "%s: must be a table as { business_days = 5 } or { days = 7, before = \"%s.FIELD\" }",
                         place, kind->name);
    for (size_t i = 0; i < rule->length; i++) {
        size_t k = 0;

        while (keys[k] && strcmp(keys[k], rule->keys[i]) != 0)
            k++;
        if (!keys[k] && tend_near(rule->keys[i], keys))
            return tend_fail(reterr, TEND_EINVAL, "%s.%s: no such key; did you mean %s?", place, rule->keys[i],
                             tend_near(rule->keys[i], keys));
        if (!keys[k])
            return tend_fail(
                reterr, TEND_EINVAL,
                "%s.%s: no such key; a day has minutes, hours, days, business_days, business_hours, of, before, after, on, "
                "at_latest",
                place, rule->keys[i]);
    }
    if (check_of(rule, unit, place, reterr) < 0)
        return TEND_EINVAL;
    if (tend_tree_get(rule, "at_latest")) {
        tend_status status = check_limit(schema, kind, tend_tree_get(rule, "at_latest"), place, reterr);

        if (status < 0)
            return status;
    }
    if (!anchor)
        anchor = tend_tree_string(rule, "after");
    if (unit && (count < 0 || count > 36500))
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: must be a whole number from 0 to 36500", place, unit);
    if ((unit != NULL) == (on != NULL))
        return tend_fail(reterr, TEND_EINVAL, "%s: name either a number of days or on = \"%s.FIELD\"", place, kind->name);
    if (anchor && unit && !is_unit(unit, "days") && !is_unit(unit, "business_days"))
        return tend_fail(reterr, TEND_EINVAL, "%s: before and after count in days or business_days", place);
    if (on && tend_date_parse(on, strlen(on), &ignored) == TEND_OK)
        return TEND_OK;
    if (!on && !anchor)
        return TEND_OK;
    if (tend_subject_check(schema, kind, on ? on : anchor, &field, reterr) < 0) {
        tend_error why = reterr ? *reterr : (tend_error){ 0 };

        return tend_fail(reterr, TEND_EINVAL, "%s: %s", place, why.text);
    }
    if (field->type != TEND_DATE && field->type != TEND_TIME)
        return tend_fail(reterr, TEND_EINVAL, "%s: '%s' is no date", place, on ? on : anchor);
    return TEND_OK;
}

/* The day that `path` names, TEND_NO_DATE when it is not known. */
static tend_status anchor_date(const tend_subject *subject, const char *path, tend_date *ret_date, bool *ret_follows,
                               tend_error *reterr)
{
    const tend_field *field;
    tend_value value;
    tend_status status;

    *ret_date = TEND_NO_DATE;
    if (tend_date_parse(path, strlen(path), ret_date) == TEND_OK)
        return TEND_OK;
    *ret_follows = true;
    status = tend_subject_value(subject, path, &value, &field, reterr);
    if (status == TEND_OK && value.type == TEND_DATE)
        *ret_date = (tend_date)value.integer;
    else if (status == TEND_OK && value.type == TEND_TIME)
        *ret_date = local_date(subject->playbooks, value.integer);
    return status;
}

/* The calendars that count together, and in whose zone days are said: the first one's. */
typedef struct rule_calendars {
    const tend_calendar *all[2];
    size_t count;
    tend_calendar standard; /* where the model has none */
} rule_calendars;

/* Ours: of the person whom the work is for, else of whoever holds the account today. */
static tend_status find_ours(const tend_subject *subject, tend_calendars *calendars, const tend_calendar **ret_calendar,
                             tend_error *reterr)
{
    int64_t user = subject->user;
    const char *why;
    tend_status status = TEND_OK;

    if (user == 0 && tend_calendars_at(calendars, 0))
        status = tend_role_find(subject, "owner", &user, &why, reterr);
    return status < 0 ? status : tend_calendars_of_user(calendars, subject->world.store, user, ret_calendar, reterr);
}

static tend_status find_calendars(const tend_subject *subject, const tend_tree *rule, rule_calendars *ret_calendars,
                                  tend_error *reterr)
{
    tend_calendars *calendars = tend_model_calendars(subject->playbooks->model);
    const char *of = tend_tree_string(rule, "of");
    tend_status status = TEND_OK;

    ret_calendars->count = 0;
    if (!calendars) {
        const tend_zone *zone = subject->playbooks->zone;

        if (!zone && tend_zone_find("UTC", &zone, reterr) < 0)
            return TEND_ENOTFOUND;
        ret_calendars->standard = tend_calendar_standard("standard", zone);
        ret_calendars->all[ret_calendars->count++] = &ret_calendars->standard;
        return TEND_OK;
    }
    if (!of || strcmp(of, "customer") != 0)
        status = find_ours(subject, calendars, &ret_calendars->all[ret_calendars->count++], reterr);
    if (status == TEND_OK && of && strcmp(of, "us") != 0)
        status = tend_calendars_of_account(calendars, subject->world.store, subject->account,
                                           &ret_calendars->all[ret_calendars->count++], reterr);
    return status;
}

/* The end of a day for all of them: where it ends last. */
static tend_time end_of_day(const rule_calendars *calendars, tend_date date)
{
    tend_time last = tend_zone_midnight(calendars->all[0]->zone, date + 1);

    for (size_t i = 1; i < calendars->count; i++) {
        tend_time end = tend_zone_midnight(calendars->all[i]->zone, date + 1);

        last = end > last ? end : last;
    }
    return last;
}

static tend_status no_such_day(const rule_calendars *calendars, const char *unit, tend_error *reterr)
{
    return tend_fail(reterr, TEND_EINVAL, "the calendars %s%s%s have no %s in common; correct them, or count those of one side",
                     calendars->all[0]->name, calendars->count > 1 ? " and " : "",
                     calendars->count > 1 ? calendars->all[1]->name : "",
                     is_unit(unit, "business_days") ? "working day" : "working hour");
}

/* Working days and hours. `anchor`: counted from this day; else from now. */
static tend_status find_working(const tend_subject *subject, const tend_tree *rule, const char *unit, int64_t count,
                                tend_date anchor, tend_rule_use use, tend_time now, tend_date *ret_date, tend_time *ret_at,
                                tend_error *reterr)
{
    rule_calendars calendars;
    tend_status status = find_calendars(subject, rule, &calendars, reterr);
    bool is_before = tend_tree_get(rule, "before") != NULL;

    if (status < 0)
        return status;
    if (is_unit(unit, "business_hours")) {
        *ret_at = tend_calendars_add_time(calendars.all, calendars.count, now, count * 3600000);
        if (*ret_at == TEND_NO_TIME)
            return no_such_day(&calendars, unit, reterr);
        *ret_date = tend_zone_date(calendars.all[0]->zone, *ret_at - (count > 0)); /* what ends at midnight is of the day before */
        return TEND_OK;
    }
    if (anchor == TEND_NO_DATE)
        anchor = tend_zone_date(calendars.all[0]->zone, now);
    *ret_date = tend_calendars_add_days(calendars.all, calendars.count, anchor, (int)(is_before ? -count : count));
    if (*ret_date == TEND_NO_DATE)
        return no_such_day(&calendars, unit, reterr);
    *ret_at = use == TEND_RULE_DEADLINE && !is_before ? end_of_day(&calendars, *ret_date)
                                                      : tend_zone_midnight(calendars.all[0]->zone, *ret_date);
    return TEND_OK;
}

static tend_status find_day(const tend_subject *subject, const tend_tree *rule, tend_rule_use use, tend_time now,
                            tend_date *ret_date, tend_time *ret_at, bool *ret_follows, tend_error *reterr)
{
    const char *before = tend_tree_string(rule, "before"), *after = tend_tree_string(rule, "after");
    const char *on = tend_tree_string(rule, "on"), *anchor = on ? on : before ? before : after;
    tend_date date = TEND_NO_DATE;
    int64_t count = 0;
    const char *unit = unit_of(rule, &count);
    tend_status status = TEND_OK;

    *ret_follows = false;
    *ret_date = TEND_NO_DATE;
    *ret_at = TEND_NO_TIME;
    if (is_unit(unit, "hours") || is_unit(unit, "minutes")) {
        *ret_at = now + count * (is_unit(unit, "hours") ? 3600000 : 60000);
        *ret_date = local_date(subject->playbooks, *ret_at);
        return TEND_OK;
    }
    if (anchor)
        status = anchor_date(subject, anchor, &date, ret_follows, reterr);
    if (status < 0 || (anchor && date == TEND_NO_DATE))
        return status;
    if (is_unit(unit, "business_days") || is_unit(unit, "business_hours"))
        return find_working(subject, rule, unit, count, date, use, now, ret_date, ret_at, reterr);
    if (!anchor)
        date = local_date(subject->playbooks, now);
    *ret_date = date + (tend_date)(before ? -count : count);
    *ret_at = midnight(subject->playbooks, use == TEND_RULE_DEADLINE && !before ? *ret_date + 1 : *ret_date);
    return TEND_OK;
}

tend_status tend_rule_find(const tend_subject *subject, const tend_tree *rule, tend_rule_use use, tend_time now,
                           tend_date *ret_date, tend_time *ret_at, bool *ret_follows, tend_error *reterr)
{
    const tend_tree *limit = tend_tree_get(rule, "at_latest");
    tend_date last = TEND_NO_DATE;
    tend_time last_at = TEND_NO_TIME;
    bool follows = false;
    tend_status status = find_day(subject, rule, use, now, ret_date, ret_at, ret_follows, reterr);

    if (status < 0 || !limit)
        return status;
    status = find_day(subject, limit, use, now, &last, &last_at, &follows, reterr);
    *ret_follows |= follows;
    if (status == TEND_OK && last_at != TEND_NO_TIME && (*ret_at == TEND_NO_TIME || last_at < *ret_at)) {
        *ret_date = last;
        *ret_at = last_at;
    }
    return status;
}
