/* jsonl: messages as lines of JSON at the end of a file, each on the disk before it counts as delivered.
 *
 *     {"once_key":"digest:7:2026-03-02","channel":"mail","to":"kim@example.test", … ,"payload":{…}}
 *
 * A line whose once-key stands in the last 64 KiB of the file already is not written again: that is the try whose outcome was lost
 * with the power. The file is opened for every message, so that it may be rotated. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tend/plugin.h>
#include <unistd.h>

enum { TAIL = 65536 };

typedef struct line {
    char *bytes;
    size_t length, room;
    bool failed;
} line;

static void add(line *to, const char *bytes, size_t length)
{
    if (!to->failed && to->length + length + 1 > to->room) {
        size_t room = (to->length + length + 1) * 2;
        char *more = realloc(to->bytes, room);

        to->failed = !more;
        if (more) {
            to->bytes = more;
            to->room = room;
        }
    }
    if (to->failed)
        return;
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
    to->bytes[to->length] = '\0';
}

static void add_string(line *to, const char *text)
{
    char escape[8];

    add(to, "\"", 1);
    for (; text && *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\') {
            escape[0] = '\\';
            escape[1] = (char)byte;
            add(to, escape, 2);
        } else if (byte < 0x20 || byte == 0x7f) {
            add(to, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", byte));
        } else {
            add(to, text, 1);
        }
    }
    add(to, "\"", 1);
}

static void add_member(line *to, const char *name, const char *text)
{
    add(to, ",\"", 2);
    add(to, name, strlen(name));
    add(to, "\":", 2);
    add_string(to, text);
}

/* The payload is JSON already; between its tokens it may have line breaks. */
static void add_payload(line *to, const char *payload)
{
    add(to, ",\"payload\":", 11);
    if (!payload || !*payload) {
        add(to, "null", 4);
        return;
    }
    for (; *payload; payload++)
        add(to, *payload == '\n' || *payload == '\r' ? " " : payload, 1);
}

static void write_line(line *to, const tend_message *message, const char *once_key)
{
    char numbers[96];

    add(to, "{\"once_key\":", 12);
    add_string(to, once_key);
    add_member(to, "channel", message->channel);
    add_member(to, "to", message->to);
    add_member(to, "subject", message->subject);
    add_member(to, "text", message->text);
    add_member(to, "language", message->language);
    add(to, numbers,
        (size_t)snprintf(numbers, sizeof numbers, ",\"created_at_ms\":%lld,\"attempt\":%u", (long long)message->created_at,
                         message->attempt));
    add_payload(to, message->payload);
    add(to, "}\n", 2);
}

/* Whether the end of the file has this once-key; -1 when it cannot be read. */
static int has_line(int fd, off_t size, const char *once_key)
{
    line start = { 0 };
    off_t from = size > TAIL ? size - TAIL : 0;
    char *tail = malloc((size_t)(size - from) + 1);
    ssize_t got = tail ? pread(fd, tail, (size_t)(size - from), from) : -1;
    int found = -1;

    add(&start, "{\"once_key\":", 12);
    add_string(&start, once_key);
    if (got >= 0 && !start.failed) {
        tail[got] = '\0';
        found = memmem(tail, (size_t)got, start.bytes, start.length) != NULL;
    }
    free(start.bytes);
    free(tail);
    return found;
}

static tend_delivery append(int fd, const char *path, const line *text, const char *once_key, tend_error *reterr)
{
    struct stat about;
    int found;

    if (fstat(fd, &about) != 0 || (found = has_line(fd, about.st_size, once_key)) < 0) {
        (void)tend_fail(reterr, TEND_EIO, "sink jsonl: %s: cannot be read: %s", path, strerror(errno));
        return TEND_RETRY_LATER;
    }
    if (found)
        return TEND_DELIVERED;
    if (write(fd, text->bytes, text->length) != (ssize_t)text->length || fsync(fd) != 0) {
        (void)tend_fail(reterr, TEND_EIO, "sink jsonl: %s: cannot be written: %s; look at the disk", path, strerror(errno));
        if (ftruncate(fd, about.st_size) != 0)
            return TEND_BROKEN;
        return TEND_RETRY_LATER;
    }
    return TEND_DELIVERED;
}

static tend_delivery deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                             tend_error *reterr)
{
    const char *path = self;
    line text = { 0 };
    tend_delivery delivery = TEND_RETRY_LATER;
    int fd;

    *ret_retry_ms = 0;
    write_line(&text, message, once_key);
    fd = text.failed ? -1 : open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (text.failed)
        (void)tend_fail(reterr, TEND_ENOMEM, "sink jsonl: no memory for a message");
    else if (fd < 0)
        (void)tend_fail(reterr, TEND_EIO, "sink jsonl: %s: cannot be opened: %s; check the folder and its rights", path,
                        strerror(errno));
    else
        delivery = append(fd, path, &text, once_key, reterr);
    if (fd >= 0)
        (void)close(fd);
    free(text.bytes);
    return delivery;
}

static tend_status open_sink(const tend_host *host, void **ret_self, tend_error *reterr)
{
    const char *path = host->setting(host, "path");
    char *copy = path ? strdup(path) : NULL;

    if (!copy)
        return tend_fail(reterr, path ? TEND_ENOMEM : TEND_EINVAL, "sink jsonl: path: %s", path ? "no memory" : "not given");
    *ret_self = copy;
    return TEND_OK;
}

static const tend_option settings[] = {
    { .key = "path", .type = TEND_OPTION_PATH, .help = "the file that lines are added to", .is_required = true },
    { .key = NULL },
};
static const tend_sink_ops ops = { .size = sizeof ops, .deliver = deliver };
static const tend_capability capabilities[] = {
    { TEND_SINK, "jsonl", "messages as lines of JSON in a file", &ops },
    { 0 },
};
TEND_PLUGIN(jsonl, "0.1.0", TEND_PROVIDES_SINK, TEND_NEEDS_FILES, .summary = "Messages as lines of JSON in a file",
            .settings = settings, .capabilities = capabilities, .open = open_sink, .close = free)
