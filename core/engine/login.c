/* login.c: logins of the system as people of ours. */
#include "engine/login.h"
#include <pwd.h>
#include <string.h>
#include <unistd.h>

static const tend_setting login_settings[] = {
    { .key = "user",
      .type = TEND_SETTING_TEXT,
      .help = "the colleague this login is: a name, an e-mail address or #ID of tend user list",
      .is_required = true },
    { .key = "act_as", .type = TEND_SETTING_BOOL, .fallback = "no", .help = "may act as others with --user" },
    { .key = "administrator", .type = TEND_SETTING_BOOL, .fallback = "no", .help = "may do everything" },
    { .key = NULL },
};
const tend_section tend_login_sections[] = {
    { .name = "login",
      .is_named = true,
      .summary = "A login of this machine that is a colleague: what it writes is written under the colleague's name.",
      .settings = login_settings },
    { .name = NULL },
};

static bool has_section(const tend_config *config, const char *login)
{
    const char *name;

    for (size_t i = 0; (name = tend_config_instance(config, "login", i)) != NULL; i++)
        if (strcmp(name, login) == 0)
            return true;
    return false;
}

bool tend_login_any(const tend_config *config)
{
    return tend_config_instance(config, "login", 0) != NULL;
}

bool tend_login_is_known(const tend_config *config, unsigned uid)
{
    const struct passwd *login;

    if (uid == 0 || uid == geteuid())
        return true;
    login = getpwuid(uid);
    return login && has_section(config, login->pw_name);
}

tend_status tend_login_user(tend_workspace *workspace, const char *place, const char *written, int64_t *ret_user,
                            tend_error *reterr)
{
    const tend_kind_schema *users = tend_schema_kind(tend_workspace_schema(workspace), TEND_KIND_USER);
    tend_status status = TEND_ENOTFOUND;

    for (int field = 0; status == TEND_ENOTFOUND && field < users->field_count; field++)
        if (users->fields[field].flags & TEND_FIELD_KEY)
            status = tend_model_lookup(tend_workspace_model(workspace), TEND_KIND_USER, field, written, strlen(written), ret_user,
                                       reterr);
    if (status == TEND_ENOTFOUND)
        return tend_fail(reterr, status, "%s: nobody here is called '%s'; see tend user list", place, written);
    return status;
}

/* The person as principals are called: by name, whatever was written. Somebody who was retired acts no more. */
static tend_status become(tend_workspace *workspace, const char *place, const char *written, tend_principal *ret_principal,
                          tend_error *reterr)
{
    const tend_principal anyone = tend_principal_administrator();
    const tend_kind_schema *users = tend_schema_kind(tend_workspace_schema(workspace), TEND_KIND_USER);
    const tend_value *active, *name;
    tend_world world = tend_world_live(tend_workspace_model(workspace));
    tend_arena *arena = tend_arena_new();
    int64_t user = 0;
    tend_row row;
    tend_status status = arena ? tend_login_user(workspace, place, written, &user, reterr) : TEND_ENOMEM;

    if (status >= 0)
        status = tend_read(&world, &anyone, TEND_KIND_USER, user, arena, &row, reterr);
    if (status >= 0) {
        active = &row.values[tend_schema_field(users, "active")];
        name = &row.values[users->name_field];
        if (active->type == TEND_BOOL && active->integer == 0)
            status = tend_fail(reterr, TEND_EDENIED, "%s: %s is retired; see tend user list --all", place, name->text);
    }
    if (status >= 0) {
        *ret_principal = tend_principal_named(TEND_PRINCIPAL_PERSON, name->text);
        ret_principal->user = user;
    }
    tend_arena_free(arena);
    return status;
}

tend_status tend_login_principal(tend_workspace *workspace, const char *asked_by, const char *user, tend_principal *ret_principal,
                                 tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(workspace);
    tend_principal principal = tend_principal_administrator();
    bool is_mapped = has_section(config, asked_by);
    bool may_act = !is_mapped || tend_config_bool(config, "login", asked_by, "act_as") ||
                   tend_config_bool(config, "login", asked_by, "administrator");
    const char *file = NULL;
    unsigned line = 0;
    char place[600];
    tend_status status = TEND_OK;

    (void)snprintf(principal.name, sizeof principal.name, "%s", asked_by);
    if (is_mapped) {
        tend_config_origin(config, "login", asked_by, "user", &file, &line);
        (void)snprintf(place, sizeof place, "%s:%u: [login.%s] user", file ? file : "configuration", line, asked_by);
        status = become(workspace, place, tend_config_text(config, "login", asked_by, "user"), &principal, reterr);
        if (status >= 0 && tend_config_bool(config, "login", asked_by, "administrator"))
            principal.kind = TEND_PRINCIPAL_ADMINISTRATOR;
    }
    if (status >= 0 && user) {
        tend_principal other;

        status = become(workspace, "--user", user, &other, reterr);
        if (status >= 0 && !may_act && other.user != principal.user)
            return tend_fail(reterr, TEND_EDENIED, "--user: %s may not act as %s; ask an administrator for [login.%s] act_as = yes",
                             asked_by, other.name, asked_by);
        if (status >= 0) {
            principal = other;
            (void)snprintf(principal.acting_for, sizeof principal.acting_for, "%s", asked_by);
        }
    }
    if (status >= 0)
        *ret_principal = principal;
    return status;
}
