/* mail_server.h: an SMTP server on the loopback, in a process of its own, that answers one command as it is told. */
#ifndef TEND_TESTS_MAIL_SERVER_H
#define TEND_TESTS_MAIL_SERVER_H

#include <arpa/inet.h>
#include <check.h>
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
    pid_t pid;
    int heard; /* what clients said */
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

/* Ends it and gives what was heard, up to 64 KiB; valid until the next. */
static inline const char *mail_server_stop(mail_server *server)
{
    static char heard[65536];
    size_t length = 0;
    ssize_t got;

    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    while ((got = read(server->heard, heard + length, sizeof heard - 1 - length)) > 0)
        length += (size_t)got;
    heard[length] = '\0';
    (void)close(server->heard);
    return heard;
}

#endif
