/* remote.c: a command carried out by the running engine. */
#include "cli/remote.h"
#include "base/wire.h"
#include "cli/command.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { WORDS_MAX = 4096, ANSWER_MS = 30 * 60 * 1000 };

static bool socket_address(const char *folder, struct sockaddr_un *ret_address)
{
    *ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    return snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "%s/run/tend.sock", folder) <
           (int)sizeof ret_address->sun_path;
}

static void send_command(tend_wire *wire, const tend_session *session, int count, const char *const *arguments)
{
    tend_wire_start(wire, TEND_REMOTE_COMMAND);
    tend_wire_put_string(wire, session->cwd);
    tend_wire_put_u32(wire, (uint32_t)session->width);
    tend_wire_put_u32(wire, (uint32_t)count);
    for (int i = 0; i < count; i++)
        tend_wire_put_string(wire, arguments[i]);
}

bool tend_remote_try(tend_session *session, int count, const char *const *arguments, int *ret_exit)
{
    struct sockaddr_un address;
    char folder[4096];
    tend_wire *wire = NULL;
    tend_error error;
    int fd;
    bool is_done = false;

    if (tend_workspace_find(session->workspace_wanted, session->cwd, folder, sizeof folder, NULL) < 0 ||
        !socket_address(folder, &address))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        return false;
    }
    if (tend_wire_open(fd, "the running engine", &wire, &error) < 0)
        return false;
    send_command(wire, session, count, arguments);
    if (tend_wire_send(wire, -1, &error) < 0) {
        tend_wire_close(wire);
        return false;
    }
    while (!is_done) {
        uint16_t type;
        size_t length;
        const char *text;

        if (tend_wire_receive(wire, ANSWER_MS, &type, NULL, &error) < 0) {
            fprintf(session->err, "the running engine went away before it answered; ask tend status what was done\n");
            *ret_exit = 3;
            break;
        }
        if (type == TEND_REMOTE_DONE) {
            *ret_exit = (int)tend_wire_get_u32(wire);
            is_done = true;
        } else {
            text = tend_wire_get_text(wire, &length);
            fwrite(text, 1, length, type == TEND_REMOTE_ERR ? session->err : session->out);
        }
    }
    tend_wire_close(wire);
    return true;
}
