#include "config/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX 65536

void tend_secret_free(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

/* Without its last line end. Takes `text` over. */
static tend_status finish(char *text, size_t length, const char *origin, char **ret_secret, tend_error *reterr)
{
    const char *fault;

    if (length > 0 && text[length - 1] == '\n')
        length--;
    if (length > 0 && text[length - 1] == '\r')
        length--;
    text[length] = '\0';
    fault = length == 0              ? "is empty"
            : strlen(text) != length ? "holds a NUL byte"
            : strpbrk(text, "\n\r")  ? "has more than one line"
                                     : NULL;
    if (fault) {
        explicit_bzero(text, length);
        free(text);
        return tend_fail(reterr, TEND_EINVAL, "%s: %s; write the secret there, as one line of text", origin, fault);
    }
    *ret_secret = text;
    return TEND_OK;
}

static tend_status read_file(const char *path, char **ret_secret, tend_error *reterr)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found;
    char *text = NULL;
    size_t length = 0;
    ssize_t count;
    tend_status status = TEND_OK;

    if (fd < 0)
        return tend_fail(reterr, errno == ENOENT ? TEND_ENOTFOUND : TEND_EDENIED, "%s: the secret cannot be read (%s)", path,
                         strerror(errno));
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size > SECRET_MAX) {
        status = tend_fail(reterr, TEND_EINVAL, "%s: is not a file with a secret; name a plain file of at most 64 KiB", path);
    } else if (found.st_mode & 077) {
        status = tend_fail(reterr, TEND_EINVAL, "%s: others may read this secret (mode %04o); chmod 600 it", path,
                           (unsigned)(found.st_mode & 07777));
    } else {
        text = malloc(SECRET_MAX + 1);
        if (!text)
            status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    }
    while (text && length < SECRET_MAX && (count = read(fd, text + length, SECRET_MAX - length)) > 0)
        length += (size_t)count;
    (void)close(fd);
    return status < 0 ? status : finish(text, length, path, ret_secret, reterr);
}

static tend_status read_variable(const char *written, char **ret_secret, tend_error *reterr)
{
    const char *text = getenv(written + strlen("@env:"));
    char *copy;

    if (!text)
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: no such variable in the environment; set it or write @file:PATH", written);
    copy = strdup(text);
    return copy ? finish(copy, strlen(copy), written, ret_secret, reterr) : tend_fail(reterr, TEND_ENOMEM, "memory is used up");
}

bool tend_secret_is_named(const char *written)
{
    return strncmp(written, "@file:", 6) == 0 || strncmp(written, "@env:", 5) == 0;
}

tend_status tend_secret_read(const char *written, const char *folder, char **ret_secret, tend_error *reterr)
{
    const char *name = written + strlen("@file:");
    char reason[TEND_CONFIG_REASON], path[4096];

    if (strncmp(written, "@env:", 5) == 0)
        return read_variable(written, ret_secret, reterr);
    if (!tend_form_path(name, reason))
        return tend_fail(reterr, TEND_EINVAL, "%s: %s", written, reason);
    if (snprintf(path, sizeof path, "%s%s%s", *name == '/' ? "" : folder, *name == '/' ? "" : "/", name) >= (int)sizeof path)
        return tend_fail(reterr, TEND_EINVAL, "%s: the path is too long", written);
    return read_file(path, ret_secret, reterr);
}

tend_status tend_config_secret(const tend_config *config, const char *section, const char *instance, const char *key,
                               char **ret_secret, tend_error *reterr)
{
    const char *value = tend_config_text(config, section, instance, key);
    const char *path = tend_config_path(config, section, instance, key);

    if (!value)
        return tend_fail(reterr, TEND_ENOTFOUND, "[%s%s%s] %s: names no secret; write @file:PATH or @env:NAME", section,
                         instance ? "." : "", instance ? instance : "", key);
    if (path)
        return read_file(path, ret_secret, reterr);
    return read_variable(value, ret_secret, reterr);
}
