#include "playbook/sql.h"

static tend_status bind(tend_store *store, tend_statement **ret_statement, tend_error *reterr, const char *sql, const char *format,
                        va_list arguments)
{
    tend_status status = tend_store_prepare(store, sql, ret_statement, reterr);
    const tend_buffer *buffer;
    tend_time at;

    for (int i = 1; status == TEND_OK && *format; i++, format++) {
        switch (*format) {
        case 'i':
            tend_statement_bind_int(*ret_statement, i, va_arg(arguments, int64_t));
            break;
        case 't':
            at = va_arg(arguments, tend_time);
            if (at == TEND_NO_TIME)
                tend_statement_bind_null(*ret_statement, i);
            else
                tend_statement_bind_int(*ret_statement, i, at);
            break;
        case 's':
            tend_statement_bind_string(*ret_statement, i, va_arg(arguments, const char *));
            break;
        default:
            buffer = va_arg(arguments, const tend_buffer *);
            if (buffer)
                tend_statement_bind_bytes(*ret_statement, i, tend_buffer_string(buffer), buffer->length);
            else
                tend_statement_bind_null(*ret_statement, i);
        }
    }
    return status;
}

tend_status tend_sql_run(tend_store *store, tend_error *reterr, const char *sql, const char *format, ...)
{
    tend_statement *statement = NULL;
    tend_status status;
    va_list arguments;

    va_start(arguments, format);
    status = bind(store, &statement, reterr, sql, format, arguments);
    va_end(arguments);
    if (status == TEND_OK)
        status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

tend_status tend_sql_ask(tend_store *store, tend_statement **ret_statement, tend_error *reterr, const char *sql, const char *format,
                         ...)
{
    va_list arguments;
    tend_status status;

    *ret_statement = NULL;
    va_start(arguments, format);
    status = bind(store, ret_statement, reterr, sql, format, arguments);
    va_end(arguments);
    return status;
}

tend_status tend_sql_number(tend_store *store, int64_t otherwise, int64_t *ret_number, tend_error *reterr, const char *sql,
                            const char *format, ...)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;
    va_list arguments;

    va_start(arguments, format);
    status = bind(store, &statement, reterr, sql, format, arguments);
    va_end(arguments);
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_number = has_row && !tend_statement_is_null(statement, 0) ? tend_statement_int(statement, 0) : otherwise;
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}
