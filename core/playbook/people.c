#include "playbook/people.h"

#include "base/near.h"
#include "playbook/sql.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PEOPLE_MAX = 20000 };

static tend_status read_words(tend_store *store, const char *sql, tend_arena *arena, const char *const **ret_words,
                              tend_error *reterr)
{
    const char **words = tend_arena_take(arena, (PEOPLE_MAX + 1) * sizeof *words);
    tend_statement *statement;
    bool has_row = true;
    size_t count = 0;
    tend_status status =
        words ? tend_sql_ask(store, &statement, reterr, sql, "") : tend_fail(reterr, TEND_ENOMEM, "people: memory is used up");

    if (status < 0)
        return status;
    while (count < PEOPLE_MAX && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        if ((words[count] = tend_arena_string(arena, tend_statement_text(statement, 0, NULL))) != NULL)
            count++;
    tend_statement_end(statement);
    words[count] = NULL;
    *ret_words = words;
    return status < 0 ? status : TEND_OK;
}

tend_status tend_people_read(tend_store *store, tend_arena *arena, tend_people *ret_people, tend_error *reterr)
{
    tend_status status = read_words(store,
                                    "SELECT DISTINCT team FROM users WHERE removed_at IS NULL AND team IS NOT NULL"
                                    " AND coalesce(active, 1) <> 0 ORDER BY 1",
                                    arena, &ret_people->teams, reterr);

    return status < 0 ? status
                      : read_words(store,
                                   "SELECT name FROM users WHERE removed_at IS NULL AND name IS NOT NULL"
                                   " UNION SELECT email FROM users WHERE removed_at IS NULL AND email IS NOT NULL ORDER BY 1",
                                   arena, &ret_people->names, reterr);
}

static bool is_there(const char *word, const char *const *words)
{
    size_t i = 0;

    while (words[i] && strcasecmp(words[i], word) != 0)
        i++;
    return !words[0] || words[i] || i >= PEOPLE_MAX;
}

bool tend_people_lack_team(const tend_people *people, const char *team, char *reason, size_t room)
{
    const char *near;

    if (!people || tend_is_among(team, people->teams) || !people->teams[0]) /* chosen by the very word */
        return false;
    near = tend_near(team, people->teams);
    if (near)
        (void)snprintf(reason, room, "nobody is in team %.60s; did you mean %.60s?", team, near);
    else
        (void)snprintf(reason, room,
                       "nobody is in team %.60s; name one of tend user list, or put somebody there: tend set user NAME team=%.60s",
                       team, team);
    return true;
}

bool tend_people_lack_person(const tend_people *people, const char *name, char *reason, size_t room)
{
    const char *near;

    if (!people || is_there(name, people->names))
        return false;
    near = tend_near(name, people->names);
    (void)snprintf(reason, room, "nobody here is called '%.80s'; %s%.80s%s", name, near ? "did you mean " : "see tend user list",
                   near ? near : "", near ? "?" : "");
    return true;
}

bool tend_people_lack_role(const tend_people *people, const char *role, char *reason, size_t room)
{
    char team[64];

    if (strncmp(role, "user:", 5) == 0)
        return tend_people_lack_person(people, role + 5, reason, room);
    if (strncmp(role, "team:", 5) == 0)
        return tend_people_lack_team(people, role + 5, reason, room);
    if (strncmp(role, "any:", 4) != 0)
        return false;
    (void)snprintf(team, sizeof team, "%.*s", (int)strcspn(role + 4, " "), role + 4);
    return tend_people_lack_team(people, team, reason, room);
}
