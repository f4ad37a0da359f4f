/* commands_table.c: every command, in the order help shows them. */
#include "cli/command.h"
#include "cli/commands.h"

#define OPTIONS(...)              \
    (const tend_command_option[]) \
    {                             \
        __VA_ARGS__,              \
        {                         \
            NULL, NULL, NULL      \
        }                         \
    }
#define FILTER                                                                                                        \
    {                                                                                                                 \
        "where", "FILTER", "only rows that meet FILTER, such as 'region = EMEA and arr >= 500k EUR' (docs/filter.md)" \
    }
#define ACCOUNT                                      \
    {                                                \
        "account", "ACCOUNT", "of this account only" \
    }
#define FROM                                                                             \
    {                                                                                    \
        "from", "DATE", "first day of the period; default: [kpi] period before its last" \
    }
#define QUOTE_ON                                          \
    {                                                     \
        "on", "DATE", "the day it is for; default: today" \
    }
#define QUOTE_CURRENCY                              \
    {                                               \
        "currency", "CODE", "currency of the quote" \
    }
#define QUOTE_TERM                                             \
    {                                                          \
        "term", "MONTHS", "months that the contract would run" \
    }
#define BY_HAND (TEND_COMMAND_WRITES | TEND_COMMAND_SHARES)
#define LIMIT                          \
    {                                  \
        "limit", "N", "at most N rows" \
    }

const tend_command tend_commands[] = {
    { "today", NULL, "what to do now, most important first, with the reason and the money at stake",
      "Tasks, renewals, overdue touches, red flags, approvals and mentions in one ranked list.\nWith --user NAME: that "
      "colleague's; with --team also that of all who report to NAME, directly or through others.",
      OPTIONS(LIMIT, { "team", NULL, "with everybody who reports to --user" }), 0, 0, TEND_COMMAND_READS, tend_cli_today },
    { "list", "KIND", "rows of a kind: accounts, contacts, contracts, tasks, …", NULL,
      OPTIONS(FILTER, { "sort", "FIELD", "by this field, or for accounts by a KPI (arr, health …); -FIELD for descending" },
              { "fields", "A,B,…", "these fields, for accounts also KPIs (arr, health, nrr …); all for every field" }, LIMIT,
              { "offset", "N", "leave out the first N" }),
      1, 1, TEND_COMMAND_READS, tend_cli_list },
    { "show", "KIND ROW", "one row: every field, where it is known from, and its changes",
      "ROW is a name, #ID or an id of a source.", NULL, 2, 2, TEND_COMMAND_READS, tend_cli_show },
    { "add", "KIND field=value…", "a new row by hand",
      "References are given by name, #ID or a source's id; dates may be today, +30d, -1m.", NULL, 2, -1, BY_HAND, tend_cli_add },
    { "set", "KIND ROW… field=value… | --where FILTER field=value…", "change fields of rows",
      "An empty value (field=) makes it unknown.", OPTIONS(FILTER), 2, -1, BY_HAND, tend_cli_set },
    { "log", "call|meeting|mail|visit|chat|training|workshop|review|other|note ACCOUNT TEXT [field=value…]",
      "write down what happened",
      "In a note, @name tells that colleague; a name of several words is @\"Luc Martin\" or @Luc.Martin.",
      OPTIONS({ "at", "DATE", "when it happened; default: now" }), 3, -1, BY_HAND, tend_cli_log },
    { "task add", "ACCOUNT TITLE [field=value…]", "a task by hand", NULL, NULL, 2, -1, BY_HAND, tend_cli_task_add },
    { "task done", "TASK…", "a task is done", NULL, OPTIONS({ "outcome", "TEXT", "what came of it" }), 1, -1, BY_HAND,
      tend_cli_task_done },
    { "task answer", "TASK CHOICE", "answer a question that a playbook asks", NULL, NULL, 2, 2, BY_HAND, tend_cli_task_answer },
    { "task snooze", "TASK --until DATE", "out of sight until a day", NULL, OPTIONS({ "until", "DATE", "the day it comes back" }),
      1, 1, BY_HAND, tend_cli_task_snooze },
    { "task assign", "TASK USER", "give a task to a colleague", NULL, NULL, 2, 2, BY_HAND, tend_cli_task_assign },
    { "answer", "nps|csat|ces ACCOUNT SCORE [field=value…]", "a customer's answer to a survey", NULL, NULL, 3, -1, BY_HAND,
      tend_cli_answer },
    { "approve", "APPROVAL", "say yes to what was asked", NULL, OPTIONS({ "comment", "TEXT", "why" }), 1, 1, BY_HAND,
      tend_cli_approve },
    { "decline", "APPROVAL", "say no to what was asked", NULL, OPTIONS({ "comment", "TEXT", "why" }), 1, 1, BY_HAND,
      tend_cli_decline },
    { "delegate", "APPROVAL USER", "have somebody else decide what was asked of you", NULL, NULL, 2, 2, BY_HAND,
      tend_cli_delegate },
    { "undo", "BATCH", "take back what an import or a command wrote", "Fields changed since are left alone and listed.", NULL, 1, 1,
      BY_HAND, tend_cli_undo },
    { "batches", NULL, "what was written, newest first", NULL, OPTIONS(LIMIT), 0, 0, TEND_COMMAND_READS, tend_cli_batches },
    { "account show", "ACCOUNT", "an account: stage, owners, health and why, money, people, work, timeline", NULL, NULL, 1, 1,
      TEND_COMMAND_READS, tend_cli_account_show },
    { "account timeline", "ACCOUNT", "all that happened, newest first", NULL, OPTIONS(LIMIT), 1, 1, TEND_COMMAND_READS,
      tend_cli_account_timeline },
    { "account tree", "ACCOUNT", "the accounts above and below it", NULL, NULL, 1, 1, TEND_COMMAND_READS, tend_cli_account_tree },
    { "account duplicates", NULL, "pairs of accounts that look alike", NULL, NULL, 0, 0, TEND_COMMAND_READS,
      tend_cli_account_duplicates },
    { "segment list", NULL, "segments and how many accounts are in each", NULL, NULL, 0, 0, TEND_COMMAND_READS,
      tend_cli_segment_list },
    { "segment show", "SEGMENT", "the accounts of a segment; with --as-of those of that day",
      "Who was in it is computed from the history of the accounts, by the definition that stands today.", NULL, 1, 1,
      TEND_COMMAND_READS, tend_cli_segment_show },
    { "segment diff", "SEGMENT FROM [TO]", "who entered and who left between two days, when, and which comparison moved them",
      "    tend segment diff key_accounts -90d\nWith --known-at: as it was known then.", NULL, 2, 3, TEND_COMMAND_READS,
      tend_cli_segment_diff },
    { "calendar list", NULL, "who works when: calendars, and the lists of holidays they can name", NULL, NULL, 0, 0,
      TEND_COMMAND_READS, tend_cli_calendar_list },
    { "calendar show", "NAME", "the holidays and exceptions of a calendar, or of a list of holidays",
      "    tend calendar show korea\n    tend calendar show de-by --from 2027-01-01",
      OPTIONS({ "from", "DATE", "first day; default: today" }, { "to", "DATE", "last day; default: a year later" }), 1, 1,
      TEND_COMMAND_READS, tend_cli_calendar_show },
    { "calendar day", "DATE [ACCOUNT…]", "who works on a day, and why not: the company, every calendar, these accounts",
      "    tend calendar day 2026-02-17 Acme", OPTIONS({ "for", "USER", "this colleague as well; may come several times" }), 1, -1,
      TEND_COMMAND_READS, tend_cli_calendar_day },
    { "calendar count", "DATE DAYS", "the day that is so many working days later, and why each day between counts or not",
      "    tend calendar count 2026-02-12 3 --account Acme\nA negative number goes back, with -- before it. With an account it "
      "counts "
      "days of both, as\n{ business_days = 3, of = \"both\" } in a playbook.",
      OPTIONS({ "of", "WHOM", "us, customer or both" }, { "account", "ACCOUNT", "the customer" },
              { "for", "USER", "ours: the calendar of this colleague; default: the company's" }),
      2, 2, TEND_COMMAND_READS, tend_cli_calendar_count },
    { "kpi list", NULL, "the KPIs there are, with formula and source", NULL, NULL, 0, 0, TEND_COMMAND_READS, tend_cli_kpi_list },
    { "kpi show", "KPI", "a KPI's value: numerator, denominator, interval", "With --as-of the period ends on that day.",
      OPTIONS(ACCOUNT, FROM), 1, 1, TEND_COMMAND_READS, tend_cli_kpi_show },
    { "kpi explain", "KPI", "the facts a value is made of; they add up to the last unit", NULL, OPTIONS(ACCOUNT, FROM), 1, 1,
      TEND_COMMAND_READS, tend_cli_kpi_explain },
    { "kpi refresh", NULL, "compute what has changed, and publish it", NULL,
      OPTIONS({ "all", NULL, "every account, as on a new day" }), 0, 0, TEND_COMMAND_WRITES, tend_cli_kpi_refresh },
    { "price quote", "ACCOUNT PRODUCT=QUANTITY…", "what it costs: list price, then each step with its rule and reason",
      "PRODUCT=QUANTITY:UNIT when a product has prices for several units.\nThe currency is the account's; prices in others are "
      "converted by the rates of the quote's day.",
      OPTIONS(QUOTE_ON, QUOTE_CURRENCY, QUOTE_TERM), 2, -1, TEND_COMMAND_READS, tend_cli_price_quote },
    { "price explain", "ACCOUNT [PRODUCT=QUANTITY…]",
      "the same, with benefits, the next thresholds and what a line costs there, and the numbers that rules asked for",
      "Without products: what the account is entitled to.", OPTIONS(QUOTE_ON, QUOTE_CURRENCY, QUOTE_TERM), 1, -1,
      TEND_COMMAND_READS, tend_cli_price_explain },
    { "price compare", "ACCOUNT PRODUCT=QUANTITY…", "contracts of different length side by side: cost, present value, margin",
      "What is quoted is one year's. A contract keeps its price to its end; the next is quoted on its own first day.\nPayments "
      "come at "
      "the end of each year. The margin needs the products' unit_cost.",
      OPTIONS({ "terms", "MONTHS,…", "contracts to compare; default: 12,36" },
              { "years", "N", "years to look at; default: of the longest contract" },
              { "rate", "PERCENT", "our discount rate a year; default: 8" },
              { "their-rate", "PERCENT", "the customer's; default: ours" }, QUOTE_ON, QUOTE_CURRENCY),
      2, -1, TEND_COMMAND_READS, tend_cli_price_compare },
    { "price standing", "[ACCOUNT…]", "what accounts are entitled to: tier, discount, support class, …",
      "With --then: only what differs between the two days, such as when a tier is taken away.",
      OPTIONS(QUOTE_ON, { "then", "DATE", "another day to compare with" }, FILTER), 0, -1, TEND_COMMAND_READS,
      tend_cli_price_standing },
    { "price rules", NULL, "the rules in order of precedence: whom, what and when they fit", NULL, OPTIONS(QUOTE_ON), 0, 0,
      TEND_COMMAND_READS, tend_cli_price_rules },
    { "price check", NULL, "what is wrong with the rules: cliffs, contradictions, shadows, gaps, rules that never apply",
      "Ends with 1 when something is found.", OPTIONS(QUOTE_ON), 0, 0, TEND_COMMAND_READS, tend_cli_price_check },
    { "health show", NULL, "health of all accounts, worst first", NULL, OPTIONS(LIMIT), 0, 0, TEND_COMMAND_READS,
      tend_cli_health_show },
    { "health explain", "ACCOUNT", "which measures make an account's health; they add up exactly", NULL, NULL, 1, 1,
      TEND_COMMAND_READS, tend_cli_health_explain },
    { "report portfolio", "[--html FILE]", "the book: health, risk, renewals, open work", NULL,
      OPTIONS({ "html", "FILE", "one self-contained page with charts" }, { "days", "N", "renewals of the next N days; default 90" },
              { "owner", "USER", "the accounts that this colleague looks after" }),
      0, 0, TEND_COMMAND_READS, tend_cli_report_portfolio },
    { "report account", "ACCOUNT [--html FILE]", "one account as a page", NULL,
      OPTIONS({ "html", "FILE", "one self-contained page with charts" }), 1, 1, TEND_COMMAND_READS, tend_cli_report_account },
    { "import", "--mapping M|--source S FILE…", "read files into the model",
      "A folder stands for those of its files that the mapping reads. Every record is checked first. Report: read = good + "
      "rejected; good = created + updated + unchanged, when something was stored.",
      OPTIONS({ "mapping", "M", "how columns become fields: a name (tend mapping list) or a file (docs/mapping.md)" },
              { "source", "S", "the files hold records of this configured source, such as its mended rejects" },
              { "keep-good", NULL, "store the good records although others are rejected" },
              { "history", NULL, "the past: starts no playbook" },
              { "notes", "N", "show at most N rejects and remarks; 0 for all; default 20" }),
      1, -1, TEND_COMMAND_WRITES, tend_cli_import },
    { "playbook list", NULL, "playbooks and what they have done so far", NULL, NULL, 0, 0, TEND_COMMAND_READS,
      tend_cli_playbook_list },
    { "playbook check", "PLAYBOOK|FILE…", "every fault of a script with file and line; exit status 1 when there are any",
      "Without a workspace too: then segments, channels, KPIs that are read and other playbooks are not looked for.", NULL, 1, -1,
      TEND_COMMAND_PLAIN, tend_cli_playbook_check },
    { "playbook test", "[PLAYBOOK|FILE|FOLDER…]", "run the tests of playbooks; exit status 1 when one fails",
      "Files of tests are called NAME_test.lua and stand beside NAME.lua, or anywhere below the folder that holds playbooks/. Each "
      "test\nplays in a world of its own, with the real engine and a clock that it moves; nothing leaves it (docs/playbooks.md).\n"
      "The name of a playbook stands for the tests beside it. Without a word: those of the workspace, else those of this folder.",
      OPTIONS({ "filter", "TEXT", "only tests with this in their name" },
              { "format", "FORMAT", "text, tap or junit; text when not given" },
              { "coverage", NULL, "which branches of the scripts were gone, and which not" },
              { "coverage-at-least", "N", "exit status 1 when a file has less than N percent of its branches gone" },
              { "update", NULL, "write the traces that tests expect, instead of comparing them" }),
      0, -1, TEND_COMMAND_PLAIN, tend_cli_playbook_test },
    { "playbook new", "NAME", "begin a playbook of your own: one that works, with its test",
      "The script, its tests and its section in the workspace's playbooks/PACK and tend.d. It starts nothing until its section "
      "says "
      "so.\ndocs/playbooks.md walks through it.",
      OPTIONS({ "pack", "PACK", "the folder below playbooks/; own when not given" }), 1, 1, TEND_COMMAND_PLAIN,
      tend_cli_playbook_new },
    { "playbook settings", "PLAYBOOK|FILE", "what can be set of a playbook: defaults, units, meaning, and what is in force",
      "The keys of its section [playbook.NAME]: those that its script declares, then those that every playbook has.", NULL, 1, 1,
      TEND_COMMAND_PLAIN, tend_cli_playbook_settings },
    { "playbook graph", "PLAYBOOK|FILE", "what starts a playbook, its steps, waits and branches",
      "As text, for Mermaid, or as a picture: tend playbook graph renewal --format svg > renewal.svg",
      OPTIONS({ "format", "FORMAT", "text, mermaid or svg; text when not given" }), 1, 1, TEND_COMMAND_PLAIN,
      tend_cli_playbook_graph },
    { "playbook diff", "PLAYBOOK | WAS NOW", "how two versions of a playbook differ, and which runs at work fit the new one",
      "PLAYBOOK alone: its script and settings as they stand, beside those that work. WAS and NOW: two files.\n"
      "Steps are found by verb and name: added, removed, changed, renamed, moved. A run fits when the new script asks for the same "
      "steps\nin the same order up to where the run stands. Exit status 1 when they differ.",
      OPTIONS({ "against", "VERSION", "an earlier version instead: the beginning of its hash, as playbook show RUN has it" }), 1, 2,
      TEND_COMMAND_PLAIN, tend_cli_playbook_diff },
    { "playbook types", NULL, "annotations for editors: every kind of row with its fields",
      "For the Lua language server, with the fields of the workspace: tend playbook types > types/fields.lua. What playbooks and "
      "tests "
      "can call\ncomes with tend: scripts/types/tend.lua and test.lua; luacheckrc beside them is a standard for luacheck.",
      NULL, 0, 0, TEND_COMMAND_PLAIN, tend_cli_playbook_types },
    { "playbook runs", "[PLAYBOOK]", "runs, newest first", NULL,
      OPTIONS(ACCOUNT, { "state", "STATE", "running, waiting, held, stopping, stopped or ended" }, LIMIT), 0, 1, TEND_COMMAND_READS,
      tend_cli_playbook_runs },
    { "playbook show", "RUN", "one run: every step, its answer, the script it is pinned to", NULL, NULL, 1, 1, TEND_COMMAND_READS,
      tend_cli_playbook_show },
    { "playbook why", "PLAYBOOK ACCOUNT", "what became of an account at a playbook, and which field decided",
      "For each row that the playbook could be about: ran, filtered, waiting for its day and so on, with the fields that decided,\n"
      "their values then and what was wanted. With --at DATE: on that day, by the condition that was in force.",
      OPTIONS({ "at", "DATE", "what happened on this day" }, LIMIT), 2, 2, TEND_COMMAND_READS, tend_cli_playbook_why },
    { "playbook backtest", "PLAYBOOK|FILE --from DATE --to DATE",
      "what a playbook would have done over stored history, and how well",
      "History is told to it again as it became known, on a private store, by the real triggers and runs: nothing known later has "
      "any\ninfluence, nothing is sent, nothing in the workspace changes. Runs are held against what became of their accounts 30, "
      "60, "
      "90\nand 180 days later. --outcome: churned (recurring money ended, as the retention KPIs count it); KIND.WORD such as "
      "churn.created\nor contract.cancelled; or a filter over accounts that comes to be met: 'stage = former'. docs/backtest.md.",
      OPTIONS({ "from", "DATE", "first day: 2024-01-01, -2y" }, { "to", "DATE", "last day" },
              { "against", "VERSION|FILE", "compare with another version: its hash as playbook show has it, or a file" },
              { "outcome", "WHAT", "what it should have warned of; default churned" },
              { "answers", "on-time|never", "what people do where history does not say; default on-time" }, LIMIT),
      1, 1, TEND_COMMAND_READS | TEND_COMMAND_ALONE, tend_cli_playbook_backtest },
    { "playbook start", "PLAYBOOK ROW…", "have a playbook begin on rows of its subject, whatever its condition says",
      "ROW is an account for a playbook about accounts, a contract for one about contracts. One run is at work on a row at a time.",
      OPTIONS({ "reason", "TEXT", "why" }), 2, -1, BY_HAND, tend_cli_playbook_start },
    { "playbook release", "PLAYBOOK", "let go on what a limit holds, or start what was left out",
      "First the runs that are held because the playbook did more than [playbooks] most_effects, the oldest first. Without such "
      "runs the rows that were left out when the playbook was new: those that met its condition already, or those whose day to "
      "start had passed, the nearest dates first. Of a playbook that begins 90 days before a date those with 45 days or more to "
      "go; the others are counted.",
      OPTIONS({ "limit", "N", "at most so many of them; without it all" },
              { "late", NULL, "of a date those with less than half of the days to go, too" }),
      1, 1, TEND_COMMAND_WRITES, tend_cli_playbook_release },
    { "playbook drop", "PLAYBOOK", "end the runs that a limit holds, or leave out for good what was left out",
      "What such a run was about to do is not done; tasks that it opened before stay.",
      OPTIONS({ "limit", "N", "at most so many of them, the oldest first; without it all" },
              { "reason", "TEXT", "why, kept with the runs" }),
      1, 1, TEND_COMMAND_WRITES, tend_cli_playbook_drop },
    { "playbook retry", "RUN", "a held run is tried again", "It goes on with the script and the settings that it began with.",
      OPTIONS({ "with-current-script", NULL, "go on with the script as it is now, where what the run has done fits" }), 1, 1,
      TEND_COMMAND_WRITES, tend_cli_playbook_retry },
    { "playbook upgrade", "RUN|PLAYBOOK [--yes]",
      "waiting runs go on with another version of their script, where what they have done fits",
      "Without --yes it only shows which runs could go over: each journal is tried. Those that do not fit stay as they are and say "
      "why:\nexit status 1.",
      OPTIONS({ "to", "VERSION", "the beginning of its hash, as tend playbook show has it; without it the version at work" },
              { "yes", NULL, "do it, for those that fit" }),
      1, 1, TEND_COMMAND_WRITES, tend_cli_playbook_upgrade },
    { "playbook fork", "RUN", "what a run would do from one of its steps on, with another answer or the script as it is now",
      "On a private copy: nothing of it stays. The run stands again where it was before STEP, or behind it with the answer given, "
      "and "
      "goes on as of now.\n    tend playbook fork 12 --from decide --answer choice=no --what-if",
      OPTIONS(
          { "from", "STEP", "the step, as tend playbook show RUN has it" },
          { "answer", "KEY=VALUE,…", "its answer: approved, cancelled, choice, comment, done, event, outcome, timed_out, which" },
          { "with-current-script", NULL, "with the script as it is now, where what was done before fits" },
          { "what-if", NULL, "says that it is a question: there is no other way" }),
      1, 1, TEND_COMMAND_WRITES, tend_cli_playbook_fork },
    { "playbook cancel", "RUN", "end a run by hand", NULL, OPTIONS({ "reason", "TEXT", "why" }), 1, 1, TEND_COMMAND_WRITES,
      tend_cli_playbook_cancel },
    { "event send", "TOPIC KIND=ROW [reason=TEXT]", "tell the playbooks that something happened",
      "TOPIC is KIND.STATUS, such as contract.cancelled, about a row of that kind, or custom.NAME, which a playbook at work names, "
      "about any row.\nThe row is not changed: tend set does that, and tells it too (docs/playbooks.md).",
      NULL, 2, -1, BY_HAND, tend_cli_event_send },
    { "once", NULL, "do everything that is due, and end (for cron)",
      "--dry-run works on a private copy, calls neither sources nor sinks, and shows which runs would begin or move on and what "
      "each "
      "would ask for.",
      OPTIONS({ "limit", "N", "of a dry run: at most N requests; 0: all" }), 0, 0, TEND_COMMAND_WRITES, tend_cli_once },
    { "serve", NULL, "the engine in the foreground (for systemd)",
      "Works until SIGTERM; SIGHUP reads the configuration again, and keeps the old one when the new has a fault.\nAfter [daemon] "
      "safe_after starts without a clean stop it starts in safe mode: it serves people, and starts no plugin and no playbook; "
      "what is due is done later. SIGHUP ends that, too.",
      OPTIONS({ "normal", NULL, "end safe mode: what crashed the engine is mended" }), 0, 0,
      TEND_COMMAND_WRITES | TEND_COMMAND_ALONE, tend_cli_serve },
    { "simulate", "--until DATE", "what the playbooks would do until a day, on a private copy",
      "A clock of its own moves from due date to due date; sinks and connectors are not called, the live store is not touched.\nIn "
      "a "
      "workspace made with tend init --simulated it moves the workspace's own clock, and what was done stays.",
      OPTIONS({ "until", "DATE", "last day: 2027-03-01, +3m" }, LIMIT), 0, 0, TEND_COMMAND_READS | TEND_COMMAND_ALONE,
      tend_cli_simulate },
    { "mapping list", NULL, "the mappings of the workspace and those that came with tend", NULL, NULL, 0, 0,
      TEND_COMMAND_READS | TEND_COMMAND_ALONE, tend_cli_mapping_list },
    { "mapping new", "FILE…", "propose a mapping for files that have none",
      "The mapping goes to standard output, with the reason and up to three alternatives for each choice; it is tried\non a "
      "private "
      "copy, and what came of that goes to standard error.\n    tend mapping new accounts.csv > mappings/crm.ini",
      OPTIONS({ "source", "NAME", "whose external ids these are; default: after the first file" }), 1, -1,
      TEND_COMMAND_READS | TEND_COMMAND_ALONE, tend_cli_mapping_new },
    { "sync", "[SOURCE…]", "read the configured sources: all that are enabled, or those named",
      "Goes on where the last sync ended. Sources are sections [source.NAME] of tend.ini (docs/mapping.md). What is read anew and "
      "has not changed stays as it is.",
      OPTIONS({ "anew", NULL, "read the named sources from their beginning: after a change of the mapping, after undo" }), 0, -1,
      TEND_COMMAND_WRITES, tend_cli_sync },
    { "rejects list", "[SOURCE]", "records of sources that were rejected and have not come well since",
      "A source goes on behind what was rejected. Mend the file and import it with tend import --source SOURCE FILE, or correct "
      "the "
      "record at its source, so that it comes again.",
      OPTIONS(LIMIT), 0, 1, TEND_COMMAND_READS, tend_cli_rejects_list },
    { "rejects drop", "SOURCE [KEY…]", "do without rejected records: all of a source, or those named", NULL, NULL, 1, -1,
      TEND_COMMAND_WRITES, tend_cli_rejects_drop },
    { "status", NULL, "queues, the oldest that is due, sources, what needs somebody; exit status 1 when something does", NULL, NULL,
      0, 0, TEND_COMMAND_READS, tend_cli_status },
    { "doctor", NULL, "look whether everything is there and whole, and say what to do", NULL, NULL, 0, 0, TEND_COMMAND_OWN,
      tend_cli_doctor },
    { "handover", "--from USER --to USER --on DATE [--until DATE] [--account ACCOUNT] [--yes]",
      "a colleague's accounts, tasks and approvals go to another",
      "Without --yes it only shows what would change hands. On the day itself roles, open tasks, contracts,\nopportunities, "
      "tickets and "
      "approvals follow; days to come are carried out when the engine meets them. With --until exactly what went\ngoes back, as "
      "far as it is still with the one who took it.",
      OPTIONS({ "from", "USER", "who gives" }, { "to", "USER", "who takes" },
              { "on", "DATE", "first day of the new colleague; default today" },
              { "until", "DATE", "first day on which the one who gives has it again; default: for good" },
              { "account", "ACCOUNT", "only this account" }, { "reason", "TEXT", "why" }, { "yes", NULL, "do it" }),
      0, 0, BY_HAND, tend_cli_handover },
    { "account merge", "ACCOUNT --into ACCOUNT", "two accounts are one: read the first as the second",
      "Reversible: rows keep the account they came with.", OPTIONS({ "into", "ACCOUNT", "the account that stays" }), 1, 1, BY_HAND,
      tend_cli_account_merge },
    { "account unmerge", "ACCOUNT", "they are two after all", NULL, NULL, 1, 1, BY_HAND, tend_cli_account_unmerge },
    { "account export", "ACCOUNT | contact CONTACT", "all that is kept about an account or a person, as JSON",
      "Every row that refers to it with all versions, what was replaced, where it came from, what sources call it,\nwhat playbooks "
      "recorded and what was sent (GDPR articles 15 and 20).",
      OPTIONS({ "out", "FILE", "into a file that only you can read" },
              { "internal", NULL, "with what is meant for our eyes only: notes, stance, power …" }),
      1, 2, TEND_COMMAND_READS, tend_cli_account_export },
    { "account erase", "ACCOUNT | contact CONTACT [--yes]",
      "personal data gone for good: from rows, history, journals, messages, files",
      "Without --yes it only shows what would go. Figures, ties between rows and playbooks at work stay.\nA source that brings "
      "the record again does not bring the person back, and the report says so.",
      OPTIONS({ "yes", NULL, "do it; it cannot be undone" }), 1, 2, TEND_COMMAND_WRITES, tend_cli_account_erase },
    { "user list", NULL, "colleagues who work here", "--user NAME takes a name, an e-mail address or #ID of this list.",
      OPTIONS({ "all", NULL, "those who are retired as well" }), 0, 0, TEND_COMMAND_READS, tend_cli_user_list },
    { "user add", "NAME [field=value…]", "a new colleague",
      "    tend user add \"Ann Lee\" email=ann@our.example zone=Europe/Berlin language=en digest_hour=8 manager=\"Kim Minjun\"",
      NULL, 1, -1, BY_HAND, tend_cli_user_add },
    { "user set", "USER field=value…", "change a colleague: zone, language, digest_hour, absence, deputy …",
      "    tend user set \"Ann Lee\" absent_from=+7d absent_to=+21d deputy=\"Bo Chen\"", NULL, 2, -1, BY_HAND, tend_cli_user_set },
    { "user retire", "USER", "a colleague works here no more; exit status 1 when work is still in their name",
      "Names the open work and the command that hands it over.", NULL, 1, 1, BY_HAND, tend_cli_user_retire },
    { "init", "[--sample]", "make a workspace in the folder",
      "Where a tend.ini is already and no store yet, it stays as it is and gets its store.",
      OPTIONS({ "sample", NULL, "with a sample company: 200 accounts, 24 months" },
              { "anchor", "DATE", "the sample's today, and the day on which a simulated clock begins; default today" },
              { "name", "TEXT", "the company's name" }, { "zone", "ZONE", "its time zone" }, { "currency", "CODE", "its currency" },
              { "simulated", NULL, "with a clock of its own that tend simulate moves; it can never be made live" }),
      0, 0, TEND_COMMAND_PLAIN, tend_cli_init },
    { "config check", NULL, "read the configuration and name every fault", NULL, NULL, 0, 0, TEND_COMMAND_PLAIN,
      tend_cli_config_check },
    { "config show", NULL, "every setting, and the file and line it comes from", NULL, NULL, 0, 0, TEND_COMMAND_PLAIN,
      tend_cli_config_show },
    { "config template", NULL, "a tend.ini with every key, its default and its help", NULL, NULL, 0, 0, TEND_COMMAND_PLAIN,
      tend_cli_config_template },
    { "plugin list", NULL, "plugins, what they may do, and why one is not used", NULL, NULL, 0, 0, TEND_COMMAND_READS,
      tend_cli_plugin_list },
    { "plugin show", "NAME", "one plugin: rights, settings, what it provides and reads, and why it is not used",
      "It is started for that without any right and without being opened, so that one can be looked at before it is\ngranted what "
      "it asks for. NAME may be a file, too: tend plugin show ./kpi_mine.so",
      NULL, 1, 1, TEND_COMMAND_PLAIN, tend_cli_plugin_show },
    { "plugin new", "connector|kpi|price|sink NAME [FOLDER]", "begin a plugin of your own: one that works, with its test",
      "Source, CMakeLists.txt, a test and a README in a new folder (default: NAME), to be built with find_package(tend)\nor "
      "pkg-config tend, anywhere. docs/plugins.md walks through it.",
      NULL, 2, 3, TEND_COMMAND_PLAIN, tend_cli_plugin_new },
    { "plugin check", "FILE [setting=value…] [rule.NAME.key=value…]",
      "try out whether a plugin keeps the rules of its kind; exit status 1 when it does not",
      "For whoever writes it: FILE is started in tend-host with all the rights that it asks for and the settings given.\nA "
      "connector "
      "is killed at each of its messages and has to go on without losing or repeating one; a KPI has to give the\nsame values in "
      "any "
      "order and batch, and parts that add up; a price plugin needs rules; a sink sends only with --to.\n    tend plugin check "
      "./connector_mine.so path=changes.tsv",
      OPTIONS({ "records", "N", "a connector's source holds so many records, all streams together" },
              { "removals", "N", "and tells of so many removals" },
              { "to", "ADDRESS", "a sink sends real messages to this address" },
              { "strict", NULL, "what could not be tried counts as failed: for builds" }),
      1, -1, TEND_COMMAND_PLAIN, tend_cli_plugin_check },
    { "plugin columns", "[KIND]", "what a KPI plugin may ask for: every field of what belongs to accounts",
      "A KPI names them as inputs: { \"contract.seats\", TEND_LATEST } for the newest value, TEND_ALL for every row. Inside "
      "a workspace its own fields (x_…) stand there, too.",
      NULL, 0, 1, TEND_COMMAND_PLAIN, tend_cli_plugin_columns },
    { "plugin release", "NAME", "a plugin that crashed too often may start again",
      "After [plugins] quarantine_after crashes within an hour a plugin is not started any more; plugin list and doctor say "
      "so.\nSources "
      "and numbers use it again at once, sinks when the engine reads its configuration anew (SIGHUP).",
      NULL, 1, 1, TEND_COMMAND_WRITES, tend_cli_plugin_release },
    { "outbox list", NULL, "messages that have not left the house, newest first", NULL,
      OPTIONS({ "all", NULL, "those that have left as well" }, LIMIT), 0, 0, TEND_COMMAND_READS, tend_cli_outbox_list },
    { "outbox release", "MESSAGE…", "let messages go at once that are dead, dropped or wait",
      "Neither the time to send nor the recipient's number of messages holds them again.", NULL, 1, -1, TEND_COMMAND_WRITES,
      tend_cli_outbox_release },
    { "outbox retry", "MESSAGE…", "the same as outbox release", NULL, NULL, 1, -1, TEND_COMMAND_WRITES, tend_cli_outbox_release },
    { "outbox drop", "MESSAGE", "a message is not to leave", NULL, OPTIONS({ "why", "TEXT", "the reason, kept with it" }), 1, 1,
      TEND_COMMAND_WRITES, tend_cli_outbox_drop },
    { "backup", "FILE", "copy the store while the engine runs, and check the copy",
      "Of tend.ini it needs no more than [store] path: a fault elsewhere is named and keeps no backup from being made.", NULL, 1, 1,
      TEND_COMMAND_PLAIN, tend_cli_backup },
    { "restore", "FILE", "put a backup into an empty workspace", NULL, NULL, 1, 1, TEND_COMMAND_PLAIN, tend_cli_restore },
    { "help", "[COMMAND…]", "explain a command, or list them all", NULL, NULL, 0, -1, TEND_COMMAND_PLAIN, tend_cli_help },
    { "version", NULL, "print the version", NULL, NULL, 0, 0, TEND_COMMAND_PLAIN, tend_cli_version },
    { "man", NULL, "this manual as a man page", "tend man | man -l -", NULL, 0, 0, TEND_COMMAND_PLAIN, tend_cli_man },
    { "completion", "bash|zsh|fish", "completion for a shell", "source <(tend completion bash)", NULL, 1, 1, TEND_COMMAND_PLAIN,
      tend_cli_completion },
    { .name = NULL },
};
