/* expression_node.h: an expression as it was parsed. Only expression.c, which parses, and expression_say.c read it. */
#ifndef TEND_SYNC_EXPRESSION_NODE_H
#define TEND_SYNC_EXPRESSION_NODE_H

#include "sync/expression.h"

typedef enum node_kind { COLUMN = 1, CONSTANT, OR, JOIN, MINUS, TIMES, WITHOUT, MONTHS_BEFORE } node_kind;

struct tend_expression {
    node_kind kind;
    size_t column;
    const char *text;
    size_t length;
    const struct tend_expression *left, *right;
};
typedef tend_expression node;

#endif
