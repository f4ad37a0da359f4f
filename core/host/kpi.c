/* kpi.c: a batch of columns from a memfd, computed. */
#include "host/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RATIOS_PER_FRAME 65536u
#define PARTS_PER_FRAME 4096u
#define MOST_INPUTS 1024u
#define PART_BYTES (512u << 10) /* of results that are made together */

typedef struct host_batch {
    const char *bytes; /* the whole file, read-only */
    size_t length;
    tend_batch batch;
    tend_column *columns; /* owned */
} host_batch;

static void unmap(host_batch *mapped)
{
    if (mapped->columns)
        for (uint32_t i = 0; i < mapped->batch.inputs; i++)
            free((void *)(uintptr_t)mapped->columns[i].words);
    free(mapped->columns);
    if (mapped->bytes)
        (void)munmap((void *)(uintptr_t)mapped->bytes, mapped->length);
}

void host_let_go(host_state *host)
{
    if (host->batch)
        unmap(host->batch);
    free(host->batch);
    host->batch = NULL;
}

/* True when `count` things of `size` bytes stand at `at`, aligned. */
static bool holds(const host_batch *mapped, uint64_t at, uint64_t count, size_t size)
{
    return at % 8 == 0 && at <= mapped->length && count <= (mapped->length - at) / size;
}

static bool take_words(host_batch *mapped, const tend_batch_column *from, tend_column *to)
{
    const uint64_t *offsets = (const uint64_t *)(const void *)(mapped->bytes + from->words_at);
    const char **words;

    if (!holds(mapped, from->words_at, from->word_count, sizeof *offsets) || from->word_count > UINT32_MAX)
        return false;
    words = calloc(from->word_count + 1, sizeof *words);
    to->words = words;
    to->word_count = (uint32_t)from->word_count;
    for (uint64_t i = 0; words && i < from->word_count; i++) {
        if (offsets[i] >= mapped->length || !memchr(mapped->bytes + offsets[i], '\0', mapped->length - offsets[i]))
            return false;
        words[i] = mapped->bytes + offsets[i];
    }
    return words != NULL;
}

static bool take_column(host_batch *mapped, const tend_batch_column *from, tend_column *to)
{
    if (!holds(mapped, from->values_at, from->value_count, sizeof *to->values))
        return false;
    to->values = (const int64_t *)(const void *)(mapped->bytes + from->values_at);
    if (from->starts_at > 0) {
        if (!holds(mapped, from->starts_at, (uint64_t)mapped->batch.accounts + 1, sizeof *to->starts))
            return false;
        to->starts = (const uint32_t *)(const void *)(mapped->bytes + from->starts_at);
        for (uint32_t i = 0; i < mapped->batch.accounts; i++)
            if (to->starts[i] > to->starts[i + 1])
                return false;
        if (to->starts[mapped->batch.accounts] > from->value_count)
            return false;
    } else if (from->value_count != mapped->batch.accounts) {
        return false;
    }
    return from->words_at == 0 || take_words(mapped, from, to);
}

static bool take_batch(host_batch *mapped)
{
    tend_batch_head head;
    const tend_batch_column *columns = (const tend_batch_column *)(const void *)(mapped->bytes + sizeof head);

    memcpy(&head, mapped->bytes, sizeof head);
    if (head.magic != TEND_BATCH_MAGIC || head.inputs > MOST_INPUTS || !holds(mapped, sizeof head, head.inputs, sizeof *columns))
        return false;
    mapped->columns = calloc(head.inputs ? head.inputs : 1, sizeof *mapped->columns);
    if (!mapped->columns)
        return false;
    mapped->batch = (tend_batch){
        .size = sizeof(tend_batch),
        .accounts = head.accounts,
        .inputs = head.inputs,
        .from = head.from,
        .to = head.to,
        .columns = mapped->columns,
    };
    for (uint32_t i = 0; i < head.inputs; i++)
        if (!take_column(mapped, &columns[i], &mapped->columns[i]))
            return false;
    return true;
}

/* Takes `fd` over. */
static tend_status map(const host_state *host, int fd, host_batch *ret_mapped, tend_error *reterr)
{
    struct stat about;
    void *bytes = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size >= (off_t)sizeof(tend_batch_head))
        bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0)
        (void)close(fd);
    if (bytes == MAP_FAILED)
        return tend_fail(reterr, TEND_ENOMEM, "plugin %s: its batch cannot be mapped: memory is short, or there is none",
                         host->note.name);
    *ret_mapped = (host_batch){ .bytes = bytes, .length = (size_t)about.st_size };
    if (!take_batch(ret_mapped)) {
        unmap(ret_mapped);
        return tend_fail(reterr, TEND_ECORRUPT, "plugin %s: its batch breaks its own rules", host->note.name);
    }
    return TEND_OK;
}

tend_status host_compute(host_state *host, int fd, tend_error *reterr)
{
    const tend_kpi_ops *ops = host_capability(host, tend_wire_get_text(host->wire, NULL), TEND_KPI, reterr);
    host_batch mapped = { 0 };
    tend_ratio *values;
    tend_status status;

    if (!ops) {
        if (fd >= 0)
            (void)close(fd);
        return TEND_ENOTFOUND;
    }
    status = map(host, fd, &mapped, reterr);
    if (status < 0)
        return status;
    values = calloc(mapped.batch.accounts ? mapped.batch.accounts : 1, sizeof *values);
    status = values ? ops->compute(host->self, &mapped.batch, values, reterr)
                    : tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for %u results", host->note.name, mapped.batch.accounts);
    for (uint32_t first = 0; status >= 0 && first < mapped.batch.accounts; first += RATIOS_PER_FRAME) {
        uint32_t left = mapped.batch.accounts - first, count = left < RATIOS_PER_FRAME ? left : RATIOS_PER_FRAME;

        tend_wire_start(host->wire, TEND_HOST_RATIOS);
        tend_wire_put_u32(host->wire, first);
        tend_wire_put_u32(host->wire, count);
        for (uint32_t i = first; i < first + count; i++) {
            tend_wire_put_i64(host->wire, values[i].numerator);
            tend_wire_put_i64(host->wire, values[i].denominator);
        }
        host_send(host);
    }
    free(values);
    unmap(&mapped);
    return status;
}

/* ---- many at once, into shared room ------------------------------------------------------------------------------------- */

tend_status host_take_results(host_state *host, int fd, tend_error *reterr)
{
    struct stat about;
    void *room = MAP_FAILED;
    uint32_t slot;

    (void)tend_wire_get_text(host->wire, NULL);
    slot = tend_wire_get_u32(host->wire);
    if (slot < TEND_HOST_SLOTS && fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0) {
        if (host->results[slot])
            (void)munmap(host->results[slot], host->result_bytes[slot]);
        host->results[slot] = NULL;
        room = mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (fd >= 0)
        (void)close(fd);
    if (room == MAP_FAILED)
        return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for results", host->note.name);
    host->results[slot] = room;
    host->result_bytes[slot] = (size_t)about.st_size;
    return TEND_OK;
}

/* Some accounts of a batch, as a batch of their own: what is written for them stays in the processor's cache while it is made. */
typedef struct host_part {
    tend_batch batch;
    tend_column *columns; /* owned */
    uint32_t *starts;     /* owned: of each column, `room` of them */
    uint32_t room;
} host_part;

static bool make_part(const tend_batch *whole, uint32_t accounts, host_part *part)
{
    *part = (host_part){ .batch = *whole, .room = accounts + 1 };
    part->columns = calloc(whole->inputs ? whole->inputs : 1, sizeof *part->columns);
    part->starts = calloc((whole->inputs ? whole->inputs : 1) * (size_t)part->room, sizeof *part->starts);
    part->batch.columns = part->columns;
    return part->columns && part->starts;
}

static void free_part(host_part *part)
{
    free(part->columns);
    free(part->starts);
}

static void move_part(const tend_batch *whole, uint32_t first, uint32_t accounts, host_part *part)
{
    part->batch.accounts = accounts;
    for (uint32_t i = 0; i < whole->inputs; i++) {
        const tend_column *from = &whole->columns[i];
        uint32_t *starts = part->starts + (size_t)i * part->room;

        part->columns[i] = *from;
        part->columns[i].values = from->values + (from->starts ? from->starts[first] : first);
        if (!from->starts)
            continue;
        if (i > 0 && from->starts == whole->columns[i - 1].starts) { /* of the same rows */
            part->columns[i].starts = part->columns[i - 1].starts;
            continue;
        }
        for (uint32_t k = 0; k <= accounts; k++)
            starts[k] = from->starts[first + k] - from->starts[first];
        part->columns[i].starts = starts;
    }
}

/* By the plugin's own function for several, where all of them name the same. */
static bool compute_together(host_state *host, const tend_kpi_ops *const *ops, uint32_t count, const tend_batch *batch,
                             tend_ratio *values)
{
    const uint32_t most = PART_BYTES / (uint32_t)sizeof *values / count;
    tend_ratio *places[TEND_HOST_MANY_MAX];
    tend_error unwanted;
    host_part part;
    bool is_done;

    for (uint32_t i = 0; i < count; i++)
        if (!ops[i] || ops[i]->size < sizeof *ops[i] || !ops[i]->compute_many || ops[i]->compute_many != ops[0]->compute_many ||
            ops[i]->inputs != ops[0]->inputs)
            return false;
    is_done = make_part(batch, most, &part);
    for (uint32_t first = 0; is_done && first < batch->accounts; first += part.batch.accounts) {
        move_part(batch, first, batch->accounts - first < most ? batch->accounts - first : most, &part);
        for (uint32_t i = 0; i < count; i++) {
            places[i] = values + (size_t)i * batch->accounts + first;
            memset(places[i], 0, part.batch.accounts * sizeof *values);
        }
        is_done = ops[0]->compute_many(host->self, ops, count, &part.batch, places, &unwanted) >= 0;
    }
    free_part(&part);
    return is_done;
}

static void say_computed(host_state *host, tend_status status, const tend_error *why)
{
    char text[sizeof why->text] = "";

    if (status < 0)
        host_mask(host, why->text, text, sizeof text);
    tend_wire_start(host->wire, TEND_HOST_COMPUTED);
    tend_wire_put_i64(host->wire, status < 0 ? status : TEND_OK);
    tend_wire_put_string(host->wire, text);
    host_send(host);
}

static void compute_one(host_state *host, const tend_kpi_ops *ops, const tend_batch *batch, tend_ratio *values, tend_error *why)
{
    tend_status status = ops ? TEND_OK : TEND_ENOTFOUND;

    memset(values, 0, batch->accounts * sizeof *values);
    if (status >= 0) {
        why->text[0] = '\0';
        status = ops->compute(host->self, batch, values, why);
    }
    say_computed(host, status, why);
}

/* What came with this call instead of what is there; takes `fd` over. */
static tend_status hold(host_state *host, int fd, tend_error *reterr)
{
    host_batch *held;
    tend_status status;

    if (fd < 0)
        return host->batch ? TEND_OK : tend_fail(reterr, TEND_EINVAL, "plugin %s: a call without a batch", host->note.name);
    host_let_go(host);
    held = calloc(1, sizeof *held);
    if (!held) {
        (void)close(fd);
        return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for a batch", host->note.name);
    }
    status = map(host, fd, held, reterr);
    if (status < 0)
        free(held);
    else
        host->batch = held;
    return status;
}

tend_status host_compute_many(host_state *host, int fd, tend_error *reterr)
{
    const tend_kpi_ops *ops[TEND_HOST_MANY_MAX] = { NULL };
    tend_error why[TEND_HOST_MANY_MAX];
    host_batch *mapped;
    uint32_t slot, count;
    int64_t from, to;
    bool is_done = false;
    tend_status status;

    (void)tend_wire_get_text(host->wire, NULL);
    slot = tend_wire_get_u32(host->wire);
    from = tend_wire_get_i64(host->wire);
    to = tend_wire_get_i64(host->wire);
    count = tend_wire_get_u32(host->wire);
    for (uint32_t i = 0; i < count && i < TEND_HOST_MANY_MAX; i++)
        ops[i] = host_capability(host, tend_wire_get_text(host->wire, NULL), TEND_KPI, &why[i]);
    if (slot >= TEND_HOST_SLOTS || !host->results[slot] || count > TEND_HOST_MANY_MAX) {
        if (fd >= 0)
            (void)close(fd);
        return tend_fail(reterr, TEND_EINVAL, "plugin %s: no room for the results of %u capabilities", host->note.name, count);
    }
    status = hold(host, fd, reterr);
    if (status < 0)
        return status;
    mapped = host->batch;
    mapped->batch.from = (tend_date)from;
    mapped->batch.to = (tend_date)to;
    if ((uint64_t)mapped->batch.accounts * count * sizeof(tend_ratio) > host->result_bytes[slot])
        status = tend_fail(reterr, TEND_EINVAL, "plugin %s: too little room for results", host->note.name);
    if (status >= 0 && count > 1)
        is_done = compute_together(host, ops, count, &mapped->batch, host->results[slot]);
    for (uint32_t i = 0; status >= 0 && i < count; i++)
        if (is_done)
            say_computed(host, TEND_OK, NULL);
        else
            compute_one(host, ops[i], &mapped->batch, (tend_ratio *)host->results[slot] + (size_t)i * mapped->batch.accounts,
                        &why[i]);
    return status;
}

/* Parts wait in `items` until there are enough for a frame. */
typedef struct part_list {
    host_state *host;
    tend_part parts[PARTS_PER_FRAME];
    char *whys[PARTS_PER_FRAME]; /* owned */
    uint32_t count;
} part_list;

static tend_status send_parts(part_list *list)
{
    tend_wire *wire = list->host->wire;

    tend_wire_start(wire, TEND_HOST_PARTS);
    tend_wire_put_u32(wire, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        tend_wire_put_u32(wire, list->parts[i].input);
        tend_wire_put_u32(wire, list->parts[i].row);
        tend_wire_put_i64(wire, list->parts[i].numerator);
        tend_wire_put_i64(wire, list->parts[i].denominator);
        tend_wire_put_string(wire, list->whys[i]);
        free(list->whys[i]);
    }
    list->count = 0;
    host_send(list->host);
    return host_is_cancelled(list->host) ? TEND_ECLOSED : TEND_OK;
}

static tend_status put_part(void *out, const tend_part *part)
{
    part_list *list = out;

    list->parts[list->count] = *part;
    list->whys[list->count] = strndup(part->why ? part->why : "", 1000);
    if (!list->whys[list->count])
        return TEND_ENOMEM;
    list->count++;
    return list->count == PARTS_PER_FRAME ? send_parts(list) : TEND_OK;
}

tend_status host_explain(host_state *host, int fd, tend_error *reterr)
{
    const tend_kpi_ops *ops = host_capability(host, tend_wire_get_text(host->wire, NULL), TEND_KPI, reterr);
    uint32_t account = tend_wire_get_u32(host->wire);
    host_batch mapped = { 0 };
    part_list *list;
    tend_status status = TEND_OK;

    if (!ops)
        status = TEND_ENOTFOUND;
    else if (!ops->explain)
        status = tend_fail(reterr, TEND_ENOTFOUND, "plugin %s: this number has no parts", host->note.name);
    if (status < 0) {
        if (fd >= 0)
            (void)close(fd);
        return status;
    }
    status = map(host, fd, &mapped, reterr);
    if (status < 0)
        return status;
    list = calloc(1, sizeof *list);
    if (!list) {
        status = tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory to explain", host->note.name);
    } else if (account >= mapped.batch.accounts) {
        status = tend_fail(reterr, TEND_EINVAL, "plugin %s: account %u of a batch of %u", host->note.name, account,
                           mapped.batch.accounts);
    } else {
        list->host = host;
        status = ops->explain(host->self, &mapped.batch, account, put_part, list, reterr);
        (void)send_parts(list);
    }
    free(list);
    unmap(&mapped);
    return status;
}

tend_status host_interval(host_state *host, tend_error *reterr)
{
    const tend_kpi_ops *ops = host_capability(host, tend_wire_get_text(host->wire, NULL), TEND_KPI, reterr);
    tend_ratio sum;
    int64_t low = 0, high = 0, *parts;
    uint32_t count;
    tend_status status;

    if (!ops)
        return TEND_ENOTFOUND;
    if (!ops->interval)
        return tend_fail(reterr, TEND_ENOTFOUND, "plugin %s: this number has no interval", host->note.name);
    sum.numerator = tend_wire_get_i64(host->wire);
    sum.denominator = tend_wire_get_i64(host->wire);
    count = tend_wire_get_u32(host->wire);
    if (count > TEND_WIRE_MAX / sizeof *parts)
        return tend_fail(reterr, TEND_ECORRUPT, "plugin %s: an interval over %u numbers", host->note.name, count);
    parts = calloc(count ? count : 1, sizeof *parts);
    if (!parts)
        return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for an interval", host->note.name);
    for (uint32_t i = 0; i < count; i++)
        parts[i] = tend_wire_get_i64(host->wire);
    status = tend_wire_done(host->wire, reterr);
    if (status == TEND_OK)
        status = ops->interval(host->self, &sum, parts, count, &low, &high, reterr);
    if (status >= 0) {
        tend_wire_start(host->wire, TEND_HOST_NUMBERS);
        tend_wire_put_i64(host->wire, low);
        tend_wire_put_i64(host->wire, high);
        host_send(host);
    }
    free(parts);
    return status;
}
