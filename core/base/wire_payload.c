/* wire_payload.c: what stands in a frame, value by value. */
#include "base/wire_inside.h"

#include <string.h>

void wire_put_number(tend_wire *wire, uint64_t number, size_t bytes)
{
    unsigned char le[8];

    wire_store_le(le, number, bytes);
    tend_buffer_append(&wire->out, le, bytes);
}

void tend_wire_put_u8(tend_wire *wire, uint8_t number)
{
    wire_put_number(wire, number, 1);
}

void tend_wire_put_u32(tend_wire *wire, uint32_t number)
{
    wire_put_number(wire, number, 4);
}

void tend_wire_put_i64(tend_wire *wire, int64_t number)
{
    wire_put_number(wire, (uint64_t)number, 8);
}

void tend_wire_put_text(tend_wire *wire, const char *text, size_t length)
{
    char *room;

    if (length > TEND_WIRE_MAX) {
        wire->out.failed = true;
        return;
    }
    room = tend_buffer_extend(&wire->out, 4 + length + 1);
    if (!room)
        return;
    wire_store_le((unsigned char *)room, length, 4);
    if (length > 0)
        memcpy(room + 4, text, length);
    room[4 + length] = '\0';
}

void tend_wire_put_string(tend_wire *wire, const char *text)
{
    tend_wire_put_text(wire, text ? text : "", text ? strlen(text) : 0);
}

/* u8 type; then what the type needs: TEXT its text, MONEY 3 bytes of currency and i64, DECIMAL u8 scale and i64, others i64. */
void tend_wire_put_value(tend_wire *wire, const tend_value *value)
{
    tend_wire_put_u8(wire, value->type);
    switch ((tend_type)value->type) {
    case TEND_NULL:
        return;
    case TEND_TEXT:
        tend_wire_put_text(wire, value->text, value->length);
        return;
    case TEND_MONEY:
        tend_buffer_append(&wire->out, value->currency, 3);
        break;
    case TEND_DECIMAL:
        tend_wire_put_u8(wire, value->scale);
        break;
    default:
        break;
    }
    tend_wire_put_i64(wire, value->integer);
}

/* The next `bytes` of the payload, or NULL from the first lie on. */
static const unsigned char *take_bytes(tend_wire *wire, size_t bytes)
{
    const unsigned char *taken = wire->payload;

    if (wire->has_lied || bytes > wire->payload_left) {
        wire->has_lied = true;
        return NULL;
    }
    wire->payload += bytes;
    wire->payload_left -= bytes;
    return taken;
}

static uint64_t get_number(tend_wire *wire, size_t bytes)
{
    const unsigned char *at = take_bytes(wire, bytes);

    return at ? wire_load_le(at, bytes) : 0;
}

uint8_t tend_wire_get_u8(tend_wire *wire)
{
    return (uint8_t)get_number(wire, 1);
}

uint32_t tend_wire_get_u32(tend_wire *wire)
{
    return (uint32_t)get_number(wire, 4);
}

int64_t tend_wire_get_i64(tend_wire *wire)
{
    return (int64_t)get_number(wire, 8);
}

const char *tend_wire_get_text(tend_wire *wire, size_t *ret_length)
{
    size_t length = tend_wire_get_u32(wire);
    const unsigned char *text = take_bytes(wire, length + 1);

    if (text && text[length] != '\0') {
        wire->has_lied = true;
        text = NULL;
    }
    if (ret_length)
        *ret_length = text ? length : 0;
    return text ? (const char *)text : "";
}

tend_value tend_wire_get_value(tend_wire *wire)
{
    tend_value value = { .type = tend_wire_get_u8(wire) };
    const unsigned char *currency;

    switch ((tend_type)value.type) {
    case TEND_NULL:
        return value;
    case TEND_TEXT:
        value.text = tend_wire_get_text(wire, &value.length);
        break;
    case TEND_MONEY:
        currency = take_bytes(wire, 3);
        if (currency)
            memcpy(value.currency, currency, 3);
        value.integer = tend_wire_get_i64(wire);
        break;
    case TEND_DECIMAL:
        value.scale = tend_wire_get_u8(wire);
        value.integer = tend_wire_get_i64(wire);
        wire->has_lied |= value.scale > 12;
        break;
    case TEND_BOOL:
        value.integer = tend_wire_get_i64(wire);
        wire->has_lied |= value.integer != 0 && value.integer != 1;
        break;
    case TEND_DATE:
        value.integer = tend_wire_get_i64(wire);
        wire->has_lied |= value.integer < INT32_MIN || value.integer > INT32_MAX;
        break;
    case TEND_INT:
    case TEND_TIME:
    case TEND_REF:
        value.integer = tend_wire_get_i64(wire);
        break;
    default:
        wire->has_lied = true;
        break;
    }
    return wire->has_lied ? (tend_value){ 0 } : value;
}

tend_status tend_wire_done(tend_wire *wire, tend_error *reterr)
{
    if (wire->has_lied)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: a message is shorter than it says or holds an impossible value", wire->peer);
    if (wire->payload_left > 0)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: a message has %zu bytes too many", wire->peer, wire->payload_left);
    return TEND_OK;
}
