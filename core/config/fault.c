#include "config/inside.h"

#include <stdarg.h>

#define SHOWN_MAX 200

void tend_config_fault(tend_faults *faults, const char *format, ...)
{
    tend_error error;
    va_list arguments;

    va_start(arguments, format);
    (void)tend_vfail(&error, TEND_EINVAL, format, arguments);
    va_end(arguments);
    faults->count++;
    if (faults->count == 1 && faults->reterr)
        *faults->reterr = error;
    if (faults->out && faults->count <= SHOWN_MAX)
        (void)fprintf(faults->out, "%s\n", error.text);
}

void tend_faults_end(tend_faults *faults)
{
    if (faults->out && faults->count > SHOWN_MAX)
        (void)fprintf(faults->out, "and %u more faults; mend these first\n", faults->count - SHOWN_MAX);
}

const char *tend_place_name(const tend_place *place, char buffer[static TEND_PLACE_ROOM])
{
    (void)snprintf(buffer, TEND_PLACE_ROOM, "[%s%s%s]", place->section->name, place->instance ? "." : "",
                   place->instance ? place->instance : "");
    return buffer;
}
