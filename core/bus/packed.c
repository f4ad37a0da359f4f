#include "bus/packed.h"

#include "base/hash.h"
#include <string.h>

/* An event: its topic's number in the pack with two flags, the topic itself where the number is new, what it shares with its
 * neighbours where that is another than before, the account of a single row, then its rows. Numbers are differences from the event
 * before it of the same topic, seven bits a byte. */
enum { SHARES = 1, HAS_ACCOUNT = 2, FLAG_BITS = 2 };

static uint64_t fold(int64_t number)
{
    return (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);
}

static int64_t unfold(uint64_t number)
{
    return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

static int64_t less(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void put(tend_buffer *bytes, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        tend_buffer_byte(bytes, (char)(number | 0x80));
    tend_buffer_byte(bytes, (char)number);
}

static bool get(const uint8_t **at, const uint8_t *end, uint64_t *ret_number)
{
    uint64_t number = 0;

    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        const uint8_t byte = *(*at)++;

        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_number = number;
            return true;
        }
    }
    return false;
}

static bool get_further(const uint8_t **at, const uint8_t *end, int64_t from, int64_t *ret_number)
{
    uint64_t further;

    if (!get(at, end, &further))
        return false;
    *ret_number = plus(from, unfold(further));
    return true;
}

/* What neighbours of one topic mostly have in common. */
static bool shares(const tend_event *a, const tend_event *b)
{
    return a->kind == b->kind && a->cause == b->cause && a->root == b->root && a->depth == b->depth &&
           a->is_history == b->is_history && a->recorded_at == b->recorded_at;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------- */

static size_t find(const tend_pack *pack, const char *topic)
{
    if (pack->recent < pack->topic_count && strcmp(pack->before[pack->recent].topic, topic) == 0)
        return pack->recent;
    for (size_t i = 0; i < pack->topic_count; i++) {
        if (strcmp(pack->before[i].topic, topic) == 0)
            return i;
    }
    return pack->topic_count;
}

static void put_shared(tend_buffer *bytes, const tend_event *event)
{
    put(bytes, fold(event->kind));
    put(bytes, fold(event->cause));
    put(bytes, fold(event->root));
    put(bytes, fold(event->depth));
    put(bytes, event->is_history);
    put(bytes, fold(event->recorded_at));
}

bool tend_pack_add(tend_pack *pack, tend_buffer *bytes, const tend_event *event)
{
    const size_t topic = find(pack, event->topic);
    tend_event *before;
    int64_t account;
    bool has_same;

    if (topic == TEND_PACK_TOPICS)
        return false;
    before = &pack->before[topic];
    has_same = topic < pack->topic_count && shares(before, event);
    put(bytes, (uint64_t)topic << FLAG_BITS | (event->account ? HAS_ACCOUNT : 0) | (has_same ? SHARES : 0));
    if (topic == pack->topic_count) {
        const size_t length = strlen(event->topic);

        put(bytes, length);
        tend_buffer_append(bytes, event->topic, length);
        memset(before, 0, sizeof *before);
        pack->topic_count++;
    }
    if (!has_same)
        put_shared(bytes, event);
    account = before->account;
    if (event->account)
        put(bytes, fold(less(event->account, account)));
    put(bytes, fold(less(event->first, before->last)));
    put(bytes, fold(less(event->last, event->first)));
    *before = *event;
    if (!event->account)
        before->account = account; /* the next one's is near this one */
    pack->recent = topic;
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static bool get_topic(tend_pack *pack, const uint8_t **at, const uint8_t *end)
{
    tend_event *fresh = &pack->before[pack->topic_count];
    uint64_t length;

    if (!get(at, end, &length) || length == 0 || length >= TEND_TOPIC_ROOM || length > (uint64_t)(end - *at))
        return false;
    memset(fresh, 0, sizeof *fresh);
    memcpy(fresh->topic, *at, (size_t)length);
    *at += length;
    pack->topic_count++;
    return true;
}

static bool get_shared(const uint8_t **at, const uint8_t *end, tend_event *event)
{
    uint64_t is_history;
    int64_t kind, depth;

    if (!get_further(at, end, 0, &kind) || !get_further(at, end, 0, &event->cause) || !get_further(at, end, 0, &event->root) ||
        !get_further(at, end, 0, &depth) || !get(at, end, &is_history) || !get_further(at, end, 0, &event->recorded_at))
        return false;
    event->kind = (int32_t)kind;
    event->depth = (int32_t)depth;
    event->is_history = is_history != 0;
    return kind == event->kind && depth == event->depth;
}

tend_status tend_pack_next(tend_pack *pack, const uint8_t **at, const uint8_t *end, tend_event *ret_event)
{
    uint64_t head;
    size_t topic;
    tend_event *before;
    int64_t last;

    if (!get(at, end, &head) || head >> FLAG_BITS > pack->topic_count || head >> FLAG_BITS >= TEND_PACK_TOPICS)
        return TEND_ECORRUPT;
    topic = (size_t)(head >> FLAG_BITS);
    if (topic == pack->topic_count && ((head & SHARES) || !get_topic(pack, at, end)))
        return TEND_ECORRUPT;
    before = &pack->before[topic];
    last = before->last;
    if (!(head & SHARES) && !get_shared(at, end, before))
        return TEND_ECORRUPT;
    if ((head & HAS_ACCOUNT) && !get_further(at, end, before->account, &before->account))
        return TEND_ECORRUPT;
    if (!get_further(at, end, last, &before->first) || !get_further(at, end, before->first, &before->last))
        return TEND_ECORRUPT;
    *ret_event = *before;
    if (!(head & HAS_ACCOUNT))
        ret_event->account = 0;
    ret_event->shard = tend_shard_of(ret_event->account);
    return TEND_OK;
}
