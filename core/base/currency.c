/* currency.c: how many digits each current ISO 4217 code has after the point. */
#include "base/money.h"

#include <stdlib.h>
#include <string.h>

/* The list of ISO 4217 as of 2026. Funds (BOV, CHE, CHW, COU, MXV, USN, UYI, CLF, UYW) are in; metals and units of account (XAU,
 * XDR, …) have no minor unit and are not amounts of money to us. */
static const char *const of_none[] = { "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
                                       "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF", NULL };
static const char *const of_two[] = {
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND", "BOB", "BOV", "BRL", "BSD",
    "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF", "CHW", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK", "DKK", "DOP",
    "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF",
    "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL",
    "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR",
    "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP",
    "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD",
    "USN", "UYU", "UZS", "VED", "VES", "WST", "XAD", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG", NULL,
};
static const char *const of_three[] = { "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", NULL };
static const char *const of_four[] = { "CLF", "UYW", NULL };

static uint32_t number_of(const char code[4])
{
    uint32_t number;

    memcpy(&number, code, sizeof number);
    return number;
}

static bool is_in(const char *const *codes, uint32_t code)
{
    for (; *codes; codes++)
        if (number_of(*codes) == code)
            return true;
    return false;
}

int tend_currency_exponent(const char code[4])
{
    char whole[4] = { 0 };
    uint32_t code_number;

    memcpy(whole, code, strnlen(code, 4));
    if (whole[3] != '\0')
        return -1;
    code_number = number_of(whole);
    if (code_number == number_of("EUR") || code_number == number_of("USD") || is_in(of_two, code_number))
        return 2;
    if (is_in(of_none, code_number))
        return 0;
    if (is_in(of_three, code_number))
        return 3;
    return is_in(of_four, code_number) ? 4 : -1;
}
