/* check_people.c: people and teams that the configuration names, held against those of the store. */
#include "base/file.h"
#include "engine/checking.h"

/* A workspace that is only checked has not opened its store. */
static tend_status read_people(tend_check *check, tend_error *reterr)
{
    tend_store *open = tend_workspace_store(check->workspace), *store = open;
    const char *path = tend_config_path(check->config, "store", NULL, "path");
    tend_status status = TEND_OK;

    if (!open && (!path || !tend_file_exists(path)))
        return TEND_ENOTFOUND;
    if (!open)
        status = tend_store_open(path, TEND_STORE_READ, &store, reterr);
    if (status >= 0)
        status = tend_people_read(store, check->arena, &check->people, reterr);
    if (!open)
        tend_store_close(store);
    return status;
}

void tend_check_read_people(tend_check *check)
{
    tend_error ignored;

    check->arena = tend_arena_new();
    if (!check->arena || read_people(check, &ignored) < 0)
        check->people = (tend_people){ .teams = NULL };
}

const tend_people *tend_check_people(const tend_check *check)
{
    return check->people.teams && check->people.names ? &check->people : NULL;
}

void tend_check_teams(tend_check *check)
{
    const char *team, *user;
    char reason[400];

    check->section = "calendar";
    for (size_t i = 0; (check->instance = tend_config_instance(check->config, "calendar", i)); i++)
        for (size_t k = 0; (team = tend_config_entry(check->config, "calendar", check->instance, "teams", k)); k++)
            if (tend_people_lack_team(tend_check_people(check), team, reason, sizeof reason))
                tend_check_fault(check, "teams", "%s", reason);
    check->section = "login";
    for (size_t i = 0; (check->instance = tend_config_instance(check->config, "login", i)); i++) {
        user = tend_config_text(check->config, "login", check->instance, "user");
        if (user && user[0] != '#' && tend_people_lack_person(tend_check_people(check), user, reason, sizeof reason))
            tend_check_fault(check, "user", "%s", reason);
    }
}
