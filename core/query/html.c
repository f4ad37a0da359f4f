/* html.c: escapes, and the frame of a page. */
#include "query/html.h"
#include "base/hash.h"
#include <string.h>

void html_text_of(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        switch (byte) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(byte < ' ' || byte == 0x7f ? ' ' : byte, out);
        }
    }
}

void html_text(FILE *out, const char *text)
{
    if (text)
        html_text_of(out, text, strlen(text));
}

static const char style[] =
    ":root{--ink:#1d2733;--soft:#5b6875;--line:#dfe4ea;--paper:#fff;--wash:#f5f7f9;--accent:#245c8a}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--wash);color:var(--ink);font:14px/1.5 system-ui,'Noto Sans','Noto Sans CJK KR','Noto Sans "
    "KR','Malgun Gothic','Apple SD Gothic Neo',sans-serif}"
    "main{max-width:1080px;margin:0 auto;padding:28px 24px 48px}"
    "header{border-bottom:3px solid var(--accent);padding-bottom:12px;margin-bottom:20px}"
    "header p{margin:0;color:var(--soft)}"
    "h1{font-size:26px;line-height:1.25;margin:2px 0;overflow-wrap:anywhere}"
    "h2{font-size:16px;margin:0 0 10px}"
    "section{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:16px 18px;margin:0 0 "
    "16px;overflow-x:auto}"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:10px}"
    ".tiles div{background:var(--wash);border-radius:6px;padding:8px 12px;min-width:0}"
    ".tiles div>span{display:block;color:var(--soft);font-size:12px}"
    ".tiles b{font-size:17px;font-weight:600;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}"
    "table{border-collapse:collapse;width:100%}"
    "th{text-align:left;color:var(--soft);font-weight:500;font-size:12px;border-bottom:1px solid var(--line);padding:4px 8px "
    "4px 0;vertical-align:bottom}"
    "td{border-bottom:1px solid var(--line);padding:5px 8px 5px 0;vertical-align:top;overflow-wrap:break-word}"
    "tr:last-child td{border-bottom:0}"
    "th::first-letter,.tiles div>span::first-letter{text-transform:uppercase}"
    "td:not(:last-child),th:not(:last-child){padding-right:14px}"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".d{white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".q{color:var(--soft);font-size:12px}"
    ".none{color:var(--soft);margin:0}"
    ".band{display:inline-block;border-radius:9px;padding:0 9px;font-size:12px;color:#fff;background:#7d8894;white-space:nowrap}"
    ".green{background:#2c7a4b}.yellow{background:#9a6b00}.red{background:#b3261e}"
    "svg{display:block;max-width:100%;height:auto;margin:2px 0 12px}td svg{margin:3px 0 4px auto}"
    "svg text{font-family:inherit;fill:var(--ink)}svg .q{fill:var(--soft)}svg .w{fill:#fff}"
    "footer{color:var(--soft);font-size:12px;margin-top:20px}"
    "@media "
    "print{body{background:#fff;font-size:11px}main{max-width:none;padding:0}section{break-inside:avoid-page;border-color:#bbb}"
    "section.long{break-inside:auto}tr{break-inside:avoid}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}"
    "@page{size:A4;margin:14mm}";

/* The sheet's hash as a policy wants it, so that no other style is obeyed. */
static void write_hash(FILE *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t hash[33] = { 0 };
    tend_sha256 state;

    tend_sha256_init(&state);
    tend_sha256_add(&state, style, sizeof style - 1);
    tend_sha256_end(&state, hash);
    for (int i = 0; i < 33; i += 3) {
        unsigned group = (unsigned)hash[i] << 16 | (unsigned)hash[i + 1] << 8 | hash[i + 2];

        fputc(digits[group >> 18 & 63], out);
        fputc(digits[group >> 12 & 63], out);
        fputc(digits[group >> 6 & 63], out);
        fputc(i == 30 ? '=' : digits[group & 63], out);
    }
}

void html_begin(FILE *out, const char *language, const char *title, const char *above, const char *below)
{
    fputs("<!DOCTYPE html>\n<html lang=\"", out);
    html_text(out, language ? language : "en");
    fputs("\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src "
          "'sha256-",
          out);
    write_hash(out);
    fputs("'; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
          out);
    html_text(out, title);
    fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<header>\n<p>", style);
    html_text(out, above);
    fputs("</p>\n<h1>", out);
    html_text(out, title);
    fputs("</h1>\n<p>", out);
    html_text(out, below);
    fputs("</p>\n</header>\n", out);
}

void html_end(FILE *out, const char *footer)
{
    fputs("<footer>", out);
    html_text(out, footer);
    fputs("</footer>\n</main>\n</body>\n</html>\n", out);
}
