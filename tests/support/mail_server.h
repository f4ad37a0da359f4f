/* mail_server.h: an SMTP server on the loopback, in a process of its own, that answers one command as it is told; also behind TLS
 * (by the program openssl). */
#ifndef TEND_TESTS_MAIL_SERVER_H
#define TEND_TESTS_MAIL_SERVER_H

#include <arpa/inet.h>
#include <check.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct mail_server {
    int port;
    pid_t pid, tls; /* tls: 0, or the process that carries the bytes */
    int heard;      /* what clients said */
} mail_server;

static inline void mail_server_say(int client, const char *line)
{
    (void)!write(client, line, strlen(line));
    (void)!write(client, "\r\n", 2);
}

/* One connection, a line at a time; every line goes to `heard` as well. */
static inline void mail_server_talk(int client, int heard, const char *command, const char *reply)
{
    FILE *in = fdopen(client, "r");
    char line[4096];
    int in_data = 0;

    mail_server_say(client, "220 test");
    while (in && fgets(line, sizeof line, in)) {
        (void)!write(heard, line, strlen(line));
        if (in_data) {
            if (strcmp(line, ".\r\n") == 0) {
                in_data = 0;
                mail_server_say(client, "250 taken");
            }
        } else if (command && strncasecmp(line, command, strlen(command)) == 0) {
            mail_server_say(client, reply);
        } else if (strncasecmp(line, "DATA", 4) == 0) {
            in_data = 1;
            mail_server_say(client, "354 go on");
        } else if (strncasecmp(line, "QUIT", 4) == 0) {
            mail_server_say(client, "221 bye");
            break;
        } else {
            mail_server_say(client, "250 ok");
        }
    }
    if (in)
        (void)fclose(in);
}

/* `command` NULL: everything is taken. */
static inline mail_server mail_server_start(const char *command, const char *reply)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), ends[2];
    mail_server server = { 0 };

    ck_assert_int_ge(listener, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    ck_assert_int_eq(pipe(ends), 0);
    server.port = ntohs(address.sin_port);
    server.pid = fork();
    ck_assert_int_ge(server.pid, 0);
    if (server.pid == 0) {
        (void)signal(SIGPIPE, SIG_IGN);
        (void)close(ends[0]);
        for (;;) {
            int client = accept(listener, NULL, NULL);

            if (client < 0)
                _exit(1);
            mail_server_talk(client, ends[1], command, reply);
        }
    }
    (void)close(listener);
    (void)close(ends[1]);
    server.heard = ends[0];
    return server;
}

/* Makes PEM files in `folder`: certificate.pem for 127.0.0.1, and with its key both.pem. 0 when openssl is not there. */
static inline int mail_server_certify(const char *folder)
{
    char command[1200];

    (void)snprintf(command, sizeof command,
                   "cd '%s' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out "
                   "certificate.pem -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 >/dev/null 2>&1 && cat key.pem "
                   "certificate.pem >both.pem",
                   folder);
    return system(command) == 0;
}

/* A port that was free a moment ago. */
static inline int mail_server_port(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(bind(probe, (struct sockaddr *)address, size), 0);
    ck_assert_int_eq(getsockname(probe, (struct sockaddr *)address, &size), 0);
    (void)close(probe);
    return ntohs(address->sin_port);
}

/* Whether somebody listens on the port, asked of the kernel. */
static inline int mail_server_listens(int port)
{
    FILE *table = fopen("/proc/net/tcp", "re");
    char line[256];
    int is_there = 0;

    while (table && !is_there && fgets(line, sizeof line, table)) {
        unsigned local, state;

        is_there = sscanf(line, " %*d: %*x:%x %*x:%*x %x", &local, &state) == 2 && (int)local == port && state == 10;
    }
    if (table)
        (void)fclose(table);
    return is_there;
}

/* One connection that speaks TLS from its first byte, with both.pem of `folder`; takes everything. */
static inline mail_server mail_server_start_tls(const char *folder)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    mail_server server = { .port = mail_server_port(&address) };
    int heard[2], talk[2], is_up = 0;

    ck_assert_int_eq(pipe(heard), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, talk), 0);
    server.pid = fork();
    if (server.pid == 0) {
        (void)close(talk[0]);
        mail_server_talk(talk[1], heard[1], NULL, NULL);
        _exit(0);
    }
    server.tls = fork();
    if (server.tls == 0) {
        char port[40];

        (void)snprintf(port, sizeof port, "127.0.0.1:%d", server.port);
        (void)!chdir(folder);
        (void)dup2(talk[0], 0);
        (void)dup2(talk[0], 1);
        (void)close(talk[1]);
        (void)execlp("openssl", "openssl", "s_server", "-quiet", "-accept", port, "-cert", "both.pem", (char *)NULL);
        _exit(127);
    }
    (void)close(talk[0]);
    (void)close(talk[1]);
    (void)close(heard[1]);
    server.heard = heard[0];
    while (!is_up && waitpid(server.tls, NULL, WNOHANG) == 0) { /* a trial connection would swallow the greeting */
        is_up = mail_server_listens(server.port);
        (void)sched_yield();
    }
    ck_assert_msg(is_up, "openssl s_server does not listen");
    return server;
}

/* Ends it and gives what was heard, up to 64 KiB; valid until the next. */
static inline const char *mail_server_stop(mail_server *server)
{
    static char heard[65536];
    size_t length = 0;
    ssize_t got;

    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    if (server->tls > 0) {
        (void)kill(server->tls, SIGKILL);
        (void)waitpid(server->tls, NULL, 0);
    }
    while ((got = read(server->heard, heard + length, sizeof heard - 1 - length)) > 0)
        length += (size_t)got;
    heard[length] = '\0';
    (void)close(server->heard);
    return heard;
}

#endif
