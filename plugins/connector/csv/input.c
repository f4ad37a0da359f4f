#include "csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACKED_ROOM ((size_t)64 << 10)
#define WIDE_ROOM ((size_t)64 << 10)

/* What is no CSV, by how it begins. */
static tend_status check_magic(const csv_input *input, const unsigned char *head, size_t length, tend_error *reterr)
{
    static const struct {
        const char *magic;
        size_t length;
        const char *what;
    } others[] = {
        { "PK\003\004", 4, "a ZIP or XLSX file" },
        { "\xD0\xCF\x11\xE0", 4, "an old Excel file (XLS)" },
        { "%PDF", 4, "a PDF file" },
        { "\x28\xB5\x2F\xFD", 4, "a file packed with zstd" },
        { "BZh", 3, "a file packed with bzip2" },
        { "\xFD"
          "7zXZ",
          5, "a file packed with xz" },
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (length >= others[i].length && memcmp(head, others[i].magic, others[i].length) == 0)
            return tend_fail(reterr, TEND_EINVAL, "%s: this is %s, not CSV; save it as CSV first", input->path, others[i].what);
    return TEND_OK;
}

static tend_status no_memory(const csv_input *input, tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read it", input->path);
}

static tend_status prepare(csv_input *input, tend_error *reterr)
{
    unsigned char head[2];

    input->is_gzip = pread(input->fd, head, sizeof head, 0) == 2 && head[0] == 0x1F && head[1] == 0x8B;
    input->bytes = malloc(CSV_WINDOW + 1);
    if (!input->bytes)
        return no_memory(input, reterr);
    if (input->is_gzip) {
        input->raw = malloc(PACKED_ROOM);
        if (!input->raw || inflateInit2(&input->unpack, 15 + 16) != Z_OK)
            return no_memory(input, reterr);
        input->is_inflating = true;
    }
    return TEND_OK;
}

/* The encoding that the file itself names by its first bytes; NULL: none. */
static const char *find_mark(const csv_input *input)
{
    static const struct {
        const char *mark;
        size_t length;
        const char *encoding;
    } marks[] = { { "\xEF\xBB\xBF", 3, "UTF-8" }, { "\xFF\xFE", 2, "UTF-16LE" }, { "\xFE\xFF", 2, "UTF-16BE" } };

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (input->end >= marks[i].length && memcmp(input->bytes, marks[i].mark, marks[i].length) == 0)
            return marks[i].encoding;
    return NULL;
}

/* From the first byte again, now decoded while it is read. */
static tend_status start_wide(csv_input *input, tend_error *reterr)
{
    input->wide = malloc(WIDE_ROOM);
    if (!input->wide)
        return no_memory(input, reterr);
    input->decode = iconv_open("UTF-8", input->encoding);
    if (input->decode == (iconv_t)-1)
        return tend_fail(reterr, TEND_EINVAL, "%s: this system cannot decode %s", input->path, input->encoding);
    if (input->is_gzip) {
        (void)inflateReset(&input->unpack);
        input->unpack.avail_in = 0;
    }
    input->is_utf16 = true;
    if (csv_input_seek(input, 0, reterr) < 0)
        return TEND_EIO;
    return csv_input_fill(input, reterr);
}

tend_status csv_input_open(csv_input *input, const tend_host *host, const char *path, const char *encoding, tend_error *reterr)
{
    struct stat about;
    const char *mark;
    tend_status status;

    *input = (csv_input){ .host = host, .path = path, .fd = -1, .decode = (iconv_t)-1 };
    input->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->fd < 0 || fstat(input->fd, &about) < 0)
        return tend_fail(reterr, errno == ENOENT ? TEND_ENOTFOUND : TEND_EIO, "%s: cannot be read: %s", path, strerror(errno));
    input->size = (uint64_t)about.st_size;
    input->modified_ns = (uint64_t)about.st_mtim.tv_sec * 1000000000u + (uint64_t)about.st_mtim.tv_nsec;
    status = prepare(input, reterr);
    if (status == TEND_OK)
        status = csv_input_fill(input, reterr);
    if (status == TEND_OK)
        status = check_magic(input, (const unsigned char *)input->bytes, input->end, reterr);
    if (status < 0)
        return status;
    mark = find_mark(input);
    input->has_mark = mark != NULL;
    input->encoding = mark ? mark : encoding;
    if (strncmp(input->encoding, "UTF-16", 6) == 0)
        status = start_wide(input, reterr);
    if (status == TEND_OK && input->end >= 3 && memcmp(input->bytes, "\xEF\xBB\xBF", 3) == 0)
        input->start = 3;
    return status;
}

void csv_input_close(csv_input *input)
{
    if (input->is_inflating)
        (void)inflateEnd(&input->unpack);
    if (input->decode != (iconv_t)-1)
        (void)iconv_close(input->decode);
    if (input->fd >= 0)
        (void)close(input->fd);
    free(input->raw);
    free(input->wide);
    free(input->bytes);
    *input = (csv_input){ .fd = -1, .decode = (iconv_t)-1 };
}

static tend_status read_file(csv_input *input, void *bytes, size_t room, size_t *ret_length, tend_error *reterr)
{
    ssize_t got;

    do
        got = read(input->fd, bytes, room);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be read: %s", input->path, strerror(errno));
    *ret_length = (size_t)got;
    return TEND_OK;
}

/* Unpacked bytes; several members one behind the other are one file. Length 0 at the end. */
static tend_status read_gzip(csv_input *input, void *bytes, size_t room, size_t *ret_length, tend_error *reterr)
{
    z_stream *unpack = &input->unpack;

    unpack->next_out = bytes;
    unpack->avail_out = (unsigned)room;
    while (unpack->avail_out == room) {
        int code;

        if (unpack->avail_in == 0) {
            size_t got = 0;
            tend_status status = read_file(input, input->raw, PACKED_ROOM, &got, reterr);

            if (status < 0)
                return status;
            if (got == 0 && unpack->total_in > 0)
                return tend_fail(reterr, TEND_EIO, "%s: the gzip file is cut short; fetch it again", input->path);
            if (got == 0)
                break;
            unpack->next_in = input->raw;
            unpack->avail_in = (unsigned)got;
        }
        code = inflate(unpack, Z_NO_FLUSH);
        if (code == Z_STREAM_END)
            code = inflateReset(unpack); /* total_in is 0 again: the file may end here */
        if (code != Z_OK && code != Z_BUF_ERROR)
            return tend_fail(reterr, TEND_EIO, "%s: the gzip file is damaged: %s; fetch it again", input->path,
                             unpack->msg ? unpack->msg : "no reason given");
    }
    *ret_length = room - unpack->avail_out;
    return TEND_OK;
}

static tend_status read_bytes(csv_input *input, void *bytes, size_t room, size_t *ret_length, tend_error *reterr)
{
    return input->is_gzip ? read_gzip(input, bytes, room, ret_length, reterr) : read_file(input, bytes, room, ret_length, reterr);
}

/* A unit that cannot be decoded becomes the byte FF, which is no UTF-8: the record will be refused with its line. */
static void decode_wide(csv_input *input, bool is_last)
{
    char *from = (char *)input->wide, *to = input->bytes + input->end;
    size_t left = input->wide_length, room = CSV_WINDOW - input->end;

    while (left > 0 && room >= 4) {
        size_t step;

        if (iconv(input->decode, &from, &left, &to, &room) != (size_t)-1 || errno == E2BIG)
            break;
        if (errno == EINVAL && !is_last)
            break; /* the rest of a character is still to come */
        step = left < 2 ? left : 2;
        from += step;
        left -= step;
        *to++ = '\xFF';
        room--;
    }
    memmove(input->wide, from, left);
    input->wide_length = left;
    input->end = CSV_WINDOW - room;
}

tend_status csv_input_fill(csv_input *input, tend_error *reterr)
{
    size_t got = 0, before;
    tend_status status;

    if (input->host && input->host->is_cancelled(input->host))
        return tend_fail(reterr, TEND_ELIMIT, "%s: told to stop", input->path);
    if (input->start > 0) {
        memmove(input->bytes, input->bytes + input->start, input->end - input->start);
        input->offset += input->start;
        input->end -= input->start;
        input->start = 0;
    }
    if (!input->is_utf16) {
        status = read_bytes(input, input->bytes + input->end, CSV_WINDOW - input->end, &got, reterr);
        input->end += got;
        input->at_end = status == TEND_OK && got == 0;
        return status;
    }
    before = input->end;
    while (input->end == before && !input->at_end) {
        status = read_bytes(input, input->wide + input->wide_length, WIDE_ROOM - input->wide_length, &got, reterr);
        if (status < 0)
            return status;
        input->wide_length += got;
        decode_wide(input, got == 0);
        input->at_end = got == 0 && input->wide_length == 0 && input->end == before;
    }
    return TEND_OK;
}

tend_status csv_input_seek(csv_input *input, uint64_t offset, tend_error *reterr)
{
    if (lseek(input->fd, (off_t)offset, SEEK_SET) < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be read from byte %llu: %s", input->path, (unsigned long long)offset,
                         strerror(errno));
    input->offset = offset;
    input->start = input->end = 0;
    input->at_end = false;
    return TEND_OK;
}
