/* tell.c: what commands say themselves, in the language of who reads. */
#include "cli/commands.h"
#include "query/words.h"
#include <stdarg.h>

tend_status tend_cli_section(tend_session *session, const char *key, const char *title, const tend_heading *headings, int count,
                             bool is_single, tend_error *reterr)
{
    tend_result *result = tend_session_result(session);
    tend_heading *said = tend_arena_take(session->arena, (size_t)count * sizeof *said);
    const char *language = tend_session_language(session);

    if (!result || !said)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    for (int i = 0; i < count; i++) {
        said[i] = headings[i];
        said[i].title = tend_say(language, headings[i].title ? headings[i].title : headings[i].key);
    }
    return result->section(result, key, tend_say_found(session->arena, language, title), said, count, is_single, reterr);
}

void tend_cli_tell(tend_session *session, const char *format, ...)
{
    char line[4000];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)fprintf(session->out, "%s\n", tend_say_found(session->arena, tend_session_language(session), line));
}
