/* commands.h: the functions behind the command table, and what several of them share. */
#ifndef TEND_CLI_COMMANDS_H
#define TEND_CLI_COMMANDS_H

#include "base/near.h"
#include "cli/session.h"
#include "query/query.h"

tend_status tend_cli_account_duplicates(tend_session *session, tend_error *reterr);
tend_status tend_cli_account_erase(tend_session *session, tend_error *reterr);
tend_status tend_cli_account_export(tend_session *session, tend_error *reterr);
tend_status tend_cli_account_merge(tend_session *session, tend_error *reterr);
tend_status tend_cli_account_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_account_timeline(tend_session *session, tend_error *reterr);
tend_status tend_cli_account_tree(tend_session *session, tend_error *reterr);
tend_status tend_cli_account_unmerge(tend_session *session, tend_error *reterr);
tend_status tend_cli_add(tend_session *session, tend_error *reterr);
tend_status tend_cli_answer(tend_session *session, tend_error *reterr);
tend_status tend_cli_approve(tend_session *session, tend_error *reterr);
tend_status tend_cli_batches(tend_session *session, tend_error *reterr);
tend_status tend_cli_completion(tend_session *session, tend_error *reterr);
tend_status tend_cli_config_check(tend_session *session, tend_error *reterr);
tend_status tend_cli_config_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_config_template(tend_session *session, tend_error *reterr);
tend_status tend_cli_decline(tend_session *session, tend_error *reterr);
tend_status tend_cli_delegate(tend_session *session, tend_error *reterr);
tend_status tend_cli_event_send(tend_session *session, tend_error *reterr);
tend_status tend_cli_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_log(tend_session *session, tend_error *reterr);
tend_status tend_cli_man(tend_session *session, tend_error *reterr);
tend_status tend_cli_help(tend_session *session, tend_error *reterr);
tend_status tend_cli_version(tend_session *session, tend_error *reterr);
tend_status tend_cli_outbox_drop(tend_session *session, tend_error *reterr);
/* A section whose titles are said in the reader's language, as those of queries are. */
tend_status tend_cli_section(tend_session *session, const char *key, const char *title, const tend_heading *headings, int count,
                             bool is_single, tend_error *reterr);
/* One line to standard output, in the reader's language where query/sentences.c has it. */
TEND_PRINTF(2, 3) void tend_cli_tell(tend_session *session, const char *format, ...);
/* Of a dry run: marks how far runs are; later lets the playbooks work on the copy until they rest, and shows what `playbook` then
 * asks for. Both do nothing when it is none. */
tend_status tend_cli_requests_settle(tend_session *session, tend_error *reterr);
tend_status tend_cli_requests_mark(tend_session *session, tend_error *reterr);
tend_status tend_cli_requests_show(tend_session *session, const char *playbook, tend_error *reterr);
/* Notes how many messages wait because no sink takes their channel. */
tend_status tend_cli_note_unsent(tend_session *session, tend_result *result, tend_error *reterr);
tend_status tend_cli_outbox_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_outbox_release(tend_session *session, tend_error *reterr);
tend_status tend_cli_rejects_drop(tend_session *session, tend_error *reterr);
tend_status tend_cli_rejects_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_report_account(tend_session *session, tend_error *reterr);
tend_status tend_cli_report_portfolio(tend_session *session, tend_error *reterr);
tend_status tend_cli_segment_diff(tend_session *session, tend_error *reterr);
tend_status tend_cli_calendar_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_calendar_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_calendar_day(tend_session *session, tend_error *reterr);
tend_status tend_cli_calendar_count(tend_session *session, tend_error *reterr);
tend_status tend_cli_segment_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_segment_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_set(tend_session *session, tend_error *reterr);
tend_status tend_cli_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_task_add(tend_session *session, tend_error *reterr);
tend_status tend_cli_task_assign(tend_session *session, tend_error *reterr);
tend_status tend_cli_task_done(tend_session *session, tend_error *reterr);
tend_status tend_cli_task_answer(tend_session *session, tend_error *reterr);
tend_status tend_cli_task_snooze(tend_session *session, tend_error *reterr);
tend_status tend_cli_today(tend_session *session, tend_error *reterr);
tend_status tend_cli_user_add(tend_session *session, tend_error *reterr);
tend_status tend_cli_user_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_user_retire(tend_session *session, tend_error *reterr);
tend_status tend_cli_user_set(tend_session *session, tend_error *reterr);
tend_status tend_cli_undo(tend_session *session, tend_error *reterr);

tend_status tend_cli_init(tend_session *session, tend_error *reterr);
tend_status tend_cli_backup(tend_session *session, tend_error *reterr);
tend_status tend_cli_restore(tend_session *session, tend_error *reterr);
tend_status tend_cli_plugin_columns(tend_session *session, tend_error *reterr);
tend_status tend_cli_plugin_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_plugin_release(tend_session *session, tend_error *reterr);
tend_status tend_cli_plugin_new(tend_session *session, tend_error *reterr);
tend_status tend_cli_plugin_check(tend_session *session, tend_error *reterr);
tend_status tend_cli_plugin_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_import(tend_session *session, tend_error *reterr);
tend_status tend_cli_mapping_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_mapping_new(tend_session *session, tend_error *reterr);
tend_status tend_cli_sync(tend_session *session, tend_error *reterr);
tend_status tend_cli_kpi_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_kpi_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_kpi_explain(tend_session *session, tend_error *reterr);
tend_status tend_cli_health_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_health_explain(tend_session *session, tend_error *reterr);
tend_status tend_cli_price_quote(tend_session *session, tend_error *reterr);
tend_status tend_cli_price_explain(tend_session *session, tend_error *reterr);
tend_status tend_cli_price_compare(tend_session *session, tend_error *reterr);
tend_status tend_cli_price_check(tend_session *session, tend_error *reterr);
tend_status tend_cli_price_rules(tend_session *session, tend_error *reterr);
tend_status tend_cli_price_standing(tend_session *session, tend_error *reterr);
tend_status tend_cli_serve(tend_session *session, tend_error *reterr);
tend_status tend_cli_once(tend_session *session, tend_error *reterr);
tend_status tend_cli_simulate(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_list(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_runs(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_show(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_why(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_check(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_test(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_new(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_diff(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_types(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_settings(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_graph(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_drop(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_release(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_start(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_fork(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_retry(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_upgrade(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_cancel(tend_session *session, tend_error *reterr);
tend_status tend_cli_playbook_backtest(tend_session *session, tend_error *reterr);
tend_status tend_cli_kpi_refresh(tend_session *session, tend_error *reterr);
tend_status tend_cli_status(tend_session *session, tend_error *reterr);
tend_status tend_cli_doctor(tend_session *session, tend_error *reterr);
tend_status tend_cli_handover(tend_session *session, tend_error *reterr);
/* A kind by name, or a sentence with the nearest. */
tend_status tend_cli_kind(tend_session *session, const char *name, const tend_kind_schema **ret_kind, tend_error *reterr);
/* What queries of this session read: world by --as-of and --known-at, principal, segments, rates. */
/* The query, and where its answer goes. */
tend_status tend_cli_begin(tend_session *session, tend_query *ret_query, tend_result **ret_result, tend_error *reterr);
/* What is computed of accounts for the reader: the reasons of their health, numbers of other days. */
tend_status tend_cli_with_health(tend_session *session, tend_query *query, tend_error *reterr);
tend_status tend_cli_query(tend_session *session, tend_query *ret_query, tend_error *reterr);
/* The same over another workspace, such as a simulation's copy: its live world. */
tend_status tend_cli_query_over(tend_session *session, tend_workspace *workspace, tend_query *ret_query, tend_error *reterr);
/* Ids of the rows that a filter finds. From the session's arena. */
typedef struct tend_cli_ids {
    int64_t *rows;
    int count;
} tend_cli_ids;
tend_status tend_cli_matching(tend_session *session, const tend_query *query, tend_kind kind, const char *where,
                              tend_cli_ids *ret_ids, tend_error *reterr);
/* "12 of 40 contracts changed (batch 7)". */
tend_status tend_cli_tell_batch(tend_session *session, const char *what, int count, int changed, int64_t batch, tend_error *reterr);

#endif
