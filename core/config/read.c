#include "config/inside.h"

#include "base/buffer.h"
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYS_MAX 10000
#define INIH_NEEDS 3 /* bytes of its buffer that no line may use: CR, LF, NUL */

/* One text on its way through inih, a checked line at a time. A line that was refused is handed over empty, so that all that
 * follows is still looked at. */
typedef struct ini_text {
    tend_config *config;
    const char *file, *folder;
    const char *at, *end;
    unsigned line, keys;
    unsigned more;     /* lines that went on with this one */
    tend_buffer rest;  /* what stands in them */
    tend_place *place; /* NULL before the first section and in a refused one */
    bool has_section;
    tend_faults *faults;
} ini_text;

/* inih's buffer takes the line if it is one that it reads as it is written. */
static bool is_for_inih(ini_text *reading, const char *line, size_t length, size_t room)
{
    char reason[TEND_CONFIG_REASON], name[64];

    switch (tend_config_scan(line, length, room - INIH_NEEDS, reason)) {
    case TEND_LINE_EMPTY:
        return false;
    case TEND_LINE_SECTION:
        reading->has_section = true;
        reading->keys++;
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(line + 1, "]"), line + 1);
        reading->place = tend_config_place(reading->config, name, reading->file, reading->line, reading->faults);
        return reading->place != NULL;
    case TEND_LINE_KEY:
        reading->keys++;
        if (!reading->has_section)
            tend_config_fault(reading->faults, "%s:%u: this line stands before any section; write a [section] above it",
                              reading->file, reading->line);
        return reading->place != NULL;
    case TEND_LINE_BAD:
        tend_config_fault(reading->faults, "%s:%u: this line %s", reading->file, reading->line, reason);
        if (length > 0 && line[0] == '[') { /* whatever section was meant, it is not the one before */
            reading->place = NULL;
            reading->has_section = true;
        } else if (reading->place) {
            reading->place->has_bad_line = true;
        }
        return false;
    }
    return false;
}

/* The next line without its end; its length, or -1 when there is none. */
static ptrdiff_t physical_line(ini_text *reading, const char **ret_line)
{
    const char *line = reading->at, *end;
    ptrdiff_t length;

    if (line >= reading->end)
        return -1;
    end = memchr(line, '\n', (size_t)(reading->end - line));
    reading->at = end ? end + 1 : reading->end;
    length = (end ? end : reading->end) - line;
    if (end && length > 0 && line[length - 1] == '\r')
        length--;
    *ret_line = line;
    return length;
}

/* Whether a setting goes on in the next line; then without the backslash and the blanks before it. */
static bool goes_on(const char *line, size_t *length)
{
    size_t last = *length;

    while (last > 0 && (line[last - 1] == ' ' || line[last - 1] == '\t'))
        last--;
    if (last == 0 || line[last - 1] != '\\')
        return false;
    for (last--; last > 0 && (line[last - 1] == ' ' || line[last - 1] == '\t');)
        last--;
    *length = last;
    return true;
}

/* The lines that follow a backslash, into `rest`. */
static bool take_rest(ini_text *reading, size_t room)
{
    char reason[TEND_CONFIG_REASON];
    bool is_good = true, more = true;

    while (more) {
        const char *line = NULL, *text;
        ptrdiff_t found = physical_line(reading, &line);
        size_t length = found < 0 ? 0 : (size_t)found, kept = 0;

        reading->more++;
        text = tend_config_scan_rest(line ? line : "", length, room - INIH_NEEDS, &kept, reason);
        if (!text) {
            tend_config_fault(reading->faults, "%s:%u: this line %s", reading->file, reading->line + reading->more, reason);
            is_good = false;
            if (reading->place)
                reading->place->has_bad_line = true;
        }
        more = found >= 0 && goes_on(text ? text : line, text ? &kept : &length);
        if (text) {
            tend_buffer_byte(&reading->rest, ' ');
            tend_buffer_append(&reading->rest, text, kept);
        }
    }
    return is_good;
}

static char *next_line(char *buffer, int room, void *stream)
{
    ini_text *reading = stream;
    const char *line = NULL;
    ptrdiff_t found = physical_line(reading, &line);
    size_t length = found < 0 ? 0 : (size_t)found, kept = length;
    bool is_taken;

    if (found < 0)
        return NULL;
    reading->line += 1 + reading->more;
    reading->more = 0;
    tend_buffer_reset(&reading->rest);
    if (reading->keys > KEYS_MAX) {
        tend_config_fault(reading->faults, "%s:%u: has more than %d settings and sections; split it", reading->file, reading->line,
                          KEYS_MAX);
        return NULL;
    }
    is_taken = is_for_inih(reading, line, length, (size_t)room);
    if (length > 0 && !strchr("#;[", *line) && goes_on(line, &kept))
        is_taken = take_rest(reading, (size_t)room) && is_taken;
    length = is_taken ? kept : 0;
    memcpy(buffer, line, length);
    buffer[length] = '\n';
    buffer[length + 1] = '\0';
    return buffer;
}

static int take_value(void *user, const char *section, const char *key, const char *value)
{
    ini_text *reading = user;
    char where[TEND_PLACE_ROOM];

    /* inih and we must be of one mind about where we are. */
    (void)tend_place_name(reading->place, where);
    if (strncmp(where + 1, section, strlen(section)) != 0 || strcmp(where + 1 + strlen(section), "]") != 0)
        return 0;
    if (reading->rest.length > 0)
        value = *value ? tend_arena_print(reading->config->arena, "%s%s", value, tend_buffer_string(&reading->rest))
                       : tend_arena_string(reading->config->arena, tend_buffer_string(&reading->rest) + 1);
    if (!value || reading->rest.failed)
        tend_config_fault(reading->faults, "%s:%u: memory is used up", reading->file, reading->line);
    else
        tend_config_put(reading->config, reading->place, key, value, reading->file, reading->line, reading->folder,
                        reading->faults);
    return 1;
}

/* The folder of `file` as an absolute path, without asking whether it exists; NULL when memory is used up. */
static const char *folder_of(tend_arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *folder = NULL;
    char *here;

    if (slash == file)
        return tend_arena_string(arena, "/");
    if (file[0] == '/')
        return tend_arena_copy(arena, file, (size_t)(slash - file));
    here = getcwd(NULL, 0);
    if (here && slash)
        folder = tend_arena_print(arena, "%s%s%.*s", here, strcmp(here, "/") == 0 ? "" : "/", (int)(slash - file), file);
    else if (here)
        folder = tend_arena_string(arena, here);
    free(here);
    return folder;
}

tend_status tend_config_read(tend_config *config, const char *file, const char *text, size_t length, tend_faults *faults)
{
    static const char bom[] = "\xef\xbb\xbf";
    const bool has_bom = length >= 3 && memcmp(text, bom, 3) == 0;
    ini_text reading = { .config = config, .at = text + (has_bom ? 3 : 0), .end = text + length, .faults = faults };
    const unsigned before = faults->count;
    int line;

    reading.file = tend_arena_string(config->arena, file);
    if (!config->folder)
        config->folder = folder_of(config->arena, file);
    reading.folder = config->folder;
    if (!reading.file || !reading.folder)
        return tend_fail(faults->reterr, TEND_ENOMEM, "%s: memory is used up", file);
    config->loads++;
    line = ini_parse_stream(next_line, &reading, take_value, &reading);
    tend_buffer_clear(&reading.rest);
    if (line != 0 && faults->count == before)
        tend_config_fault(faults, "%s:%d: this line is read in two ways; write it simpler", file, line > 0 ? line : 1);
    return TEND_OK;
}
