/* init.c: a new workspace. */
#include "engine/init.h"
#include "base/buffer.h"
#include "base/date.h"
#include "base/file.h"
#include "base/money.h"
#include "engine/data.h"
#include "engine/sample.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STARTER_MAX = 1 << 20 };

/* The last day of the quarter that holds `date`. */
static tend_date quarter_end(tend_date date)
{
    int year, month, day;

    tend_date_split(date, &year, &month, &day);
    return tend_date_add_months(tend_date_of(year, (month - 1) / 3 * 3 + 1, 1), 3) - 1;
}

/* The starter with its places filled in. */
static void fill(const char *text, const tend_init_options *options, tend_buffer *out)
{
    char ends[TEND_DATE_ROOM];
    const struct {
        const char *mark, *value;
    } places[] = { { "@NAME@", options->name          ? options->name
                               : options->with_sample ? "Harbor Software"
                                                      : "my company" },
                   { "@ZONE@", options->zone          ? options->zone
                               : options->with_sample ? "Asia/Seoul"
                                                      : "UTC" },
                   { "@CURRENCY@", options->currency ? options->currency : "USD" },
                   { "@QUARTER_ENDS@", tend_date_format(quarter_end(options->anchor), ends) } };

    while (*text) {
        bool is_filled = false;

        for (size_t i = 0; !is_filled && i < sizeof places / sizeof *places; i++)
            if (strncmp(text, places[i].mark, strlen(places[i].mark)) == 0) {
                tend_buffer_text(out, places[i].value);
                text += strlen(places[i].mark);
                is_filled = true;
            }
        if (!is_filled)
            tend_buffer_byte(out, *text++);
    }
}

static tend_status add_starter(const char *starter, const tend_init_options *options, tend_buffer *filled, tend_error *reterr)
{
    char path[PATH_MAX];
    char *text = NULL;
    size_t length;
    tend_status status = tend_data_path(starter, path, sizeof path, reterr);

    if (status >= 0)
        status = tend_file_read(path, STARTER_MAX, &text, &length, reterr);
    if (status >= 0)
        fill(text, options, filled);
    free(text);
    return status;
}

static tend_status write_settings(const char *path, const tend_init_options *options, tend_error *reterr)
{
    tend_buffer filled = { 0 };
    tend_status status = add_starter("starter.ini", options, &filled, reterr);

    if (status >= 0 && options->with_sample)
        status = add_starter("starter-sample.ini", options, &filled, reterr);
    if (status >= 0 && filled.failed)
        status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory for the settings", path);
    if (status >= 0)
        status = tend_file_write_atomic(path, filled.bytes, filled.length, 0644, reterr);
    tend_buffer_clear(&filled);
    return status;
}

static tend_status write_sample(const char *folder, const tend_init_options *options, tend_error *reterr)
{
    char path[PATH_MAX];
    tend_status status;

    (void)snprintf(path, sizeof path, "%s/sample", folder);
    status = tend_folder_make(path, 0755, reterr);
    return status < 0 ? status : tend_sample_write(path, options->anchor, 200, reterr);
}

/* The workspace, and the folder for settings that are dropped in. */
static tend_status make_folders(const char *folder, tend_error *reterr)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/tend.d", folder) >= (int)sizeof path)
        return tend_fail(reterr, TEND_EINVAL, "%s: the path is too long; choose a shorter one", folder);
    return tend_folder_make(path, 0755, reterr);
}

/* A value that the new tend.ini would be refused for. */
static tend_status check_options(const tend_init_options *options, tend_error *reterr)
{
    const tend_zone *zone;
    char code[4] = { 0 };

    if (options->zone && tend_zone_find(options->zone, &zone, NULL) < 0)
        return tend_fail(reterr, TEND_EINVAL, "--zone: '%s' is not a time zone of this machine; write one like Asia/Seoul",
                         options->zone);
    if (options->currency && strlen(options->currency) == 3)
        memcpy(code, options->currency, 3);
    if (options->currency && (!code[0] || tend_currency_exponent(code) < 0))
        return tend_fail(reterr, TEND_EINVAL, "--currency: '%s' is not a currency; write an ISO 4217 code in capitals, like KRW",
                         options->currency);
    return TEND_OK;
}

/* Settings without a store, as somebody writes them by hand. */
static tend_status check_settings(const char *folder, const char *path, const tend_init_options *options, FILE *faults,
                                  tend_error *reterr)
{
    tend_config *config = NULL;
    struct stat about;
    tend_status status = tend_config_load_folder(folder, tend_all_sections, faults, &config, reterr);

    if (status < 0)
        return status;
    if (stat(tend_config_path(config, "store", NULL, "path"), &about) == 0 && about.st_size > 0)
        status = tend_fail(reterr, TEND_EEXISTS, "%s: there is a workspace already; nothing was changed", path);
    else if (options->name || options->zone || options->currency || options->with_sample)
        status = tend_fail(reterr, TEND_EEXISTS,
                           "%s: is there already and stays as it is; leave out --name, --zone, --currency and --sample, or name "
                           "another folder",
                           path);
    tend_config_free(config);
    return status;
}

tend_status tend_init(const char *folder, const tend_init_options *options, tend_clock clock, FILE *faults, bool *ret_had_settings,
                      tend_error *reterr)
{
    char path[PATH_MAX];
    tend_workspace *workspace = NULL;
    tend_status status = check_options(options, reterr);
    bool had_settings;

    (void)snprintf(path, sizeof path, "%s/tend.ini", folder);
    had_settings = tend_file_exists(path);
    if (status >= 0 && had_settings)
        status = check_settings(folder, path, options, faults, reterr);
    if (status < 0)
        return status;
    status = make_folders(folder, reterr);
    if (status >= 0 && options->with_sample)
        status = write_sample(folder, options, reterr);
    if (status >= 0 && !had_settings)
        status = write_settings(path, options, reterr);
    if (status >= 0) /* the folder may hold settings and playbooks already */
        status = tend_workspace_check(folder, clock, faults, reterr);
    if (status >= 0)
        status = tend_workspace_open(folder, TEND_STORE_CREATE, clock, faults, &workspace, reterr);
    if (status >= 0 && options->is_simulated)
        status = tend_workspace_make_simulated(workspace,
                                               options->starts_on == TEND_NO_DATE
                                                   ? tend_clock_now(&clock)
                                                   : tend_zone_midnight(tend_workspace_zone(workspace), options->starts_on),
                                               reterr);
    tend_workspace_close(workspace);
    if (status < 0 && !had_settings)
        (void)unlink(path); /* without it the folder is no workspace, and init can be tried again */
    if (status >= 0)
        *ret_had_settings = had_settings;
    return status;
}
