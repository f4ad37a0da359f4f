/* csv.c: records from CSV files: RFC 4180, with the encodings and delimiters of the world. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHECKPOINT_EVERY 10000u
#define LOOK_EVERY 4096u /* records between two looks at whether to stop */

typedef struct csv_source {
    const tend_host *host;
    const char *encoding; /* as iconv names it */
    char delimiter;       /* 0: by the name of the file */
    char quote;
    bool has_quote, has_header;
    uint64_t skip_lines;
    size_t max_field;
} csv_source;

static const tend_option settings[] = {
    { "path", TEND_OPTION_PATHS, NULL, "files or folders; a folder means its *.csv, *.csv.gz, *.tsv and *.tsv.gz in name order",
      false, true },
    { "encoding", TEND_OPTION_TEXT, "utf-8",
      "utf-8, cp949, euc-kr, windows-1252, iso-8859-1, utf-16le or utf-16be; a byte-order mark wins over it", false, false },
    { "delimiter", TEND_OPTION_TEXT, NULL, "one character, or tab; not given: a comma, and a tab in *.tsv files", false, false },
    { "quote", TEND_OPTION_TEXT, "\"", "one character, or none", false, false },
    { "header", TEND_OPTION_BOOL, "yes", "no: the first line is a record already, and columns are named 1, 2, 3 and so on", false,
      false },
    { "skip_lines", TEND_OPTION_INT, "0", "lines before the header that are not read", false, false },
    { "max_field", TEND_OPTION_INT, "1048576", "bytes; a record with a longer field is rejected", false, false },
    { "null_text", TEND_OPTION_LIST, NULL, "texts that mean empty, such as NULL or n/a", false, false },
    { 0 },
};

static const char *find_encoding(const char *name)
{
    static const char *const names[][2] = {
        { "utf-8", "UTF-8" },           { "cp949", "CP949" },       { "euc-kr", "CP949" },      { "windows-1252", "CP1252" },
        { "iso-8859-1", "ISO-8859-1" }, { "utf-16le", "UTF-16LE" }, { "utf-16be", "UTF-16BE" },
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}

static tend_status read_character(const char *key, const char *text, char *ret_character, tend_error *reterr)
{
    if (strcmp(text, "tab") == 0)
        text = "\t";
    if (strlen(text) != 1 || (unsigned char)*text > 0x7E || *text == '\n' || *text == '\r')
        return tend_fail(reterr, TEND_EINVAL, "csv: %s: '%s' is not one ASCII character", key, text);
    *ret_character = *text;
    return TEND_OK;
}

static tend_status read_number(const tend_host *host, const char *key, uint64_t least, uint64_t most, uint64_t *ret_number,
                               tend_error *reterr)
{
    const char *text = host->setting(host, key);
    long long number = text ? strtoll(text, NULL, 10) : 0;

    if (number < 0 || (uint64_t)number < least || (uint64_t)number > most)
        return tend_fail(reterr, TEND_EINVAL, "csv: %s: %s is not between %llu and %llu", key, text, (unsigned long long)least,
                         (unsigned long long)most);
    *ret_number = (uint64_t)number;
    return TEND_OK;
}

static tend_status read_settings(csv_source *csv, tend_error *reterr)
{
    const tend_host *host = csv->host;
    const char *encoding = host->setting(host, "encoding");
    const char *delimiter = host->setting(host, "delimiter");
    const char *quote = host->setting(host, "quote");
    const char *header = host->setting(host, "header");
    uint64_t max_field = 0;
    tend_status status = TEND_OK;

    csv->encoding = find_encoding(encoding);
    if (!csv->encoding)
        return tend_fail(
            reterr, TEND_EINVAL,
            "csv: encoding: %s is not known; there are utf-8, cp949, euc-kr, windows-1252, iso-8859-1, utf-16le and utf-16be",
            encoding);
    if (delimiter)
        status = read_character("delimiter", delimiter, &csv->delimiter, reterr);
    csv->has_quote = strcmp(quote, "none") != 0;
    if (status == TEND_OK && csv->has_quote)
        status = read_character("quote", quote, &csv->quote, reterr);
    if (status == TEND_OK && csv->has_quote && csv->quote == csv->delimiter)
        status = tend_fail(reterr, TEND_EINVAL, "csv: quote: it is the delimiter as well; choose another");
    csv->has_header = strcmp(header, "no") != 0;
    if (status == TEND_OK)
        status = read_number(host, "skip_lines", 0, 1000000, &csv->skip_lines, reterr);
    if (status == TEND_OK)
        status = read_number(host, "max_field", 1, 7 << 20, &max_field, reterr);
    csv->max_field = (size_t)max_field;
    return status;
}

static tend_status csv_open(const tend_host *host, void **ret_self, tend_error *reterr)
{
    csv_source *self = calloc(1, sizeof *self);
    tend_status status;

    if (!self)
        return tend_fail(reterr, TEND_ENOMEM, "csv: no memory");
    self->host = host;
    status = read_settings(self, reterr);
    if (status < 0) {
        free(self);
        return status;
    }
    *ret_self = self;
    return TEND_OK;
}

static tend_status csv_streams(void *self, tend_status (*put)(void *out, const tend_stream *stream), void *out, tend_error *reterr)
{
    csv_source *csv = self;
    csv_files files = { 0 };
    tend_status status = csv_files_list(csv->host, &files, reterr);

    for (size_t i = 0; status == TEND_OK && i < files.count; i++)
        status = put(out, &(tend_stream){ .name = files.files[i].name, .about = files.files[i].path });
    csv_files_clear(&files);
    return status;
}

/* ---- one pull ------------------------------------------------------------------------------------------------------------ */

typedef struct csv_run {
    csv_source *csv;
    const tend_pull *request;
    tend_record_out *out;
    csv_input input;
    csv_parser parser;
    csv_decoder decoder;
    char **names; /* owned */
    uint32_t name_count;
    uint64_t records, delivered; /* of the file, rejects included; in this pull */
} csv_run;

/* As people write it. */
static const char *encoding_name(const csv_run *run)
{
    if (run->input.has_mark)
        return !run->input.is_utf16 ? "utf-8" : strstr(run->input.encoding, "LE") ? "utf-16le" : "utf-16be";
    return run->csv->host->setting(run->csv->host, "encoding");
}

static tend_status check_line_ends(const csv_run *run, tend_error *reterr)
{
    const csv_input *input = &run->input;
    const char *text = input->bytes + input->start;
    size_t length = input->end - input->start;
    const char *cr = memchr(text, '\r', length);

    if (cr && cr + 1 < text + length && !memchr(text, '\n', length))
        return tend_fail(reterr, TEND_EINVAL, "%s: its lines end with CR alone; save it with LF or CR LF", input->path);
    return TEND_OK;
}

static tend_status set_names(csv_run *run, bool are_numbers, tend_error *reterr)
{
    csv_parser *parser = &run->parser;

    run->names = calloc(parser->count ? parser->count : 1, sizeof *run->names);
    for (uint32_t i = 0; run->names && i < parser->count; i++) {
        char number[16];
        const char *name = parser->cells[i].text;

        (void)snprintf(number, sizeof number, "%u", i + 1);
        run->names[i] = strdup(are_numbers || *name == '\0' ? number : name);
        if (!run->names[i])
            return tend_fail(reterr, TEND_ENOMEM, "%s: no memory for its columns", run->input.path);
        run->name_count = i + 1;
    }
    for (uint32_t i = 0; i < run->name_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(run->names[i], run->names[j]) == 0)
                return tend_fail(reterr, TEND_EINVAL, "%s:%llu: the header names '%s' twice; give each column its own name",
                                 run->input.path, (unsigned long long)parser->record_line, run->names[i]);
    return run->names ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "%s: no memory for its columns", run->input.path);
}

/* The first record names the columns, or, without a header, says how many there are. */
static tend_status read_header(csv_run *run, bool *ret_is_empty, tend_error *reterr)
{
    csv_parser *parser = &run->parser;
    bool has_record;
    uint32_t bad;
    tend_status status = csv_parser_next(parser, &has_record, reterr);

    *ret_is_empty = !has_record;
    if (status < 0 || !has_record)
        return status;
    if (run->csv->has_header && parser->fault)
        return tend_fail(reterr, TEND_EINVAL, "%s:%llu: the header cannot be read: %s", run->input.path,
                         (unsigned long long)parser->record_line, parser->fault);
    if (run->csv->has_header && !csv_decode(&run->decoder, parser->cells, parser->count, &bad))
        return tend_fail(reterr, TEND_EINVAL, "%s:%llu: the header is not in the encoding %s%s", run->input.path,
                         (unsigned long long)parser->record_line, encoding_name(run),
                         run->input.has_mark ? ", though the file begins with its mark; save it anew"
                                             : "; write the one it is in, such as encoding = cp949, beside its file");
    status = set_names(run, !run->csv->has_header, reterr);
    if (status == TEND_OK)
        status = run->out->columns(run->out, (const char *const *)run->names, run->name_count, NULL);
    return status;
}

static bool is_null(const csv_source *csv, const tend_cell *cell)
{
    const char *text;

    for (uint32_t i = 0; (text = csv->host->setting_at(csv->host, "null_text", i)); i++)
        if (strcmp(cell->text, text) == 0)
            return true;
    return false;
}

static tend_status put_record(csv_run *run, bool has_null_text)
{
    csv_parser *parser = &run->parser;
    tend_record_out *out = run->out;
    char reason[100];
    uint32_t bad;

    run->records++;
    if (parser->fault)
        return out->reject(out, parser->record_line, parser->fault_field < run->name_count ? run->names[parser->fault_field] : NULL,
                           NULL, 0, parser->fault);
    if (parser->count != run->name_count) {
        (void)snprintf(reason, sizeof reason, "has %u field%s, the %s has %u", parser->count, parser->count == 1 ? "" : "s",
                       run->csv->has_header ? "header" : "first record", run->name_count);
        return out->reject(out, parser->record_line, NULL, NULL, 0, reason);
    }
    if (!parser->is_ascii && !csv_decode(&run->decoder, parser->cells, parser->count, &bad)) {
        (void)snprintf(reason, sizeof reason, "holds bytes that are not %s", encoding_name(run));
        return out->reject(out, parser->record_line, run->names[bad], NULL, 0, reason);
    }
    for (uint32_t i = 0; has_null_text && i < parser->count; i++)
        if (is_null(run->csv, &parser->cells[i]))
            parser->cells[i] = (tend_cell){ .text = "", .length = 0 };
    run->delivered++;
    return out->record(out, parser->cells, parser->count, parser->record_line, TEND_NO_TIME);
}

/* "1 size modified offset line records": where the next record begins. A file that has changed since is read from the start. */
static tend_status put_checkpoint(csv_run *run)
{
    char bookmark[140];
    int length = snprintf(bookmark, sizeof bookmark, "1 %llu %llu %llu %llu %llu", (unsigned long long)run->input.size,
                          (unsigned long long)run->input.modified_ns, (unsigned long long)(run->input.offset + run->input.start),
                          (unsigned long long)run->parser.line, (unsigned long long)run->records);

    return run->out->checkpoint(run->out, bookmark, (size_t)length);
}

static tend_status resume(csv_run *run, tend_error *reterr)
{
    unsigned long long size, modified, offset, line, records;
    bool has_record = true;
    tend_status status = TEND_OK;

    if (!run->request->bookmark)
        return TEND_OK;
    if (sscanf(run->request->bookmark, "1 %llu %llu %llu %llu %llu", &size, &modified, &offset, &line, &records) != 5 ||
        size != run->input.size || modified != run->input.modified_ns) {
        run->csv->host->log(run->csv->host, TEND_LEVEL_INFO, "the file has changed since the last pull: it is read from its start");
        return TEND_OK;
    }
    if (!run->input.is_gzip && !run->input.is_utf16) {
        status = csv_input_seek(&run->input, offset, reterr);
        run->parser.line = line;
        run->records = records;
        return status;
    }
    run->records = run->csv->has_header || records == 0 ? 0 : 1; /* that one counted the columns */
    while (status == TEND_OK && has_record && run->records < records) {
        status = csv_parser_next(&run->parser, &has_record, reterr);
        run->records += has_record;
    }
    return status;
}

static tend_status put_records(csv_run *run, tend_error *reterr)
{
    const csv_source *csv = run->csv;
    const bool has_null_text = csv->host->setting_at(csv->host, "null_text", 0) != NULL;
    uint64_t since = 0;
    bool has_record = true;
    tend_status status = TEND_OK;

    /* Without a header the record that counted the columns is the first one. */
    if (!csv->has_header && run->records == 0) {
        status = put_record(run, has_null_text);
        since = 1;
    }
    while (status == TEND_OK && (run->request->limit == 0 || run->delivered < run->request->limit)) {
        status = csv_parser_next(&run->parser, &has_record, reterr);
        if (status < 0)
            return status;
        if (!has_record)
            return put_checkpoint(run);
        status = put_record(run, has_null_text);
        if (++since % LOOK_EVERY == 0 && csv->host->is_cancelled(csv->host))
            return tend_fail(reterr, TEND_ELIMIT, "%s: told to stop", run->input.path);
        if (status == TEND_OK && since % CHECKPOINT_EVERY == 0)
            status = put_checkpoint(run);
    }
    return status;
}

static tend_status read_file(csv_run *run, const csv_file *file, tend_error *reterr)
{
    csv_source *csv = run->csv;
    bool is_empty = false, is_tsv = strstr(file->name, ".tsv") != NULL;
    tend_status status = csv_input_open(&run->input, csv->host, file->path, csv->encoding, reterr);

    if (status == TEND_OK)
        status = csv_decoder_open(&run->decoder, run->input.encoding, reterr);
    if (status == TEND_OK)
        status = check_line_ends(run, reterr);
    run->parser = (csv_parser){
        .input = &run->input,
        .delimiter = csv->delimiter,
        .quote = csv->quote,
        .has_quote = csv->has_quote,
        .max_field = csv->max_field,
        .line = 1,
    };
    if (csv->delimiter == '\0')
        run->parser.delimiter = is_tsv ? '\t' : ',';
    for (uint64_t i = 0; status == TEND_OK && i < csv->skip_lines; i++)
        status = csv_parser_skip_line(&run->parser, reterr);
    if (status == TEND_OK)
        status = read_header(run, &is_empty, reterr);
    if (status == TEND_OK && is_empty)
        return tend_fail(reterr, TEND_EINVAL, "%s: it is empty; not even a header stands in it", file->path);
    if (status == TEND_OK)
        status = resume(run, reterr);
    return status == TEND_OK ? put_records(run, reterr) : status;
}

static tend_status csv_pull(void *self, const tend_pull *request, tend_record_out *out, tend_error *reterr)
{
    csv_run run = { .csv = self, .request = request, .out = out, .input = { .fd = -1, .decode = (iconv_t)-1 } };
    csv_files files = { 0 };
    const csv_file *file = NULL;
    tend_status status = csv_files_list(run.csv->host, &files, reterr);

    run.decoder.decode = (iconv_t)-1;
    for (size_t i = 0; i < files.count; i++)
        if (strcmp(files.files[i].name, request->stream) == 0)
            file = &files.files[i];
    if (status == TEND_OK && !file)
        status = tend_fail(reterr, TEND_ENOTFOUND, "csv: there is no file %s in what `path` names", request->stream);
    if (status == TEND_OK)
        status = read_file(&run, file, reterr);
    for (uint32_t i = 0; i < run.name_count; i++)
        free(run.names[i]);
    free(run.names);
    csv_parser_clear(&run.parser);
    csv_input_close(&run.input);
    csv_decoder_close(&run.decoder);
    csv_files_clear(&files);
    return status;
}

static void csv_close(void *self)
{
    free(self);
}

static const tend_connector_ops ops = { .size = sizeof ops, .streams = csv_streams, .pull = csv_pull };
static const tend_capability capabilities[] = {
    { TEND_CONNECTOR, "csv", "records from CSV files, one stream for each file", &ops },
    { 0 },
};
TEND_PLUGIN(csv, "1.0.0", TEND_PROVIDES_CONNECTOR, TEND_NEEDS_FILES, .summary = "CSV files", .settings = settings,
            .capabilities = capabilities, .open = csv_open, .close = csv_close)
