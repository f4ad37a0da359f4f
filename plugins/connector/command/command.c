/* command.c: records from a program that writes lines of JSON: ours, or the messages of a Singer tap. */
#include "messages.h"
#include "program.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const tend_option settings[] = {
    { "program", TEND_OPTION_PATH, NULL, "the program, by its whole path; it is started without a shell", false, true },
    { "arguments", TEND_OPTION_LIST, NULL, "what it is called with, one by one", false, false },
    { "streams", TEND_OPTION_LIST, NULL, "the streams it has; not given: it is run once to see which come", false, false },
    { "directory", TEND_OPTION_PATH, NULL, "where it is started; not given: /", false, false },
    { "environment", TEND_OPTION_ENVIRONMENT, NULL,
      "NAME=value, or NAME to pass on what tend itself was given; nothing else is passed on", false, false },
    { "timeout", TEND_OPTION_DURATION, "10 min", "a run that takes longer is stopped", false, false },
    { "memory_limit", TEND_OPTION_INT, "0", "bytes of memory that the program may use; 0: what the plugin may", false, false },
    { "state_option", TEND_OPTION_TEXT, NULL, "put before the name of a file with the last bookmark, as --state for Singer taps",
      false, false },
    { 0 },
};

static tend_status command_open(const tend_host *host, void **ret_self, tend_error *reterr)
{
    const char *program = host->setting(host, "program");

    if (!program || *program != '/')
        return tend_fail(reterr, TEND_EINVAL, "command: program: %s: write the whole path", program ? program : "not given");
    *ret_self = (void *)(uintptr_t)host;
    return TEND_OK;
}

/* What a run needs besides the settings. */
typedef struct command_start {
    const char **arguments, **environment; /* owned; the texts are borrowed */
    char *bookmark, *stream;               /* owned: "TEND_BOOKMARK=…", "TEND_STREAM=…" */
    char state_file[40];
    int state_fd; /* -1: none */
} command_start;

static size_t count_setting(const tend_host *host, const char *key)
{
    uint32_t count = 0;

    while (host->setting_at(host, key, count))
        count++;
    return count;
}

/* A file in memory that the program inherits: nothing is left behind. */
static bool make_state_file(command_start *start, const char *bookmark)
{
    size_t length = strlen(bookmark);

    start->state_fd = memfd_create("bookmark", MFD_CLOEXEC);
    if (start->state_fd < 0 || write(start->state_fd, bookmark, length) != (ssize_t)length ||
        lseek(start->state_fd, 0, SEEK_SET) < 0)
        return false;
    (void)snprintf(start->state_file, sizeof start->state_file, "/proc/self/fd/%d", start->state_fd);
    return true;
}

static char *join(const char *name, const char *value)
{
    size_t length = strlen(name) + strlen(value) + 1;
    char *text = malloc(length);

    if (text)
        (void)snprintf(text, length, "%s%s", name, value);
    return text;
}

static void clear_start(command_start *start)
{
    free(start->arguments);
    free(start->environment);
    free(start->bookmark);
    free(start->stream);
    if (start->state_fd >= 0)
        (void)close(start->state_fd);
}

/* Later entries win for most programs, so the listed ones come last. */
static bool fill_start(command_start *start, const tend_host *host, const char *stream, const char *bookmark)
{
    const char *state_option = host->setting(host, "state_option");
    size_t arguments = count_setting(host, "arguments"), environment = count_setting(host, "environment"), at = 0;

    start->arguments = calloc(arguments + 4, sizeof *start->arguments);
    start->environment = calloc(environment + 5, sizeof *start->environment);
    start->stream = join("TEND_STREAM=", stream ? stream : "");
    start->bookmark = join("TEND_BOOKMARK=", bookmark ? bookmark : "");
    if (!start->arguments || !start->environment || !start->stream || !start->bookmark)
        return false;
    start->arguments[at++] = host->setting(host, "program");
    for (uint32_t i = 0; i < arguments; i++)
        start->arguments[at++] = host->setting_at(host, "arguments", i);
    if (state_option && bookmark) {
        if (!make_state_file(start, bookmark))
            return false;
        start->arguments[at++] = state_option;
        start->arguments[at++] = start->state_file;
    }
    at = 0;
    start->environment[at++] = start->stream;
    if (bookmark)
        start->environment[at++] = start->bookmark;
    for (uint32_t i = 0; i < environment; i++)
        start->environment[at++] = host->setting_at(host, "environment", i);
    for (size_t i = 0; i < at; i++)
        if (strncmp(start->environment[i], "PATH=", 5) == 0)
            return true;
    start->environment[at] = "PATH=/usr/local/bin:/usr/bin:/bin";
    return true;
}

static tend_status run_program(const tend_host *host, const char *bookmark, message_run *messages, tend_error *reterr)
{
    const char *timeout = host->setting(host, "timeout"), *memory = host->setting(host, "memory_limit");
    command_start given = { .state_fd = -1 };
    program_start start = { .path = host->setting(host, "program"), .directory = host->setting(host, "directory") };
    program_run program;
    tend_error end = { 0 };
    tend_status status, ended;

    if (!fill_start(&given, host, messages->stream, bookmark)) {
        clear_start(&given);
        return tend_fail(reterr, TEND_ENOMEM, "command: no memory to start %s", start.path);
    }
    start.arguments = given.arguments;
    start.environment = given.environment;
    start.bookmark_fd = given.state_fd;
    start.timeout_ms = timeout ? strtoll(timeout, NULL, 10) : 600000;
    start.memory_bytes = memory ? strtoll(memory, NULL, 10) : 0;
    status = program_begin(&program, host, &start, reterr);
    if (status == TEND_OK) {
        status = program_read(&program, messages_take, messages, reterr);
        ended = program_end(&program, messages->records, &end);
        if (messages->has_enough && status == TEND_ECLOSED)
            status = TEND_OK; /* that we stopped it is no fault of the program */
        else if (status == TEND_OK && ended < 0)
            status = tend_fail(reterr, ended, "%s", end.text);
        else if (status < 0 && reterr->text[0] == '\0')
            (void)tend_fail(reterr, status, "program %s was stopped after %llu records", start.path,
                            (unsigned long long)messages->records);
    }
    clear_start(&given);
    return status;
}

static tend_status command_streams(void *self, tend_status (*put)(void *out, const tend_stream *stream), void *out,
                                   tend_error *reterr)
{
    const tend_host *host = self;
    message_run messages = { .host = host };
    tend_status status = TEND_OK;
    const char *name;

    for (uint32_t i = 0; status == TEND_OK && (name = host->setting_at(host, "streams", i)); i++)
        status = put(out, &(tend_stream){ .name = name, .about = host->setting(host, "program") });
    if (status < 0 || host->setting_at(host, "streams", 0))
        return status;
    status = run_program(host, NULL, &messages, reterr);
    for (size_t i = 0; status == TEND_OK && i < messages.stream_count; i++)
        status = put(out, &(tend_stream){ .name = messages.streams[i], .about = host->setting(host, "program") });
    messages_clear(&messages);
    return status;
}

static tend_status command_pull(void *self, const tend_pull *request, tend_record_out *out, tend_error *reterr)
{
    const tend_host *host = self;
    message_run messages = { .host = host, .stream = request->stream, .out = out, .limit = request->limit };
    tend_status status = run_program(host, request->bookmark, &messages, reterr);
    char line[120];

    if (messages.others > 0) {
        (void)snprintf(line, sizeof line, "%llu records of other streams were passed over", (unsigned long long)messages.others);
        host->log(host, TEND_LEVEL_INFO, line);
    }
    messages_clear(&messages);
    return status;
}

static const tend_connector_ops ops = { .size = sizeof ops, .streams = command_streams, .pull = command_pull };
static const tend_capability capabilities[] = {
    { TEND_CONNECTOR, "command", "records from a program's lines of JSON", &ops },
    { 0 },
};
TEND_PLUGIN(command, "1.0.0", TEND_PROVIDES_CONNECTOR, TEND_NEEDS_FILES | TEND_NEEDS_PROGRAMS | TEND_WANTS_NETWORK,
            .summary = "Programs that write JSON Lines", .settings = settings, .capabilities = capabilities, .open = command_open)
