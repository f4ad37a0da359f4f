/* streams.c: what a connector has to read. */
#include "base/utf8.h"
#include "plugin/hosted.h"
#include <string.h>

tend_status tend_hosted_streams(tend_hosted *hosted, const char *capability,
                                tend_status (*put)(void *self, const char *name, const char *about), void *self, tend_error *reterr)
{
    tend_status failed = TEND_OK, status = tend_hosted_begin(hosted, TEND_HOST_STREAMS, capability, reterr);
    static const char doing[] = "the list of its streams";
    bool is_done = false;
    uint16_t type;

    if (status == TEND_OK)
        status = tend_hosted_send(hosted, -1, doing, reterr);
    while (status == TEND_OK) {
        const char *name, *about;

        status = tend_hosted_next(hosted, doing, hosted->use.deadline_ms, &type, &is_done, reterr);
        if (status < 0 || is_done)
            break;
        if (type == TEND_HOST_ALIVE)
            continue;
        name = tend_wire_get_text(hosted->process.wire, NULL);
        about = tend_wire_get_text(hosted->process.wire, NULL);
        if (type != TEND_HOST_STREAM || tend_wire_done(hosted->process.wire, NULL) < 0 ||
            !tend_utf8_valid(name, strlen(name), NULL) || !tend_utf8_valid(about, strlen(about), NULL))
            status = tend_hosted_lied(hosted, doing, "a stream that is none", reterr);
        else if (failed == TEND_OK)
            failed = put(self, name, about);
    }
    if (status == TEND_OK && failed < 0)
        return tend_fail(reterr, failed, "plugin %s: %s was broken off", hosted->name, doing);
    return status;
}
