#include "kpi/scan.h"
#include "kpi/filling.h"

uint32_t tend_currency_pack(const char *code)
{
    uint32_t packed = 0;

    if (!code || !*code)
        return 0;
    for (int i = 0; i < 3; i++)
        packed = packed << 8 | (*code ? (unsigned char)*code++ : 0u);
    return packed;
}

void tend_currency_unpack(uint32_t packed, char ret_code[4])
{
    ret_code[0] = (char)(packed >> 16 & 255);
    ret_code[1] = (char)(packed >> 8 & 255);
    ret_code[2] = (char)(packed & 255);
    ret_code[3] = '\0';
}

tend_status tend_scan_run(const tend_scan *scan, tend_status (*visit)(void *self, const tend_block *block), void *self,
                          tend_error *reterr)
{
    tend_filling f = { .scan = scan, .visit = visit, .self = self, .reterr = reterr };
    tend_status status;

    if (tend_scan_is_cached(scan))
        return tend_scan_chunks(scan, visit, self, reterr);
    if (scan->begin)
        scan->begin(self, 0, scan->account_count);
    status = tend_scan_store(&f, NULL, scan->account_count, true);
    if (status >= 0)
        status = tend_filling_flush(&f);
    tend_filling_clear(&f);
    return status;
}
