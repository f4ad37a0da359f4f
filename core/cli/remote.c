/* remote.c: a command carried out by the running engine. */
#include "cli/remote.h"
#include "base/log.h"
#include "base/wire.h"
#include "cli/command.h"
#include "engine/login.h"
#include <errno.h>
#include <pwd.h>
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

static void send_text(tend_wire *wire, uint16_t type, const char *text, size_t length)
{
    enum { PIECE = 1 << 20 };

    while (length > 0) {
        size_t piece = length > PIECE ? PIECE : length;

        tend_wire_start(wire, type);
        tend_wire_put_text(wire, text, piece);
        if (tend_wire_send(wire, -1, NULL) < 0)
            return;
        text += piece;
        length -= piece;
    }
}

typedef struct request {
    tend_arena *arena; /* owns the words */
    const char *cwd, **words;
    int width, count;
    unsigned uid;
    bool may_share, is_known;
    char *out_text, *err_text;
    size_t out_length, err_length;
    int exit_code;
} request;

static void free_request(request *asked)
{
    free(asked->out_text);
    free(asked->err_text);
    tend_arena_free(asked->arena);
    free(asked);
}

/* Short writes by hand share a transaction; commands that open their own, or that only look, do not. */
static bool shares(const request *asked)
{
    const char *name[2] = { NULL, NULL };
    const tend_command *command;
    int named = 0, used;

    for (int i = 0; i < asked->count && named < 2; i++)
        if (strcmp(asked->words[i], "-C") == 0)
            i++;
        else if (asked->words[i][0] != '-')
            name[named++] = asked->words[i];
    command = named > 0 ? tend_command_find(name, named, &used) : NULL;
    return command && (command->flags & TEND_COMMAND_SHARES);
}

static tend_status receive(tend_workspace *workspace, tend_wire *wire, unsigned uid, void **ret_request, tend_error *reterr)
{
    request *asked = calloc(1, sizeof *asked);
    uint16_t type;
    uint32_t count;
    tend_status status = asked && (asked->arena = tend_arena_new()) ? TEND_OK : TEND_ENOMEM;

    if (status >= 0)
        status = tend_wire_receive(wire, 1000, &type, NULL, reterr);
    if (status >= 0 && type != TEND_REMOTE_COMMAND)
        status = tend_fail(reterr, TEND_ECORRUPT, "a client spoke out of turn");
    if (status < 0)
        goto out;
    asked->uid = uid;
    asked->cwd = tend_arena_string(asked->arena, tend_wire_get_text(wire, NULL));
    asked->width = (int)tend_wire_get_u32(wire);
    count = tend_wire_get_u32(wire);
    if (count > WORDS_MAX) {
        status = tend_fail(reterr, TEND_EINVAL, "a client sent %u words", count);
        goto out;
    }
    asked->words = tend_arena_take(asked->arena, (count + 1) * sizeof *asked->words);
    for (uint32_t i = 0; asked->words && i < count; i++)
        asked->words[i] = tend_arena_string(asked->arena, tend_wire_get_text(wire, NULL));
    asked->count = (int)count;
    status = asked->words ? tend_wire_done(wire, reterr) : TEND_ENOMEM;
    if (status >= 0)
        asked->is_known = tend_login_is_known(tend_workspace_config(workspace), uid);
    if (status >= 0)
        asked->may_share = asked->is_known && shares(asked);
out:
    if (status < 0 && asked)
        free_request(asked);
    else
        *ret_request = asked;
    return status;
}

static bool may_share(const void *opaque)
{
    return ((const request *)opaque)->may_share;
}

static void carry_out(tend_workspace *workspace, void *opaque)
{
    request *asked = opaque;
    FILE *out = open_memstream(&asked->out_text, &asked->out_length), *err = open_memstream(&asked->err_text, &asked->err_length);
    tend_session session = {
        .out = out, .err = err, .in_engine = true, .workspace = workspace, .cwd = asked->cwd, .width = asked->width
    };
    const struct passwd *user = getpwuid(asked->uid);
    char name[64];

    if (user)
        (void)snprintf(name, sizeof name, "%s", user->pw_name);
    else
        (void)snprintf(name, sizeof name, "uid %u", asked->uid);
    session.asked_by = name;
    session.is_foreign = asked->uid != geteuid() && asked->uid != 0;
    session.clock = *tend_workspace_clock(workspace);
    if (!asked->is_known && err) {
        fprintf(err,
                "%s: this login may not ask the running engine; an administrator adds [login.%s] user = COLLEAGUE to tend.ini\n",
                name, user ? name : "NAME");
        tend_log(TEND_LOG_WARN, "serve", "a client was turned away", "login", name, NULL);
        asked->exit_code = 2;
    } else
        asked->exit_code = out && err ? tend_run(&session, asked->count, asked->words) : 3;
    if (out)
        fclose(out);
    if (err)
        fclose(err);
}

static void reply(tend_wire *wire, void *opaque, tend_status status, const tend_error *error)
{
    request *asked = opaque;

    if (status < 0) {
        send_text(wire, TEND_REMOTE_ERR, error->text, strlen(error->text));
        send_text(wire, TEND_REMOTE_ERR, "\n", 1);
        asked->exit_code = 3;
    } else {
        send_text(wire, TEND_REMOTE_OUT, asked->out_text, asked->out_length);
        send_text(wire, TEND_REMOTE_ERR, asked->err_text, asked->err_length);
    }
    tend_wire_start(wire, TEND_REMOTE_DONE);
    tend_wire_put_u32(wire, (uint32_t)asked->exit_code);
    (void)tend_wire_send(wire, -1, NULL);
    free_request(asked);
}

const tend_serve_hooks tend_remote_hooks = { receive, may_share, carry_out, reply };
