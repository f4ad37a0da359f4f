#include "sync/scribe.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct tend_scribe {
    int fd;
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows; the piece is the thread's while has_piece */
    pthread_cond_t changed;
    bool has_piece, is_ending;
    tend_buffer piece;
    uint64_t offset;
    int failed; /* errno */
};

static int write_piece(const tend_scribe *scribe)
{
    size_t done = 0;

    while (done < scribe->piece.length) {
        ssize_t count = pwrite(scribe->fd, scribe->piece.bytes + done, scribe->piece.length - done, (off_t)(scribe->offset + done));

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? errno : EIO;
        done += (size_t)count;
    }
    /* The disk begins with it, so that little is left for the sync at the end; that one says whether it worked. */
    (void)sync_file_range(scribe->fd, (off_t)scribe->offset, (off_t)done, SYNC_FILE_RANGE_WRITE);
    return 0;
}

static void *work(void *self)
{
    tend_scribe *scribe = self;

    (void)pthread_mutex_lock(&scribe->mutex);
    for (;;) {
        int failed;

        while (!scribe->has_piece && !scribe->is_ending)
            (void)pthread_cond_wait(&scribe->changed, &scribe->mutex);
        if (!scribe->has_piece)
            break;
        failed = scribe->failed;
        (void)pthread_mutex_unlock(&scribe->mutex);
        if (failed == 0)
            failed = write_piece(scribe);
        (void)pthread_mutex_lock(&scribe->mutex);
        scribe->failed = failed;
        scribe->has_piece = false;
        (void)pthread_cond_broadcast(&scribe->changed);
    }
    (void)pthread_mutex_unlock(&scribe->mutex);
    return NULL;
}

static void destroy(tend_scribe *scribe)
{
    (void)pthread_cond_destroy(&scribe->changed);
    (void)pthread_mutex_destroy(&scribe->mutex);
    tend_buffer_clear(&scribe->piece);
    free(scribe);
}

tend_scribe *tend_scribe_new(int fd)
{
    tend_scribe *scribe = calloc(1, sizeof *scribe);

    if (!scribe)
        return NULL;
    scribe->fd = fd;
    (void)pthread_mutex_init(&scribe->mutex, NULL);
    (void)pthread_cond_init(&scribe->changed, NULL);
    if (tend_thread_start(&scribe->thread, work, scribe))
        return scribe;
    destroy(scribe);
    return NULL;
}

void tend_scribe_free(tend_scribe *scribe)
{
    if (!scribe)
        return;
    (void)pthread_mutex_lock(&scribe->mutex);
    scribe->is_ending = true;
    (void)pthread_cond_broadcast(&scribe->changed);
    (void)pthread_mutex_unlock(&scribe->mutex);
    (void)pthread_join(scribe->thread, NULL);
    destroy(scribe);
}

static int wait_for(tend_scribe *scribe)
{
    while (scribe->has_piece)
        (void)pthread_cond_wait(&scribe->changed, &scribe->mutex);
    return scribe->failed;
}

int tend_scribe_give(tend_scribe *scribe, tend_buffer *piece, uint64_t offset)
{
    int failed;

    (void)pthread_mutex_lock(&scribe->mutex);
    failed = wait_for(scribe);
    if (failed == 0 && piece->length > 0) {
        tend_buffer empty = scribe->piece;

        scribe->piece = *piece;
        *piece = empty;
        scribe->offset = offset;
        scribe->has_piece = true;
        (void)pthread_cond_broadcast(&scribe->changed);
    }
    (void)pthread_mutex_unlock(&scribe->mutex);
    tend_buffer_reset(piece);
    return failed;
}

int tend_scribe_wait(tend_scribe *scribe)
{
    int failed;

    if (!scribe)
        return 0;
    (void)pthread_mutex_lock(&scribe->mutex);
    failed = wait_for(scribe);
    (void)pthread_mutex_unlock(&scribe->mutex);
    return failed;
}
