/* main.c: tend, from a shell. */
#include "cli/command.h"
#include "cli/remote.h"
#include <locale.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int width_of(FILE *stream)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return columns && atoi(columns) > 20 ? atoi(columns) : 0;
}

int main(int argc, char **argv)
{
    static char cwd[4096], name[64];
    const struct passwd *user = getpwuid(geteuid());
    tend_session session = { .out = stdout, .err = stderr };
    int status;

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    (void)snprintf(name, sizeof name, "%s", user ? user->pw_name : "nobody");
    if (!getcwd(cwd, sizeof cwd))
        cwd[0] = '\0';
    session.cwd = cwd;
    session.asked_by = name;
    session.out_is_terminal = isatty(STDOUT_FILENO);
    session.width = session.out_is_terminal ? width_of(stdout) : 0;
    session.clock = tend_clock_system();
    status = tend_run(&session, argc - 1, (const char *const *)argv + 1);
    if (fflush(stdout) != 0 && status == 0)
        status = 3;
    return status;
}
