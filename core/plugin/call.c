/* call.c: KPIs computed and messages delivered, each in its host. */
#include "base/utf8.h"
#include "plugin/hosted.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static tend_status send_batch(tend_hosted *hosted, uint16_t type, const char *capability, const tend_batch *batch,
                              const uint32_t *account, const char *doing, tend_error *reterr)
{
    int fd = -1;
    tend_status status = tend_batch_file(batch, &fd, reterr);

    if (status < 0)
        return status;
    status = tend_hosted_begin(hosted, type, capability, reterr);
    if (status == TEND_OK) {
        if (account)
            tend_wire_put_u32(hosted->process.wire, *account);
        status = tend_hosted_send(hosted, fd, doing, reterr);
    }
    (void)close(fd);
    return status;
}

/* The results come in order and without gaps. */
static bool take_ratios(tend_hosted *hosted, uint32_t accounts, uint32_t *next, tend_ratio *values)
{
    tend_wire *wire = hosted->process.wire;
    uint32_t first = tend_wire_get_u32(wire), count = tend_wire_get_u32(wire);

    if (first != *next || count > accounts - first)
        return false;
    for (uint32_t i = first; i < first + count; i++) {
        values[i].numerator = tend_wire_get_i64(wire);
        values[i].denominator = tend_wire_get_i64(wire);
    }
    *next = first + count;
    return tend_wire_done(wire, NULL) == TEND_OK;
}

tend_status tend_hosted_compute(tend_hosted *hosted, const char *capability, const tend_batch *batch, tend_ratio *ret_values,
                                tend_error *reterr)
{
    tend_ratio *values = calloc(batch->accounts ? batch->accounts : 1, sizeof *values);
    uint32_t next = 0;
    bool is_done = false;
    uint16_t type;
    tend_status status;

    if (!values)
        return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for %u results", hosted->name, batch->accounts);
    status = send_batch(hosted, TEND_HOST_COMPUTE, capability, batch, NULL, capability, reterr);
    while (status == TEND_OK) {
        status = tend_hosted_next(hosted, capability, hosted->use.deadline_ms, &type, &is_done, reterr);
        if (status < 0 || is_done)
            break;
        if (type != TEND_HOST_ALIVE && (type != TEND_HOST_RATIOS || !take_ratios(hosted, batch->accounts, &next, values)))
            status = tend_hosted_lied(hosted, capability, "results that are none", reterr);
    }
    if (status == TEND_OK && next != batch->accounts)
        status = tend_hosted_lied(hosted, capability, "fewer results than accounts", reterr);
    if (status == TEND_OK && batch->accounts > 0)
        memcpy(ret_values, values, batch->accounts * sizeof *values);
    free(values);
    return status;
}

/* The value that a part names is used as an index, and shown as a fact of the account. */
static const char *row_fault(const tend_batch *batch, uint32_t account, const tend_part *part)
{
    const tend_column *column;
    uint32_t first, end;

    if (part->row == UINT32_MAX)
        return NULL;
    if (part->input >= batch->inputs)
        return "a part of an input that there is not";
    column = &batch->columns[part->input];
    first = column->starts ? column->starts[account] : account;
    end = column->starts ? column->starts[account + 1] : account + 1;
    return part->row >= first && part->row < end
               ? NULL
               : "a part whose row is none of the account's own: rows count from the first account of the batch";
}

/* NULL, or what is wrong with them. */
static const char *take_parts(tend_hosted *hosted, const tend_batch *batch, uint32_t account,
                              tend_status (*put)(void *self, const tend_part *part), void *self, tend_status *ret_failed)
{
    tend_wire *wire = hosted->process.wire;
    uint32_t count = tend_wire_get_u32(wire);

    for (uint32_t i = 0; i < count; i++) {
        tend_part part = { .input = tend_wire_get_u32(wire) };
        const char *fault;

        part.row = tend_wire_get_u32(wire);
        part.numerator = tend_wire_get_i64(wire);
        part.denominator = tend_wire_get_i64(wire);
        part.why = tend_wire_get_text(wire, NULL);
        fault = row_fault(batch, account, &part);
        if (fault)
            return fault;
        if (i + 1 == count && tend_wire_done(wire, NULL) < 0)
            return "parts that are none";
        if (!tend_utf8_valid(part.why, strlen(part.why), NULL))
            return "a part whose reason is not UTF-8";
        if (*ret_failed == TEND_OK)
            *ret_failed = put(self, &part);
    }
    return count > 0 || tend_wire_done(wire, NULL) == TEND_OK ? NULL : "parts that are none";
}

tend_status tend_hosted_explain(tend_hosted *hosted, const char *capability, const tend_batch *batch, uint32_t account,
                                tend_status (*put)(void *self, const tend_part *part), void *self, tend_error *reterr)
{
    tend_status failed = TEND_OK;
    tend_status status = send_batch(hosted, TEND_HOST_EXPLAIN, capability, batch, &account, capability, reterr);
    bool is_done = false;
    const char *fault;
    uint16_t type;

    while (status == TEND_OK) {
        status = tend_hosted_next(hosted, capability, hosted->use.deadline_ms, &type, &is_done, reterr);
        if (status < 0 || is_done)
            break;
        if (type == TEND_HOST_ALIVE)
            continue;
        fault = type == TEND_HOST_PARTS ? take_parts(hosted, batch, account, put, self, &failed) : "parts that are none";
        if (fault)
            status = tend_hosted_lied(hosted, capability, fault, reterr);
    }
    if (status == TEND_OK && failed < 0)
        return tend_fail(reterr, failed, "plugin %s: the parts of %s could not be kept", hosted->name, capability);
    return status;
}

tend_status tend_hosted_interval(tend_hosted *hosted, const char *capability, const tend_ratio *sum, const int64_t *parts,
                                 uint32_t part_count, int64_t *ret_low, int64_t *ret_high, tend_error *reterr)
{
    tend_status status = tend_hosted_begin(hosted, TEND_HOST_INTERVAL, capability, reterr);
    tend_wire *wire = hosted->process.wire;
    int64_t low, high;
    bool is_done = false;
    uint16_t type;

    if (status < 0)
        return status;
    tend_wire_put_i64(wire, sum->numerator);
    tend_wire_put_i64(wire, sum->denominator);
    tend_wire_put_u32(wire, part_count);
    for (uint32_t i = 0; i < part_count; i++)
        tend_wire_put_i64(wire, parts[i]);
    status = tend_hosted_send(hosted, -1, capability, reterr);
    do {
        if (status == TEND_OK)
            status = tend_hosted_next(hosted, capability, hosted->use.deadline_ms, &type, &is_done, reterr);
    } while (status == TEND_OK && !is_done && type == TEND_HOST_ALIVE);
    if (status < 0)
        return status;
    low = is_done ? 0 : tend_wire_get_i64(wire);
    high = is_done ? 0 : tend_wire_get_i64(wire);
    if (is_done || type != TEND_HOST_NUMBERS || tend_wire_done(wire, NULL) < 0 || low > high)
        return tend_hosted_lied(hosted, capability, "an interval that is none", reterr);
    status = tend_hosted_finish(hosted, capability, reterr);
    if (status < 0)
        return status;
    *ret_low = low;
    *ret_high = high;
    return TEND_OK;
}

static tend_status send_message(tend_hosted *hosted, const char *capability, const tend_message *message, const char *once_key,
                                tend_error *reterr)
{
    tend_status status = tend_hosted_begin(hosted, TEND_HOST_DELIVER, capability, reterr);
    tend_wire *wire = hosted->process.wire;

    if (status < 0)
        return status;
    tend_wire_put_string(wire, once_key);
    tend_wire_put_string(wire, message->channel);
    tend_wire_put_string(wire, message->to);
    tend_wire_put_string(wire, message->subject);
    tend_wire_put_string(wire, message->text);
    tend_wire_put_string(wire, message->language);
    tend_wire_put_string(wire, message->payload);
    tend_wire_put_i64(wire, message->created_at);
    tend_wire_put_u32(wire, message->attempt);
    return tend_hosted_send(hosted, -1, "a delivery", reterr);
}

tend_delivery tend_hosted_deliver(tend_hosted *hosted, const char *capability, const tend_message *message, const char *once_key,
                                  int64_t *ret_retry_ms, tend_error *reterr)
{
    tend_status status = send_message(hosted, capability, message, once_key, reterr);
    tend_delivery delivery = TEND_BROKEN;
    int64_t retry_ms = 0;
    bool is_done = false, is_told = false;
    uint16_t type;

    while (status == TEND_OK) {
        status = tend_hosted_next(hosted, "a delivery", hosted->use.deadline_ms, &type, &is_done, reterr);
        if (status < 0 || is_done)
            break;
        if (type == TEND_HOST_ALIVE)
            continue;
        delivery = (tend_delivery)tend_wire_get_u8(hosted->process.wire);
        retry_ms = tend_wire_get_i64(hosted->process.wire);
        if (type != TEND_HOST_DELIVERED || is_told || delivery > TEND_BROKEN || retry_ms < 0 ||
            tend_wire_done(hosted->process.wire, NULL) < 0)
            status = tend_hosted_lied(hosted, "a delivery", "an answer that is none", reterr);
        is_told = status == TEND_OK;
    }
    if (!is_told && (status == TEND_EDENIED || status == TEND_EBUSY)) { /* it was not started: the message was not tried */
        *ret_retry_ms = 0;
        return status == TEND_EDENIED ? TEND_UNAUTHORISED : TEND_RETRY_LATER;
    }
    if (!is_told || (status == TEND_OK && delivery != TEND_DELIVERED) || (status < 0 && delivery == TEND_DELIVERED)) {
        if (status == TEND_OK)
            (void)tend_hosted_lied(hosted, "a delivery", "an answer that is none", reterr);
        return TEND_BROKEN;
    }
    *ret_retry_ms = retry_ms;
    return delivery;
}
