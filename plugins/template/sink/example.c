/* example: messages as files of a folder, one for each, named by the once-key.
 *
 * A message may be tried several times under the same once-key: when an answer was lost, tend cannot know that it arrived. Here the
 * file's name makes the second try find the first; a service would be given the key as its idempotency key. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tend/plugin.h>

enum { PATH_ROOM = 1000 };

/* Folder and name; characters that a name must not have become '_'. */
static bool name_file(const char *folder, const char *once_key, char ret_path[PATH_ROOM])
{
    int length = snprintf(ret_path, PATH_ROOM, "%s/%s.txt", folder, once_key);

    if (length < 0 || length >= PATH_ROOM)
        return false;
    for (char *at = ret_path + strlen(folder) + 1; *at; at++)
        if (*at == '/' || (unsigned char)*at < 0x20)
            *at = '_';
    return true;
}

/* Which class a failure has decides what tend does: see tend_delivery. The sentence is for the administrator. */
static tend_delivery failure(const char *path, int code, tend_error *reterr)
{
    (void)tend_fail(reterr, TEND_EIO, "example: %s: %s", path, strerror(code));
    switch (code) {
    case EACCES:
    case EPERM:
        return TEND_UNAUTHORISED; /* nothing gets better by trying: wait for the configuration to change */
    case ENAMETOOLONG:
        return TEND_REFUSED; /* this message never, others maybe */
    default:
        return TEND_RETRY_LATER; /* a full disk, a folder that is not mounted */
    }
}

static tend_delivery deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                             tend_error *reterr)
{
    char path[PATH_ROOM];
    bool is_written;
    FILE *file;

    *ret_retry_ms = 0; /* tend's own back-off */
    if (message->to[0] == '\0') {
        (void)tend_fail(reterr, TEND_EINVAL, "example: the message is addressed to nobody");
        return TEND_REFUSED;
    }
    if (!name_file(self, once_key, path))
        return failure(self, ENAMETOOLONG, reterr);
    file = fopen(path, "wxe");
    if (!file)
        return errno == EEXIST ? TEND_DELIVERED : failure(path, errno, reterr); /* an earlier try got through */
    is_written = fprintf(file, "To: %s\nSubject: %s\n\n%s\n", message->to, message->subject, message->text) > 0;
    if (fclose(file) != 0 || !is_written) {
        int code = errno;

        (void)remove(path); /* half a message is none */
        return failure(path, code, reterr);
    }
    return TEND_DELIVERED;
}

static tend_status example_open(const tend_host *host, void **ret_self, tend_error *reterr)
{
    *ret_self = strdup(host->setting(host, "folder")); /* required: it is there */
    return *ret_self ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "example: no memory");
}

static const tend_option settings[] = {
    { .key = "folder", .type = TEND_OPTION_PATH, .help = "where the messages go; it must exist", .is_required = true },
    { .key = NULL },
};

static const tend_sink_ops ops = { .size = sizeof ops, .deliver = deliver };

static const tend_capability capabilities[] = {
    { TEND_SINK, "example", "messages as files", &ops },
    { 0, NULL, NULL, NULL },
};

TEND_PLUGIN(example, "0.1.0", TEND_PROVIDES_SINK, TEND_NEEDS_FILES, .summary = "Messages as files", .settings = settings,
            .capabilities = capabilities, .open = example_open, .close = free)
