/* schema_table.c: every built-in kind and field. Adding a field is one line here; numbers and names only grow. */
#include "model/schema_table.h"

#define REQUIRED TEND_FIELD_REQUIRED
#define KEY TEND_FIELD_KEY
#define INDEXED TEND_FIELD_INDEXED

/* A text with free content, one word of a list, a date … `meaning` comes first in what follows the names. */
#define TEXT(field, ...)                                      \
    {                                                         \
        .name = field, .type = TEND_TEXT, .help = __VA_ARGS__ \
    }
#define WORD(field, words, ...)                                                 \
    {                                                                           \
        .name = field, .type = TEND_TEXT, .choices = words, .help = __VA_ARGS__ \
    }
#define INT(field, ...)                                      \
    {                                                        \
        .name = field, .type = TEND_INT, .help = __VA_ARGS__ \
    }
#define BOOL(field, ...)                                      \
    {                                                         \
        .name = field, .type = TEND_BOOL, .help = __VA_ARGS__ \
    }
#define DATE(field, ...)                                      \
    {                                                         \
        .name = field, .type = TEND_DATE, .help = __VA_ARGS__ \
    }
#define TIME(field, ...)                                      \
    {                                                         \
        .name = field, .type = TEND_TIME, .help = __VA_ARGS__ \
    }
#define MONEY(field, ...)                                      \
    {                                                          \
        .name = field, .type = TEND_MONEY, .help = __VA_ARGS__ \
    }
#define DECIMAL(field, digits, ...)                                               \
    {                                                                             \
        .name = field, .type = TEND_DECIMAL, .scale = digits, .help = __VA_ARGS__ \
    }
#define REF(field, kind, ...)                                                            \
    {                                                                                    \
        .name = field, .type = TEND_REF, .target = TEND_KIND_##kind, .help = __VA_ARGS__ \
    }
#define ACCOUNT_REF REF("account", ACCOUNT, "the account it belongs to", .flags = REQUIRED | INDEXED)
#define ACCOUNT_REF_IF_KNOWN REF("account", ACCOUNT, "the account it belongs to, when known", .flags = INDEXED)
#define CURRENCY TEXT("currency", "ISO 4217 code of the row's amounts", .unit = "currency")
#define END          \
    {                \
        .name = NULL \
    }

static const tend_field user_fields[] = {
    TEXT("name", "as colleagues call the person", .flags = REQUIRED | KEY, .sensitivity = TEND_PERSONAL),
    TEXT("email", "where the digest goes", .unit = "email", .flags = KEY, .sensitivity = TEND_PERSONAL),
    TEXT("zone", "IANA time zone the person works in", .unit = "zone"),
    TEXT("calendar", "calendar the person works by; empty: the team's, else the company's", .unit = "calendar"),
    WORD("language", "en ko", "language of digests and texts"),
    REF("manager", USER, "whom escalations go to"),
    TEXT("team", "team the person works in", .flags = INDEXED),
    WORD("job",
         "account_manager key_account_manager customer_success technical_account_manager agency_lead adviser director coordinator "
         "sales",
         "what the person does"),
    WORD("level", "executive manager staff", "level, for one-to-one mapping with contacts"),
    TEXT("region", "region or office the person works for"),
    INT("digest_hour", "local hour of the daily digest, 0 to 23; empty: no digest", .unit = "hour"),
    REF("deputy", USER, "who stands in while the person is absent"),
    DATE("absent_from", "first day of the current or next absence"),
    DATE("absent_to", "last day of it"),
    BOOL("active", "works here and takes tasks"),
    TEXT("skills", "what the person can do: korean, networks"),
    TEXT("certificates", "what the person holds, and until when: aws 2027-03-01, cfp"),
    INT("capacity", "open tasks that the person takes at most; empty: any number"),
    END,
};

static const tend_field account_fields[] = {
    TEXT("name", "as the customer calls itself", .flags = REQUIRED | KEY),
    WORD("kind", "company division territory household channel", "what sort of account this is"),
    WORD("stage", "prospect onboarding active leaving former archived", "where the account stands with us", .flags = INDEXED),
    DATE("stage_since", "first day of the stage"),
    REF("parent", ACCOUNT, "the account above it in the tree", .flags = INDEXED),
    TEXT("industry", "industry in the company's own words", .flags = INDEXED),
    TEXT("region", "sales region", .flags = INDEXED),
    TEXT("country", "country of the seat"),
    TEXT("city", "city of the seat"),
    TEXT("address", "street address", .sensitivity = TEND_PERSONAL),
    TEXT("postal_code", "as written, leading zeros stay", .sensitivity = TEND_PERSONAL),
    TEXT("phone", "as written", .sensitivity = TEND_PERSONAL),
    TEXT("email", "general address", .unit = "email", .sensitivity = TEND_PERSONAL),
    TEXT("website", "home page"),
    TEXT("language", "language the customer writes"),
    TEXT("zone", "IANA time zone of the customer", .unit = "zone"),
    TEXT("calendar", "calendar the customer works by; empty: that of the country", .unit = "calendar"),
    CURRENCY,
    MONEY("revenue", "the customer's own yearly revenue, in its currency", .unit = "per year"),
    INT("employees", "people who work there", .unit = "people"),
    INT("founded", "year of foundation", .unit = "year"),
    INT("seats", "users the customer has paid for", .unit = "seats"),
    WORD("tier", "platinum gold silver bronze premier strategic standard", "service or partner tier", .flags = INDEXED),
    TEXT("plan_name", "the product plan the account is on"),
    WORD("coverage", "dedicated resident pooled digital", "how the account is looked after"),
    WORD("relationship", "vendor preferred partner strategic", "rung of the relationship ladder"),
    INT("touch_days", "at most this many days between touches", .unit = "days"),
    TEXT("acquired_by", "channel the customer came through"),
    DATE("customer_since", "first day as a customer"),
    DATE("churned_on", "day the source says the customer left"),
    TEXT("goals", "what the customer wants to reach", .sensitivity = TEND_INTERNAL),
    TEXT("market", "market position of the customer", .sensitivity = TEND_INTERNAL),
    WORD("needs_most", "lowest_price dedicated_service proven_technology", "what the customer values most",
         .sensitivity = TEND_INTERNAL),
    REF("owner", USER, "who looks after the account today; the dated roles stand in owners", .flags = INDEXED),
    TEXT("description", "free text"),
    END,
};

static const tend_field owner_fields[] = {
    ACCOUNT_REF,
    REF("user", USER, "who", .flags = REQUIRED | INDEXED),
    WORD("role", "owner deputy spoc csm tam executive finance technical support member", "in which role", .flags = REQUIRED),
    DATE("starts_on", "first day"),
    DATE("ends_on", "last day; empty: open"),
    DECIMAL("share", 4, "part of the person's time, 0 to 1", .unit = "fraction"),
    TEXT("reason", "why it changed"),
    END,
};

static const tend_field contact_fields[] = {
    ACCOUNT_REF,
    TEXT("name", "the person's name", .flags = REQUIRED | KEY, .sensitivity = TEND_PERSONAL),
    TEXT("email", "e-mail address", .unit = "email", .flags = KEY, .sensitivity = TEND_PERSONAL),
    TEXT("phone", "as written", .sensitivity = TEND_PERSONAL),
    TEXT("title", "job title", .sensitivity = TEND_PERSONAL),
    TEXT("unit", "department or buying unit", .flags = INDEXED),
    WORD("role", "decision_maker working_lead finance_owner executive_sponsor spoc user technical other",
         "part in the buying centre"),
    WORD("power", "high medium low", "how much the person decides", .sensitivity = TEND_INTERNAL),
    WORD("stance", "champion supporter neutral sceptic blocker", "how the person stands to us", .sensitivity = TEND_INTERNAL),
    TEXT("archetype", "fox, kingpin, coach …: the company's own list", .sensitivity = TEND_INTERNAL),
    WORD("level", "executive manager staff", "level, for one-to-one mapping with our side"),
    REF("reports_to", CONTACT, "whom the person reports to"),
    REF("counterpart", USER, "who on our side keeps the relation", .flags = INDEXED),
    INT("touch_days", "at most this many days between touches", .unit = "days"),
    TEXT("language", "language the person prefers"),
    DATE("left_on", "day the person left the account"),
    END,
};

static const tend_field product_fields[] = {
    TEXT("name", "as sold", .flags = REQUIRED | KEY),
    TEXT("code", "stock or part number", .flags = KEY),
    TEXT("family", "series or category", .flags = INDEXED),
    TEXT("version", "newest version that is out"),
    DATE("version_on", "day that version came out"),
    DECIMAL("list_price", 6, "list price per unit", .unit = "currency"),
    DECIMAL("unit_cost", 6, "what one unit costs us", .unit = "currency", .sensitivity = TEND_INTERNAL),
    CURRENCY,
    TEXT("unit", "what one unit is"),
    BOOL("active", "still sold"),
    END,
};

static const tend_field contract_fields[] = {
    ACCOUNT_REF,
    TEXT("name", "what people call it", .flags = KEY),
    TEXT("number", "the contract's number", .flags = KEY),
    REF("product", PRODUCT, "the main product"),
    WORD("status", "offered agreed signed active renewed ended cancelled", "where it stands", .flags = INDEXED),
    DATE("starts_on", "first day of the term"),
    DATE("ends_on", "last day of the term; empty: open-ended", .flags = INDEXED),
    DATE("signed_on", "day of the last signature"),
    DATE("notice_on", "last day to give notice"),
    INT("term_months", "length of the term", .unit = "months"),
    BOOL("auto_renew", "goes on unless somebody gives notice"),
    DECIMAL("uplift", 6, "agreed rise at renewal, as a fraction", .unit = "fraction"),
    CURRENCY,
    MONEY("annual_amount", "recurring money per year", .unit = "per year"),
    MONEY("one_off_amount", "money due once"),
    WORD("billing", "monthly quarterly half_yearly annual upfront", "how often it is billed"),
    INT("seats", "seats paid for", .unit = "seats"),
    TEXT("plan_name", "plan or edition"),
    BOOL("is_trial", "a trial: counts for nothing recurring"),
    REF("predecessor", CONTRACT, "the contract it renews", .flags = INDEXED),
    DATE("ended_on", "day it really ended, when before its term"),
    TEXT("ended_reason", "why it ended"),
    REF("owner", USER, "who is responsible for the renewal"),
    END,
};

static const tend_field contract_line_fields[] = {
    REF("contract", CONTRACT, "the contract", .flags = REQUIRED | INDEXED),
    ACCOUNT_REF_IF_KNOWN,
    REF("product", PRODUCT, "what was bought"),
    DECIMAL("quantity", 6, "how many", .unit = "units"),
    DECIMAL("unit_price", 6, "price of one", .unit = "currency"),
    CURRENCY,
    MONEY("annual_amount", "recurring money per year", .unit = "per year"),
    DATE("starts_on", "first day"),
    DATE("ends_on", "last day"),
    END,
};

static const tend_field opportunity_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    TEXT("name", "what people call it", .flags = KEY),
    INT("tier", "1 (strategic) to 4 (small)", .unit = "tier"),
    WORD("stage", "prospecting engaging qualified proposal negotiation won lost", "where it stands", .flags = INDEXED),
    WORD("type", "new renewal expansion one_off", "what sort of revenue it would bring"),
    REF("product", PRODUCT, "what it is about"),
    CURRENCY,
    MONEY("amount", "expected or won value"),
    DATE("opened_on", "first day"),
    DATE("close_on", "expected close"),
    DATE("closed_on", "day it was won or lost", .flags = INDEXED),
    TEXT("lost_reason", "why it was lost"),
    TEXT("unit", "the customer's unit it came from"),
    REF("initiator", CONTACT, "who raised it"),
    REF("owner", USER, "who works on it", .flags = INDEXED),
    INT("term_months", "term that is offered", .unit = "months"),
    DECIMAL("margin", 4, "margin of what is offered, as a fraction", .sensitivity = TEND_INTERNAL),
    END,
};

static const tend_field tender_fields[] = {
    ACCOUNT_REF,
    REF("opportunity", OPPORTUNITY, "the opportunity it belongs to"),
    TEXT("name", "what people call it", .flags = REQUIRED | KEY),
    WORD("kind", "rfi rfp rfq", "what the customer asks for: information, a proposal, a quote"),
    DATE("received_on", "day it came in"),
    DATE("due_on", "last day to answer"),
    WORD("status", "open answered declined won lost", "where it stands", .flags = INDEXED),
    REF("owner", USER, "who answers it"),
    END,
};

static const tend_field concession_fields[] = {
    ACCOUNT_REF,
    REF("opportunity", OPPORTUNITY, "the opportunity that is negotiated", .flags = INDEXED),
    REF("contract", CONTRACT, "the contract that is negotiated"),
    WORD("side", "give get", "what we give, or what we get for it", .flags = REQUIRED, .sensitivity = TEND_INTERNAL),
    TEXT("text", "what is given: discount, free training, longer term, case study", .flags = REQUIRED,
         .sensitivity = TEND_INTERNAL),
    CURRENCY,
    MONEY("value", "what it is worth", .sensitivity = TEND_INTERNAL),
    REF("against", CONCESSION, "what it is given for", .sensitivity = TEND_INTERNAL),
    WORD("status", "offered agreed withdrawn", "where it stands"),
    DATE("agreed_on", "day it was agreed"),
    END,
};

static const tend_field expectation_fields[] = {
    ACCOUNT_REF,
    REF("contact", CONTACT, "whose expectation it is"),
    TEXT("text", "what is expected, in the customer's words", .flags = REQUIRED),
    WORD("said_in", "meeting survey contract tender other", "where it was said"),
    WORD("area", "quality cost delivery service other", "what it is about"),
    WORD("status", "open met exceeded missed dropped", "where it stands", .flags = INDEXED),
    DATE("due_on", "by when"),
    REF("owner", USER, "who sees to it"),
    END,
};

static const tend_field ticket_fields[] = {
    ACCOUNT_REF,
    REF("contact", CONTACT, "who reported it"),
    TEXT("number", "number in the ticket system", .flags = KEY),
    TEXT("title", "what it is about"),
    WORD("status", "open pending triage owned acting root_cause prevention solved closed", "where it stands", .flags = INDEXED),
    WORD("priority", "low normal high urgent", "how much it hurts"),
    INT("severity", "1 (worst) to 5", .unit = "severity"),
    TEXT("category", "theme"),
    TIME("opened_at", "when it came in"),
    INT("first_response_minutes", "minutes to the first answer", .unit = "minutes"),
    TIME("closed_at", "when it was closed"),
    DECIMAL("resolution_hours", 3, "hours to the solution as the source counts them", .unit = "hours"),
    BOOL("escalated", "went over somebody's head"),
    INT("satisfaction", "the customer's mark, 1 to 5", .unit = "1 to 5"),
    TEXT("root_cause", "why it happened"),
    TEXT("prevention", "what keeps it from happening again"),
    REF("owner", USER, "who owns it on our side"),
    REF("product", PRODUCT, "what it is about"),
    END,
};

static const tend_field task_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    TEXT("title", "what is to be done", .flags = REQUIRED),
    TEXT("reason", "why it is there, in words"),
    WORD("status", "open done cancelled", "where it stands", .flags = INDEXED),
    DATE("due_on", "day it is due", .flags = INDEXED),
    DATE("snoozed_until", "out of sight until this day"),
    REF("assignee", USER, "whose it is", .flags = INDEXED),
    TEXT("role", "the role it was given to; follows its holder"),
    WORD("priority", "low normal high urgent", "how urgent"),
    TEXT("type", "call, plan, review …: for lists and de-duplication"),
    TEXT("playbook", "the playbook that asked for it", .flags = INDEXED),
    INT("run", "the run that asked for it", .flags = INDEXED),
    TEXT("step", "the run's step"),
    REF("contract", CONTRACT, "the contract it is about", .flags = INDEXED),
    REF("opportunity", OPPORTUNITY, "the opportunity it is about", .flags = INDEXED),
    REF("ticket", TICKET, "the ticket it is about", .flags = INDEXED),
    CURRENCY,
    MONEY("at_risk", "money at stake"),
    TIME("done_at", "when it was done"),
    REF("done_by", USER, "by whom"),
    TEXT("outcome", "what came of it"),
    TEXT("choices", "of a question: what it may be answered with, between bars"),
    TEXT("dedupe_key", "one open task per account and key", .flags = INDEXED),
    END,
};

static const tend_field order_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    TEXT("number", "order number", .flags = KEY),
    DATE("ordered_on", "day of the order", .flags = INDEXED),
    DATE("required_on", "day the customer wants it"),
    DATE("delivered_on", "day it left or arrived"),
    WORD("status", "open confirmed delivered cancelled returned", "where it stands"),
    CURRENCY,
    MONEY("amount", "total"),
    REF("contact", CONTACT, "who ordered"),
    REF("owner", USER, "who sold it"),
    TEXT("country", "where it goes"),
    END,
};

static const tend_field order_line_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    REF("order", ORDER, "the order", .flags = INDEXED),
    REF("product", PRODUCT, "what was ordered"),
    TEXT("description", "as written on the line"),
    DECIMAL("quantity", 6, "how many; negative for returns", .unit = "units"),
    DECIMAL("unit_price", 6, "price of one", .unit = "currency"),
    DECIMAL("discount", 6, "as a fraction", .unit = "fraction"),
    CURRENCY,
    MONEY("amount", "line total"),
    TIME("ordered_at", "when", .flags = REQUIRED),
    END,
};

static const tend_field invoice_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    TEXT("number", "invoice number", .flags = KEY),
    WORD("status", "draft open paid overdue void", "where it stands", .flags = INDEXED),
    DATE("issued_on", "invoice date"),
    DATE("due_on", "payable until"),
    DATE("paid_on", "day it was paid"),
    CURRENCY,
    MONEY("amount", "total"),
    REF("contract", CONTRACT, "the contract it bills"),
    TEXT("country", "billing country"),
    END,
};

static const tend_field invoice_line_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    REF("invoice", INVOICE, "the invoice", .flags = INDEXED),
    REF("product", PRODUCT, "what was billed"),
    TEXT("description", "as written on the line"),
    DECIMAL("quantity", 6, "how many", .unit = "units"),
    DECIMAL("unit_price", 6, "price of one", .unit = "currency"),
    CURRENCY,
    MONEY("amount", "line total"),
    WORD("type", "new renewal expansion contraction churn reactivation one_off", "type of revenue"),
    DATE("billed_on", "invoice date", .flags = REQUIRED),
    END,
};

static const tend_field usage_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    REF("contract", CONTRACT, "the contract or subscription it was used under", .flags = INDEXED),
    REF("product", PRODUCT, "the product"),
    REF("contact", CONTACT, "who used it"),
    TEXT("feature", "what was used"),
    DATE("used_on", "day of the sample", .flags = REQUIRED),
    INT("uses", "how often", .unit = "times"),
    INT("seconds", "how long", .unit = "seconds"),
    INT("errors", "errors met", .unit = "errors"),
    INT("active_users", "people who used it that day", .unit = "people"),
    BOOL("is_beta", "a feature in beta"),
    END,
};

static const tend_field interaction_fields[] = {
    ACCOUNT_REF,
    REF("contact", CONTACT, "with whom", .flags = INDEXED),
    REF("user", USER, "who on our side", .flags = INDEXED),
    WORD("kind", "call meeting mail visit chat training workshop review other", "what it was"),
    WORD("intent", "value_add ask service social", "did we give or ask", .sensitivity = TEND_INTERNAL),
    WORD("direction", "in out", "who began it"),
    TIME("happened_at", "when", .flags = REQUIRED),
    INT("minutes", "how long", .unit = "minutes"),
    TEXT("subject", "one line"),
    TEXT("text", "what was said", .sensitivity = TEND_INTERNAL),
    TEXT("message_id", "of the mail, for de-duplication", .flags = INDEXED),
    END,
};

static const tend_field answer_fields[] = {
    ACCOUNT_REF,
    REF("contact", CONTACT, "who answered"),
    WORD("survey", "nps csat ces", "which question", .flags = REQUIRED | INDEXED),
    INT("score", "the answer", .flags = REQUIRED, .unit = "scale_min to scale_max"),
    INT("scale_min", "lowest answer of the scale"),
    INT("scale_max", "highest answer of the scale"),
    WORD("direction", "high_is_good high_is_bad", "what a high answer means"),
    TIME("answered_at", "when", .flags = REQUIRED),
    TEXT("comment", "in the customer's words", .sensitivity = TEND_PERSONAL),
    REF("ticket", TICKET, "the ticket it was asked about"),
    REF("task", TASK, "the task that asked for it"),
    END,
};

static const tend_field note_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    REF("author", USER, "who wrote it"),
    TEXT("text", "what is written; @name mentions a colleague", .flags = REQUIRED, .sensitivity = TEND_INTERNAL),
    TEXT("about_kind", "kind of the row it is about"),
    INT("about_row", "the row it is about"),
    REF("reply_to", NOTE, "the note it answers"),
    TIME("written_at", "when"),
    END,
};

static const tend_field mention_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    REF("note", NOTE, "the note", .flags = REQUIRED | INDEXED),
    REF("user", USER, "who was mentioned", .flags = REQUIRED | INDEXED),
    TIME("seen_at", "when the person saw it; empty: unread"),
    END,
};

static const tend_field document_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    TEXT("title", "what it is", .flags = REQUIRED),
    TEXT("link", "URL or path; the file itself stays where it is", .flags = REQUIRED),
    TEXT("hash", "SHA-256 of the content, hex"),
    WORD("kind", "contract proposal report plan minutes presentation certificate other", "what sort"),
    TEXT("version", "version of the document"),
    TEXT("language", "language it is written in"),
    WORD("sensitivity", "open internal personal restricted", "who may see it"),
    REF("contract", CONTRACT, "the contract it belongs to"),
    REF("added_by", USER, "who added it"),
    END,
};

static const tend_field programme_fields[] = {
    TEXT("name", "what it is called", .flags = REQUIRED | KEY),
    WORD("kind", "seminar training workshop benchmarking campaign pilot early_access event promotion", "what sort"),
    DATE("starts_on", "first day"),
    DATE("ends_on", "last day"),
    CURRENCY,
    MONEY("cost", "what it cost us", .sensitivity = TEND_INTERNAL),
    REF("owner", USER, "who runs it"),
    TEXT("goal", "what it is for"),
    END,
};

static const tend_field participation_fields[] = {
    REF("programme", PROGRAMME, "the programme", .flags = REQUIRED | INDEXED),
    ACCOUNT_REF,
    REF("contact", CONTACT, "who"),
    DATE("invited_on", "day of the invitation"),
    BOOL("attended", "came"),
    TEXT("followed", "what followed"),
    REF("opportunity", OPPORTUNITY, "the opportunity that followed"),
    END,
};

static const tend_field budget_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    REF("plan", PLAN, "the plan it serves"),
    TEXT("purpose", "what for", .flags = REQUIRED),
    DATE("starts_on", "first day of its period"),
    DATE("ends_on", "last day of its period"),
    CURRENCY,
    MONEY("asked", "asked for", .sensitivity = TEND_INTERNAL),
    MONEY("approved", "approved", .sensitivity = TEND_INTERNAL),
    MONEY("spent", "spent so far", .sensitivity = TEND_INTERNAL),
    END,
};

static const tend_field plan_fields[] = {
    ACCOUNT_REF,
    TEXT("name", "what it is called", .flags = KEY),
    WORD("type", "account go_to_market campaign", "an account plan needs at least one past deal"),
    WORD("horizon", "short mid", "one year or three"),
    WORD("status", "draft proposed approved running closed", "where it stands", .flags = INDEXED),
    DATE("starts_on", "first day"),
    DATE("ends_on", "last day"),
    TEXT("goals", "the customer's goals", .sensitivity = TEND_INTERNAL),
    TEXT("market", "market and environment", .sensitivity = TEND_INTERNAL),
    TEXT("strategy", "how we go about it", .sensitivity = TEND_INTERNAL),
    REF("owner", USER, "who is responsible"),
    END,
};

static const tend_field objective_fields[] = {
    ACCOUNT_REF,
    REF("plan", PLAN, "the plan", .flags = REQUIRED | INDEXED),
    TEXT("name", "what is to be reached", .flags = REQUIRED),
    TEXT("metric", "KPI that measures it"),
    DECIMAL("base", 6, "value at the start"),
    DECIMAL("target", 6, "value to reach"),
    DATE("due_on", "by when"),
    END,
};

static const tend_field action_fields[] = {
    ACCOUNT_REF,
    REF("plan", PLAN, "the plan", .flags = REQUIRED | INDEXED),
    REF("objective", OBJECTIVE, "the objective it serves", .flags = INDEXED),
    TEXT("name", "what is to be done", .flags = REQUIRED),
    TEXT("code", "WBS code, 1.2.3"),
    WORD("status", "open done dropped", "where it stands"),
    DATE("due_on", "by when"),
    REF("owner", USER, "who"),
    END,
};

static const tend_field handover_fields[] = {
    ACCOUNT_REF,
    REF("from_user", USER, "who gives it"),
    REF("to_user", USER, "who takes it", .flags = INDEXED),
    WORD("status", "proposed accepted declined done returned", "where it stands"),
    DATE("on_date", "day it takes effect"),
    DATE("until_on", "day on which the one who gave has it again"),
    INT("passed_in", "the batch in which it changed hands"),
    TEXT("promised", "what the customer was promised", .sensitivity = TEND_INTERNAL),
    TEXT("checklist", "what has to be handed over", .sensitivity = TEND_INTERNAL),
    TIME("signed_by_giver_at", "when the giver signed"),
    TIME("signed_by_taker_at", "when the taker signed"),
    END,
};

static const tend_field quota_fields[] = {
    REF("user", USER, "whose", .flags = INDEXED),
    TEXT("team", "of which team", .flags = INDEXED),
    ACCOUNT_REF_IF_KNOWN,
    REF("product", PRODUCT, "for which product"),
    WORD("metric", "bookings revenue renewals expansion margin", "what counts"),
    DATE("starts_on", "first day of its period", .flags = REQUIRED),
    DATE("ends_on", "last day of its period", .flags = REQUIRED),
    CURRENCY,
    MONEY("target", "what is to be reached", .sensitivity = TEND_INTERNAL),
    END,
};

static const tend_field competitor_fields[] = {
    ACCOUNT_REF,
    TEXT("name", "who", .flags = REQUIRED | KEY),
    WORD("strength", "strong even weak", "how strong at this account", .sensitivity = TEND_INTERNAL),
    TEXT("strengths", "what they do better", .sensitivity = TEND_INTERNAL),
    TEXT("weaknesses", "what we do better", .sensitivity = TEND_INTERNAL),
    DATE("seen_on", "last seen"),
    END,
};

static const tend_field need_fields[] = {
    ACCOUNT_REF,
    TEXT("text", "the need in the customer's words", .flags = REQUIRED),
    WORD("horizon", "short mid long", "when it counts"),
    WORD("status", "open met dropped", "where it stands"),
    REF("contact", CONTACT, "who said so"),
    TEXT("unit", "the customer's unit"),
    REF("opportunity", OPPORTUNITY, "the opportunity it became"),
    END,
};

static const tend_field voice_fields[] = {
    ACCOUNT_REF,
    REF("contact", CONTACT, "who said it"),
    TEXT("text", "what was said", .flags = REQUIRED),
    TEXT("theme", "what it is about", .flags = INDEXED),
    WORD("direction", "in out", "from the customer, or to the customer"),
    WORD("status", "open asked planned shipped declined told", "where it stands"),
    CURRENCY,
    MONEY("impact", "money it touches", .sensitivity = TEND_INTERNAL),
    TEXT("answer", "what the customer was told"),
    END,
};

static const tend_field churn_fields[] = {
    ACCOUNT_REF,
    DATE("churned_on", "day the customer left or said so", .flags = REQUIRED),
    TEXT("reason", "reason code", .flags = INDEXED),
    CURRENCY,
    MONEY("refund", "money given back"),
    BOOL("is_reactivation", "the customer had left before"),
    BOOL("after_upgrade", "an upgrade came before"),
    BOOL("after_downgrade", "a downgrade came before"),
    TEXT("comment", "in the customer's words"),
    END,
};

static const tend_field rate_fields[] = {
    TEXT("from_currency", "one unit of this", .flags = REQUIRED | INDEXED, .unit = "currency"),
    TEXT("to_currency", "is so many of this", .flags = REQUIRED, .unit = "currency"),
    DATE("on_date", "on this day", .flags = REQUIRED),
    DECIMAL("rate", 9, "units of to_currency for one of from_currency", .flags = REQUIRED),
    END,
};

static const tend_field approval_fields[] = {
    ACCOUNT_REF_IF_KNOWN,
    TEXT("title", "what is asked", .flags = REQUIRED),
    TEXT("reason", "why it is asked"),
    WORD("status", "open approved declined expired withdrawn", "where it stands", .flags = INDEXED),
    REF("asked_of", USER, "who decides", .flags = INDEXED),
    REF("decided_by", USER, "who decided"),
    TIME("decided_at", "when"),
    TEXT("comment", "what the decider wrote"),
    DATE("due_on", "decide by"),
    INT("run", "the run that waits for it", .flags = INDEXED),
    TEXT("step", "the run's step"),
    END,
};

static const tend_field media_fields[] = {
    ACCOUNT_REF,
    TEXT("name", "the flight: campaign, channel", .flags = REQUIRED | KEY),
    WORD("status", "planned running ended", "where it stands", .flags = INDEXED),
    DATE("starts_on", "first day of the flight"),
    DATE("ends_on", "last day of the flight"),
    CURRENCY,
    MONEY("budget", "media budget of the whole flight"),
    MONEY("spent", "spent so far, as the ad system says"),
    DATE("spent_as_of", "last day that the spend covers"),
    REF("owner", USER, "who steers it"),
    END,
};

static const tend_field profile_fields[] = {
    ACCOUNT_REF,
    REF("contact", CONTACT, "whose profile"),
    WORD("kind", "suitability kyc tax", "what sort of profile"),
    DATE("checked_on", "day it was last checked"),
    DATE("expires_on", "last day it is good for", .flags = INDEXED),
    WORD("risk_tolerance", "low medium high", "as the customer said", .sensitivity = TEND_RESTRICTED),
    WORD("experience", "none some good", "as the customer said", .sensitivity = TEND_RESTRICTED),
    TEXT("objectives", "as the customer said", .sensitivity = TEND_RESTRICTED),
    INT("horizon_years", "how long the money can stay", .unit = "years", .sensitivity = TEND_RESTRICTED),
    BOOL("complete", "nothing is missing"),
    WORD("status", "draft valid expired", "where it stands", .flags = INDEXED),
    DECIMAL("drift", 4, "how far the portfolio is from its target: 0.08 is 8 points", .sensitivity = TEND_INTERNAL),
    DATE("drift_on", "day of that figure"),
    END,
};

static const tend_field environment_fields[] = {
    ACCOUNT_REF,
    TEXT("name", "the installation: production, test, plant 2", .flags = REQUIRED | KEY),
    REF("product", PRODUCT, "what runs there", .flags = INDEXED),
    TEXT("version", "version that runs there"),
    INT("versions_behind", "releases behind the newest", .unit = "releases"),
    DATE("installed_on", "day that version was installed"),
    DATE("supported_until", "last day that version is supported"),
    DATE("reviewed_on", "day of the last review"),
    WORD("status", "planned live retired", "where it stands"),
    END,
};

static const tend_field price_fields[] = {
    REF("product", PRODUCT, "what it is the list price of", .flags = REQUIRED | INDEXED),
    DECIMAL("unit_price", 9, "list price of one unit", .flags = REQUIRED, .unit = "currency"),
    TEXT("currency", "ISO 4217 code of the price", .flags = REQUIRED, .unit = "currency"),
    TEXT("unit", "what one unit is; empty: the product's own"),
    DATE("starts_on", "first day of the price; empty: ever since"),
    DATE("ends_on", "last day of the price; empty: open"),
    END,
};

const tend_builtin_kind tend_builtin_kinds[] = {
    { TEND_KIND_USER, "user", "users", "a person on our side", false, NULL, "name", NULL, NULL, NULL, user_fields },
    { TEND_KIND_ACCOUNT, "account", "accounts", "an organisation, division, household, partner or territory that we look after",
      false, NULL, "name", "stage", "currency", NULL, account_fields },
    { TEND_KIND_OWNER, "owner", "owners", "who looks after an account in which role, from when to when", false, "account", NULL,
      NULL, NULL, NULL, owner_fields },
    { TEND_KIND_CONTACT, "contact", "contacts", "a person at the account", false, "account", "name", NULL, NULL, NULL,
      contact_fields },
    { TEND_KIND_PRODUCT, "product", "products", "what we sell", false, NULL, "name", NULL, "currency", NULL, product_fields },
    { TEND_KIND_CONTRACT, "contract", "contracts", "a contract or subscription with its term", false, "account", "name", "status",
      "currency", NULL, contract_fields },
    { TEND_KIND_CONTRACT_LINE, "contract_line", "contract_lines", "one product of a contract", false, "account", NULL, NULL,
      "currency", NULL, contract_line_fields },
    { TEND_KIND_OPPORTUNITY, "opportunity", "opportunities", "a possible or past sale", false, "account", "name", "stage",
      "currency", NULL, opportunity_fields },
    { TEND_KIND_TICKET, "ticket", "tickets", "an issue the customer reported", false, "account", "title", "status", NULL, NULL,
      ticket_fields },
    { TEND_KIND_TASK, "task", "tasks", "work for one person", false, "account", "title", "status", "currency", NULL, task_fields },
    { TEND_KIND_ORDER, "order", "orders", "an order", false, "account", "number", "status", "currency", NULL, order_fields },
    { TEND_KIND_ORDER_LINE, "order_line", "order_lines", "one line of an order", true, "account", NULL, NULL, "currency",
      "ordered_at", order_line_fields },
    { TEND_KIND_INVOICE, "invoice", "invoices", "an invoice and whether it is paid", false, "account", "number", "status",
      "currency", NULL, invoice_fields },
    { TEND_KIND_INVOICE_LINE, "invoice_line", "invoice_lines", "one line of an invoice", true, "account", NULL, NULL, "currency",
      "billed_on", invoice_line_fields },
    { TEND_KIND_USAGE, "usage", "usage_samples", "how much something was used on a day", true, "account", NULL, NULL, NULL,
      "used_on", usage_fields },
    { TEND_KIND_INTERACTION, "interaction", "interactions", "a call, meeting, mail or visit", true, "account", "subject", NULL,
      NULL, "happened_at", interaction_fields },
    { TEND_KIND_ANSWER, "answer", "answers", "an answer to a survey", true, "account", NULL, NULL, NULL, "answered_at",
      answer_fields },
    { TEND_KIND_NOTE, "note", "notes", "a note about an account or a row", false, "account", NULL, NULL, NULL, NULL, note_fields },
    { TEND_KIND_MENTION, "mention", "mentions", "a colleague named in a note", false, "account", NULL, NULL, NULL, NULL,
      mention_fields },
    { TEND_KIND_DOCUMENT, "document", "documents", "a link to a file, with its hash and version", false, "account", "title", NULL,
      NULL, NULL, document_fields },
    { TEND_KIND_PROGRAMME, "programme", "programmes", "seminars, trainings, campaigns with customers", false, NULL, "name", NULL,
      "currency", NULL, programme_fields },
    { TEND_KIND_PARTICIPATION, "participation", "participations", "who was invited to a programme and came", false, "account", NULL,
      NULL, NULL, NULL, participation_fields },
    { TEND_KIND_BUDGET, "budget", "budgets", "money asked for, approved and spent", false, "account", "purpose", NULL, "currency",
      NULL, budget_fields },
    { TEND_KIND_PLAN, "plan", "plans", "an account plan", false, "account", "name", "status", NULL, NULL, plan_fields },
    { TEND_KIND_OBJECTIVE, "objective", "objectives", "what a plan is to reach", false, "account", "name", NULL, NULL, NULL,
      objective_fields },
    { TEND_KIND_ACTION, "action", "actions", "a piece of work in a plan", false, "account", "name", "status", NULL, NULL,
      action_fields },
    { TEND_KIND_HANDOVER, "handover", "handovers", "an account passed from one colleague to another", false, "account", NULL,
      "status", NULL, NULL, handover_fields },
    { TEND_KIND_QUOTA, "quota", "quotas", "a target in money for a person, team, account or product", false, "account", NULL, NULL,
      "currency", NULL, quota_fields },
    { TEND_KIND_COMPETITOR, "competitor", "competitors", "a competitor at an account", false, "account", "name", NULL, NULL, NULL,
      competitor_fields },
    { TEND_KIND_NEED, "need", "needs", "what a customer needs, now or later", false, "account", NULL, "status", NULL, NULL,
      need_fields },
    { TEND_KIND_VOICE, "voice", "voices", "what a customer wants us to hear, and what became of it", false, "account", NULL,
      "status", "currency", NULL, voice_fields },
    { TEND_KIND_CHURN, "churn", "churns", "a customer left, or said so", true, "account", NULL, NULL, "currency", "churned_on",
      churn_fields },
    { TEND_KIND_RATE, "rate", "rates", "an exchange rate of a day", true, NULL, NULL, NULL, NULL, "on_date", rate_fields },
    { TEND_KIND_APPROVAL, "approval", "approvals", "a decision that is asked of somebody", false, "account", "title", "status",
      NULL, NULL, approval_fields },
    { TEND_KIND_MEDIA, "media", "media_flights", "an advertising flight with its budget", false, "account", "name", "status",
      "currency", NULL, media_fields },
    { TEND_KIND_PROFILE, "profile", "profiles", "a customer's suitability, identity or tax profile", false, "account", NULL,
      "status", NULL, NULL, profile_fields },
    { TEND_KIND_ENVIRONMENT, "environment", "environments", "an installation at the customer and its version", false, "account",
      "name", "status", NULL, NULL, environment_fields },
    { TEND_KIND_PRICE, "price", "prices", "a list price of a product, from one day to another", false, NULL, NULL, NULL, "currency",
      NULL, price_fields },
    { TEND_KIND_TENDER, "tender", "tenders", "a request for information, a proposal or a quote, with its last day", false,
      "account", "name", "status", NULL, NULL, tender_fields },
    { TEND_KIND_CONCESSION, "concession", "concessions", "what was given or got in a negotiation", false, "account", NULL, "status",
      "currency", NULL, concession_fields },
    { TEND_KIND_EXPECTATION, "expectation", "expectations", "what a customer expects, and whether it was met", false, "account",
      NULL, "status", NULL, NULL, expectation_fields },
    { .kind = TEND_KIND_NONE },
};
