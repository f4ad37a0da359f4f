/* serve.c: the loop of the engine in the foreground. */
#include "engine/serve.h"
#include "base/log.h"
#include "engine/check.h"
#include "engine/engine.h"
#include "engine/login.h"
#include "engine/safe.h"
#include "engine/sources.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS = 64 };

typedef struct client {
    tend_wire *wire;
    unsigned uid;
    void *request;
    bool is_running; /* its command is being carried out, and asks for attendance now and then */
} client;

typedef struct tend_server {
    tend_workspace *workspace;
    const tend_serve_hooks *hooks;
    int listener, signals;
    client clients[CLIENTS];
    int count;
    bool is_ending, has_hangup;
} tend_server;

static tend_status open_socket(tend_workspace *workspace, int *ret_fd, tend_error *reterr)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char folder[4096];
    int fd;
    mode_t before;
    bool is_bound, has_logins = tend_login_any(tend_workspace_config(workspace));
    tend_status status = tend_workspace_subfolder(workspace, "run", folder, sizeof folder, reterr);

    if (status < 0)
        return status;
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s/tend.sock", folder) >= (int)sizeof address.sun_path)
        return tend_fail(reterr, TEND_EINVAL, "%s: the path is too long for a local socket; move the workspace to a shorter one",
                         folder);
    if (chmod(folder, has_logins ? 0711 : 0700) != 0)
        return tend_fail(reterr, TEND_EIO, "%s: its mode cannot be set (%s); it must be ours", folder, strerror(errno));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot make a socket: %s", address.sun_path, strerror(errno));
    (void)unlink(address.sun_path); /* we hold the store's lock, so nobody else listens there */
    /* Everybody may knock where logins are known; who calls is what the system says, not the file's mode. */
    before = umask(has_logins ? 0111 : 0177);
    is_bound = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, CLIENTS) == 0;
    (void)umask(before);
    if (!is_bound) {
        status = tend_fail(reterr, TEND_EIO, "%s: cannot listen: %s", address.sun_path, strerror(errno));
        close(fd);
        return status;
    }
    *ret_fd = fd;
    return TEND_OK;
}

static void close_socket(const tend_server *server)
{
    char path[4200];

    (void)snprintf(path, sizeof path, "%s/run/tend.sock", tend_workspace_folder(server->workspace));
    (void)unlink(path);
    close(server->listener);
}

static tend_status open_signals(int *ret_fd, tend_error *reterr)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return tend_fail(reterr, TEND_ERROR, "serve: cannot block signals: %s", strerror(errno));
    *ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *ret_fd < 0 ? tend_fail(reterr, TEND_ERROR, "serve: cannot wait for signals: %s", strerror(errno)) : TEND_OK;
}

static void take_signals(tend_server *server)
{
    struct signalfd_siginfo info;

    while (read(server->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            server->has_hangup = true;
            continue;
        }
        server->is_ending = true;
        tend_log(TEND_LOG_INFO, "serve", "ending", "signal", info.ssi_signo == SIGTERM ? "TERM" : "INT", NULL);
    }
}

static void meet_signals(tend_server *server)
{
    tend_error error = { 0 };

    take_signals(server);
    if (!server->has_hangup)
        return;
    server->has_hangup = false;
    if (tend_workspace_reload(server->workspace, stderr, &error) < 0) {
        tend_log(TEND_LOG_ERROR, "serve", "configuration kept as it was", "reason", error.text, NULL);
        return;
    }
    tend_log(TEND_LOG_INFO, "serve", "configuration read again", NULL);
    if (tend_workspace_is_safe(server->workspace) && tend_safe_resume(server->workspace, &error) < 0)
        tend_log(TEND_LOG_ERROR, "serve", "still in safe mode", "reason", error.text, NULL);
}

static void accept_clients(tend_server *server)
{
    while (server->count < CLIENTS) {
        struct ucred peer;
        socklen_t length = sizeof peer;
        tend_error error;
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            return;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
            close(fd);
            continue;
        }
        if (tend_wire_open(fd, "a client", &server->clients[server->count].wire, &error) < 0)
            continue;
        server->clients[server->count].is_running = false;
        server->clients[server->count].uid = peer.uid;
        server->clients[server->count++].request = NULL;
    }
}

static void drop(tend_server *server, int i)
{
    tend_wire_close(server->clients[i].wire);
    server->clients[i] = server->clients[--server->count];
}

static void answer(tend_server *server, int i, tend_status status, const tend_error *error)
{
    server->hooks->reply(server->clients[i].wire, server->clients[i].request, status, error);
    drop(server, i);
}

static bool is_short(const tend_server *server, int i)
{
    const client *one = &server->clients[i];

    return one->request && !one->is_running && server->hooks->may_share(one->request);
}

/* All that have asked and may share a transaction are carried out in one. */
static void carry_out_short(tend_server *server)
{
    tend_model *model = tend_workspace_model(server->workspace);
    tend_error error = { 0 };
    tend_status status;
    int sharing = 0;

    for (int i = 0; i < server->count; i++)
        sharing += is_short(server, i);
    if (sharing > 0) {
        status = tend_model_group_begin(model, &error);
        for (int i = 0; status >= 0 && i < server->count; i++)
            if (is_short(server, i))
                server->hooks->carry_out(server->workspace, server->clients[i].request);
        if (status >= 0)
            status = tend_model_group_commit(model, &error);
        for (int i = server->count - 1; i >= 0; i--)
            if (is_short(server, i))
                answer(server, i, status, &error);
    }
}

/* The place of the client with this request, or of the first that waits (NULL); -1: none. */
static int find_client(const tend_server *server, const void *request)
{
    for (int i = 0; i < server->count; i++) {
        const client *one = &server->clients[i];

        if (request ? one->request == request : one->request && !one->is_running)
            return i;
    }
    return -1;
}

/* The short ones in one transaction, the rest one by one: while one of these runs, short ones of others are carried out (attend).
 */
static void carry_out(tend_server *server)
{
    const tend_error none = { 0 };
    int i;

    carry_out_short(server);
    while ((i = find_client(server, NULL)) >= 0) {
        void *request = server->clients[i].request;

        server->clients[i].is_running = true;
        server->hooks->carry_out(server->workspace, request);
        i = find_client(server, request); /* others may have come and gone */
        if (i >= 0)
            answer(server, i, TEND_OK, &none);
    }
}

static void meet_clients(tend_server *server, const struct pollfd *polls)
{
    int seen = server->count; /* accepted below are met at the next turn */

    for (int i = seen - 1; i >= 0; i--) {
        tend_error error = { 0 };

        if (!(polls[i].revents & (POLLIN | POLLHUP | POLLERR)) || server->clients[i].request)
            continue;
        if (server->hooks->receive(server->workspace, server->clients[i].wire, server->clients[i].uid, &server->clients[i].request,
                                   &error) < 0) {
            tend_log(TEND_LOG_WARN, "serve", "a client was dropped", "reason", error.text, NULL);
            drop(server, i);
        }
    }
    accept_clients(server);
}

/* Long work asks here, with no transaction open: people who wait for a short command do not wait for it, and a signal ends it. */
static bool attend(void *self, bool is_busy)
{
    tend_server *server = self;

    take_signals(server);
    if (!server->is_ending && !is_busy && !tend_store_in_transaction(tend_workspace_store(server->workspace))) {
        struct pollfd polls[CLIENTS];
        int clients = server->count;

        for (int i = 0; i < clients; i++)
            polls[i] = (struct pollfd){ tend_wire_fd(server->clients[i].wire), POLLIN, 0 };
        if (poll(polls, (nfds_t)clients, 0) >= 0) {
            meet_clients(server, polls);
            carry_out_short(server);
        }
    }
    return server->is_ending;
}

static int wait_ms(tend_server *server)
{
    int64_t most = tend_config_int(tend_workspace_config(server->workspace), "daemon", NULL, "poll");
    tend_time next = TEND_NO_TIME, now = tend_clock_now(tend_workspace_clock(server->workspace));

    if (tend_workspace_is_safe(server->workspace)) /* whatever is due stays so */
        return (int)most;
    if (tend_engine_next(server->workspace, &next, NULL) >= 0 && next != TEND_NO_TIME && next - now < most)
        most = next > now ? next - now : 0;
    return (int)(most < 50 ? 50 : most);
}

/* It was told to end, or says why it cannot work: that is no crash. */
static void note_end(tend_workspace *workspace)
{
    tend_error error = { 0 };

    if (tend_safe_end(workspace, &error) < 0)
        tend_log(TEND_LOG_WARN, "serve", "the clean end could not be noted", "reason", error.text, NULL);
}

static void work(tend_server *server)
{
    tend_engine_counts counts = { 0 };
    tend_error error = { 0 };
    bool more = true;

    /* One round at a time, so that signals and clients do not wait for all of a long backlog. */
    if (tend_engine_step(server->workspace, &counts, &more, &error) < 0)
        tend_log(TEND_LOG_ERROR, "serve", "a round failed; trying again", "reason", error.text, NULL);
}

tend_status tend_serve(tend_workspace *workspace, const tend_serve_hooks *hooks, bool is_normal, tend_error *reterr)
{
    tend_server server = { .workspace = workspace, .hooks = hooks, .listener = -1, .signals = -1 };
    bool is_first = true, has_begun = false;
    tend_status status;

    if (tend_workspace_has_own_clock(workspace))
        return tend_fail(reterr, TEND_EINVAL,
                         "%s: this workspace is simulated, and its clock stands still; tend once does what is due, tend simulate "
                         "--until DATE moves the clock",
                         tend_workspace_folder(workspace));
    status = tend_safe_begin(workspace, is_normal, reterr);
    has_begun = status >= 0;
    /* A playbook that cannot be used as it stands is no reason to stop the others: it is left out, or its last good script works.
     */
    if (status >= 0 && !tend_workspace_is_safe(workspace))
        status = tend_workspace_check_parts(workspace, TEND_CHECK_ALL & ~TEND_CHECK_PLAYBOOKS, stderr, reterr);
    if (status >= 0)
        status = open_signals(&server.signals, reterr);
    if (status >= 0)
        status = open_socket(workspace, &server.listener, reterr);
    tend_workspace_set_attend(workspace, attend, &server);
    if (status >= 0 && !tend_workspace_is_safe(workspace))
        status = tend_workspace_finish_imports(workspace, reterr);
    if (status == TEND_ECLOSED) /* told to end meanwhile */
        status = TEND_OK;
    if (status < 0)
        goto out;
    tend_log(TEND_LOG_INFO, "serve", "up", "workspace", tend_workspace_folder(workspace), NULL);
    while (!server.is_ending) {
        struct pollfd polls[CLIENTS + 2];
        int clients = server.count;

        for (int i = 0; i < clients; i++)
            polls[i] = (struct pollfd){ tend_wire_fd(server.clients[i].wire), POLLIN, 0 };
        polls[clients] = (struct pollfd){ server.listener, POLLIN, 0 };
        polls[clients + 1] = (struct pollfd){ server.signals, POLLIN, 0 };
        if (poll(polls, (nfds_t)clients + 2, is_first || server.has_hangup ? 0 : wait_ms(&server)) < 0 && errno != EINTR) {
            status = tend_fail(reterr, TEND_EIO, "serve: cannot wait: %s", strerror(errno));
            break;
        }
        is_first = false; /* what became due while nobody was here is not waited for */
        meet_signals(&server);
        meet_clients(&server, polls);
        carry_out(&server);
        if (!server.is_ending && !tend_workspace_is_safe(workspace))
            work(&server);
    }
    while (server.count > 0)
        drop(&server, 0);
    tend_log(TEND_LOG_INFO, "serve", "down", NULL);
out:
    tend_workspace_set_attend(workspace, NULL, NULL);
    if (server.listener >= 0)
        close_socket(&server);
    if (server.signals >= 0)
        close(server.signals);
    if (has_begun)
        note_end(workspace);
    return status;
}
