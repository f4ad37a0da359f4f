/* host_wire.h: what tend and tend-host say to each other, in frames of wire.h.
 *
 * tend asks, the host answers; one call at a time. Every call ends with one DONE, whatever came before it; LOG and ALIVE may come
 * at any time. The layout stands behind each message in the words of wire.h: u8, u32, i64, string (text without a NUL inside),
 * text. `now` is the engine's time, which the plugin sees as host->now during the call. */
#ifndef TEND_BASE_HOST_WIRE_H
#define TEND_BASE_HOST_WIRE_H

#include "base/wire.h"
#include <tend/plugin.h>

#define TEND_HOST_PROTOCOL 7u

typedef enum tend_host_message {
    /* tend → host */
    TEND_HOST_HELLO = 1, /* u32 protocol, i64 memory in bytes (0: no limit), u8 whether every item is sent by itself,
                                          i64 device, i64 inode, i64 mtime in ns, i64 size of the file that was looked at, u8
                            whether its fd, a sealed memfd, is what is to be loaded instead → DECLARED, DONE */
    TEND_HOST_OPEN,      /* i64 now, u32 count, count × (string key, string value, u8 is_secret) → DONE */
    TEND_HOST_STREAMS,   /* i64 now, string capability → STREAM…, DONE */
    TEND_HOST_PULL,      /* i64 now, string capability, string stream, u8 has_bookmark, text bookmark, i64 limit; its fd, where it
                            has one, is a belt (belt.h) → ITEMS or BLOCK…, DONE */
    TEND_HOST_COMPUTE,   /* i64 now, string capability; its fd is a batch → RATIOS…, DONE */
    TEND_HOST_EXPLAIN,   /* i64 now, string capability, u32 account; its fd is a batch → PARTS…, DONE */
    TEND_HOST_INTERVAL,  /* i64 now, string capability, i64 numerator, i64 denominator, u32 count, count × i64 → NUMBERS, DONE */
    TEND_HOST_DELIVER,   /* i64 now, string capability, string once_key, string channel, to, subject, text, language, payload,
                            i64 created_at, u32 attempt → DELIVERED, DONE */
    TEND_HOST_CANCEL,    /* during a call: it should end soon. Nothing answers it */
    TEND_HOST_CLOSE,     /* the plugin is closed, then the host leaves */
    TEND_HOST_RULES,     /* i64 now, string capability, u32 count, count × (string name, i64 from, i64 until, string currency,
                            u32 exponent, u32 count, count × (string key, string value)) → FAULT…, DONE */
    TEND_HOST_APPLY,     /* i64 now, string capability, quote → ADJUSTMENT, BENEFIT, THRESHOLD, METRIC…, DONE.
                            quote: i64 account, string name, string tier, i64 date, u32 term, string currency, u32 exponent, u8
                            rounding,    matches, u32 count, count × (string product, code, family, unit, decimal quantity, decimal list
                            price,    i64 list, i64 net, matches); matches: u32 count, count × (u32 rule, i64 numerator, i64
                            denominator);    decimal: i64 mantissa, u32 scale */
    TEND_HOST_ANSWER,    /* to METRIC, during the call: i64 tend_status, value, string sentence */
    TEND_HOST_EXAMINE,   /* i64 now, string capability → BREAK, FINDING…, DONE */
    TEND_HOST_GO,        /* to ITEMS, when every item is sent by itself: the next one, please. To BLOCK: it may be filled anew */
    TEND_HOST_RESULTS,   /* i64 now, string capability (any), u32 slot; its fd is room for results, which stays → DONE */
    TEND_HOST_COMPUTE_MANY, /* i64 now, string capability (the first), u32 slot, i64 from, i64 to, u32 count, count × string
                               capability; its fd is a batch, which stays; without one it is the last that came so. These days are
                               the period → COMPUTED…, DONE. The n-th fills the slot from n × accounts ratios on */

    /* host → tend */
    TEND_HOST_DECLARED = 64, /* u32 needs, string name, version, summary; u32 count, count × option; u32 count, count × capability.
                                option: string key, u8 type, u8 has_fallback, string fallback, string help, u8 secret, u8 required
                                capability: u8 kind, string name, string summary, and for KPIs: u8 unit, u8 is_money,
                                u8 higher_is_better, u8 has_explain, u8 has_interval, u32 twin, u32 version, string formula,
                                string source, u32 count, count × (string column, u8 take); for prices: u8 has_check, u8 only_first,
                                u32 count, count × (string key, u8 type, string choices, string help, u8 required).
                                twin: the first capability with the very same functions */
    TEND_HOST_LOG,           /* u8 level, text */
    TEND_HOST_ALIVE,         /* the call goes on: the deadline starts anew */
    TEND_HOST_STREAM,        /* string name, string about */
    TEND_HOST_ITEMS,         /* text: items as below, in the order the plugin made them */
    TEND_HOST_RATIOS,        /* u32 first account, u32 count, count × (i64 numerator, i64 denominator) */
    TEND_HOST_PARTS,         /* u32 count, count × (u32 input, u32 row, i64 numerator, i64 denominator, string why) */
    TEND_HOST_NUMBERS,       /* i64 low, i64 high */
    TEND_HOST_DELIVERED,     /* u8 tend_delivery, i64 retry_ms */
    TEND_HOST_DONE,          /* i64 tend_status, string sentence ("" when it went well) */
    TEND_HOST_FAULT,         /* string rule, string key, string sentence */
    TEND_HOST_ADJUSTMENT,    /* u32 line, u8 kind, i64 amount, string currency, string rule, string reason */
    TEND_HOST_BENEFIT,       /* string rule, string name, value, string why */
    TEND_HOST_THRESHOLD,     /* u32 line, string rule, string what, value now, value at, string then */
    TEND_HOST_METRIC,        /* string name, i64 from, i64 to, string currency; the host waits for ANSWER */
    TEND_HOST_BREAK,         /* string rule, i64 mantissa, u32 scale */
    TEND_HOST_FINDING,       /* u8 kind, string rule, string other, string text */
    TEND_HOST_COMPUTED,      /* i64 tend_status, string sentence: the next of the capabilities has ended */
    TEND_HOST_BLOCK /* u32 bytes: so many of items stand in the next block of the belt; what comes by ITEMS is behind them */
} tend_host_message;

/* Items of a pull, packed without gaps; little-endian. A cell is u32 length + 1, the bytes and a NUL; 0 alone is "not named". */
typedef enum tend_host_item {
    TEND_ITEM_COLUMNS = 'C',    /* u32 count, cells; u32 key count (UINT32_MAX: no key), cells */
    TEND_ITEM_RECORD = 'R',     /* u64 line, i64 modified_at, u32 count, u32 bytes of the cells, cells */
    TEND_ITEM_TOMBSTONE = 'T',  /* i64 removed_at, u32 count, cells */
    TEND_ITEM_CHECKPOINT = 'K', /* cell */
    TEND_ITEM_REJECT = 'J'      /* u64 line, cell column, cell value, cell reason */
} tend_host_item;

/* Among the rights of tend-host's command line: none, and the plugin is described but never opened. */
#define TEND_HOST_DESCRIBES 0x80000000u

#define TEND_HOST_SLOTS 2u     /* rooms for results */
#define TEND_HOST_MANY_MAX 64u /* capabilities in one call */
#define TEND_HOST_RULES_MAX 10000u
#define TEND_HOST_LINES_MAX 1000u

#define TEND_HOST_FLUSH ((size_t)128 << 10)  /* items are sent when there are this many bytes, and at each checkpoint */
#define TEND_HOST_ITEM_MAX ((size_t)8 << 20) /* of one item: a larger record is rejected */
#define TEND_HOST_BOOKMARK_MAX ((size_t)64 << 10)
#define TEND_HOST_CELLS_MAX 65536u

/* A batch in its sealed memfd: this head, `inputs` columns, then the arrays, each at a multiple of 8 from the start of the file.
 * Native byte order: it never leaves the machine. */
#define TEND_BATCH_MAGIC 0x31484354u /* "TCH1" */
typedef struct tend_batch_head {
    uint32_t magic, accounts, inputs;
    int32_t from, to;
    uint32_t spare;
} tend_batch_head;

typedef struct tend_batch_column {
    uint64_t values_at, value_count; /* i64 each */
    uint64_t starts_at;              /* u32 × (accounts + 1); 0: one value per account */
    uint64_t words_at, word_count;   /* u64 offset of each NUL-terminated word; words_at 0: no words */
} tend_batch_column;

#endif
