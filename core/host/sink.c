/* sink.c: one message carried out. */
#include "host/host.h"

#include <stdlib.h>
#include <string.h>

enum { ONCE_KEY, CHANNEL, TO, SUBJECT, TEXT, LANGUAGE, PAYLOAD, TEXTS };

tend_status host_deliver(host_state *host, tend_error *reterr)
{
    const tend_sink_ops *ops = host_capability(host, tend_wire_get_text(host->wire, NULL), TEND_SINK, reterr);
    char *texts[TEXTS] = { NULL };
    tend_message message = { .size = sizeof message };
    tend_delivery delivery = TEND_BROKEN;
    int64_t retry_ms = 0;
    tend_status status = TEND_OK;

    if (!ops)
        return TEND_ENOTFOUND;
    for (int i = 0; i < TEXTS; i++) {
        texts[i] = strdup(tend_wire_get_text(host->wire, NULL)); /* the payload goes when the plugin asks is_cancelled */
        if (!texts[i])
            status = tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for a message", host->note.name);
    }
    message.channel = texts[CHANNEL];
    message.to = texts[TO];
    message.subject = texts[SUBJECT];
    message.text = texts[TEXT];
    message.language = texts[LANGUAGE];
    message.payload = texts[PAYLOAD];
    message.created_at = tend_wire_get_i64(host->wire);
    message.attempt = tend_wire_get_u32(host->wire);
    if (status == TEND_OK)
        status = tend_wire_done(host->wire, reterr);
    if (status == TEND_OK) {
        delivery = ops->deliver(host->self, &message, texts[ONCE_KEY], &retry_ms, reterr);
        tend_wire_start(host->wire, TEND_HOST_DELIVERED);
        tend_wire_put_u8(host->wire, (uint8_t)delivery);
        tend_wire_put_i64(host->wire, retry_ms);
        host_send(host);
        if (delivery != TEND_DELIVERED)
            status = TEND_ERROR; /* the sentence goes with DONE; DELIVERED says how to take it */
    }
    for (int i = 0; i < TEXTS; i++)
        free(texts[i]);
    return status;
}
