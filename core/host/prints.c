#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

tend_status host_prints_catch(host_state *host, tend_error *reterr)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return tend_fail(reterr, TEND_EIO, "tend-host: no pipe for what the plugin prints: %s", strerrordesc_np(errno));
    host->prints = ends[0];
    if (dup2(ends[1], STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
        return tend_fail(reterr, TEND_EIO, "tend-host: what the plugin prints cannot be caught: %s", strerrordesc_np(errno));
    (void)close(ends[1]);
    return TEND_OK;
}

static void tell_lines(host_state *host, char *text)
{
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        host->table.log(&host->table, TEND_LEVEL_INFO, line);
}

void host_prints_tell(host_state *host)
{
    char text[65537]; /* what a pipe holds */
    size_t length = 0;
    ssize_t got;

    if (host->prints == 0)
        return;
    (void)fflush(stdout);
    while (length < sizeof text - 1 && (got = read(host->prints, text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    tell_lines(host, text);
}
