// kpi.js: the figures of bench_kpi by SQL in DuckDB, from the same files, in tables of its own, with two threads.
//
//   node kpi.js FOLDER DAY TIMES
//
// FOLDER holds the files of bench_accounts. Every computation writes one row for each account into a table, all KPIs and the health
// of the default scorecard. Prints one line: version, milliseconds by the clock and by the processors (the median of TIMES), megabytes of
// the tables; then the figures as bench_kpi does.
const { DuckDBInstance } = require('@duckdb/node-api');
const fs = require('fs');

const [folder, day, times] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const to = `date '${day}'`;
const from = `(date '${day}' - interval 12 month)::date`;

// Account numbers, cents and days, sorted by account: what a warehouse would keep for this.
const tables = {
  accounts: `select substr(id, 2)::integer account from %`,
  contracts: `select substr(account, 2)::integer account, status, starts_on::date starts_on, ends_on::date ends_on, currency,
    (annual_amount::decimal(18, 2) * 100)::bigint amount from %`,
  invoices: `select substr(account, 2)::integer account, status, due_on::date due_on, try_cast(paid_on as date) paid_on from %`,
  usage: `select substr(account, 2)::integer account, used_on::date used_on, uses::bigint uses from %`,
  interactions: `select substr(account, 2)::integer account, happened_at::timestamp happened_at from %`,
  tickets: `select substr(account, 2)::integer account, status, priority, opened_at::timestamp opened_at,
    try_cast(closed_at as timestamp) closed_at from %`,
};

const active = (d) => `starts_on <= ${d} and (ends_on is null or ends_on >= ${d})`;
const points = (value, low, high) => `greatest(0, least(100, (${value} - (${low}))::double / ((${high}) - (${low})) * 100))`;
const weights = { usage: 30, urgent: 20, voice: 15, touch: 15, paying: 20 };

const compute = `create or replace temp table result as
with paid as (select account,
    sum(case when ${active(from)} then amount else 0 end)::bigint s, sum(case when ${active(to)} then amount else 0 end)::bigint e,
    max((amount > 0 and ${active(from)})::integer) paid_s, max((amount > 0 and ${active(to)})::integer) paid_e,
    max((amount > 0 and starts_on <= ${from})::integer) earlier
  from contracts where status not in ('offered', 'agreed') group by account),
asked as (select account, count(*) filter (survey = 'nps') n, count(*) filter (survey = 'nps' and score >= 9) p,
    count(*) filter (survey = 'nps' and score in (7, 8)) q, count(*) filter (survey = 'nps' and score <= 6) d,
    count(*) filter (survey = 'csat') c, count(*) filter (survey = 'csat' and score >= 4) c_top,
    sum(score) filter (survey = 'csat') c_sum, count(*) filter (survey = 'ces') f,
    count(*) filter (survey = 'ces' and score >= 5) f_top, sum(score) filter (survey = 'ces') f_sum
  from answers where answered_at >= ${from} + 1 and answered_at < ${to} + 1 group by account),
used as (select account, sum(case when used_on > ${to} - 30 then uses else 0 end)::bigint recent,
    sum(case when used_on <= ${to} - 30 then uses else 0 end)::bigint earlier
  from usage where used_on > ${to} - 60 and used_on <= ${to} group by account),
burning as (select account, count(*) n from tickets where priority = 'urgent' and status not in ('solved', 'closed')
    and closed_at is null and opened_at < ${to} + 1 group by account),
touched as (select account, ${to} - max(happened_at)::date as days from interactions where happened_at < ${to} + 1 group by account),
owing as (select account, max(case when status not in ('draft', 'paid', 'void') and (paid_on is null or paid_on > ${to})
    and due_on < ${to} then ${to} - due_on else 0 end) as days from invoices group by account),
whole as (select account, coalesce(s, 0) s, coalesce(e, 0) e, coalesce(paid_s, 0) paid_s, coalesce(paid_e, 0) paid_e,
    coalesce(paid.earlier, 0) earlier, coalesce(asked.n, 0) n, coalesce(p, 0) p, coalesce(q, 0) q, coalesce(d, 0) d,
    coalesce(c, 0) c, coalesce(c_top, 0) c_top, coalesce(c_sum, 0) c_sum, coalesce(f, 0) f, coalesce(f_top, 0) f_top,
    coalesce(f_sum, 0) f_sum,
    case when used.earlier > 0 then ${points('used.recent::double / used.earlier', 0.5, 1.1)} end usage,
    ${points('coalesce(burning.n, 0)', 3, 0)} urgent,
    case when asked.n > 0 then ${points('100.0 * (p - d) / asked.n', -50, 60)} end voice,
    case when touched.days is not null then ${points('touched.days', 90, 14)} end touch,
    case when owing.days is not null then ${points('owing.days', 60, 0)} end paying
  from accounts left join paid using (account) left join asked using (account) left join used using (account)
    left join burning using (account) left join touched using (account) left join owing using (account))
select account, e arr, s opening, case when s = 0 and earlier = 0 then e else 0 end mrr_new,
  case when s = 0 and earlier = 1 then e else 0 end mrr_reactivation, case when s > 0 and e > s then e - s else 0 end mrr_expansion,
  case when e > 0 and s > e then s - e else 0 end mrr_contraction, case when e = 0 then s else 0 end mrr_churn,
  least(s, e) kept, case when s > 0 then e else 0 end net, case when s > 0 or earlier = 1 then e else 0 end net_back,
  paid_s logos, paid_s * paid_e logos_kept, paid_s * (1 - paid_e) logos_lost,
  100 * (p - d) nps, n, p, q, d, c, c_top, c_sum, f, f_top, f_sum,
  (${Object.entries(weights).map(([m, w]) => `${w} * coalesce(${m}, 0)`).join(' + ')}) /
    nullif(${Object.entries(weights).map(([m, w]) => `case when ${m} is null then 0 else ${w} end`).join(' + ')}, 0) health,
  (${Object.entries(weights).map(([m, w]) => `case when ${m} is null then 0 else ${w} end`).join(' + ')}) >= 50 is_known
from whole`;

// numerator, denominator: a column, or a plain divisor
const figures = [
  ['arr', 'arr', 1], ['ces.mean7', 'f_sum', 'f'], ['ces.top3', 'f_top', 'f'], ['csat.mean', 'c_sum', 'c'], ['csat.top2', 'c_top', 'c'],
  ['grr', 'kept', 'opening'], ['grr.base', 'kept', 'opening'], ['logo_churn', 'logos_lost', 'logos'],
  ['logo_retention', 'logos_kept', 'logos'], ['mrr', 'arr', 12], ['mrr.churn', 'mrr_churn', 12],
  ['mrr.contraction', 'mrr_contraction', 12], ['mrr.expansion', 'mrr_expansion', 12], ['mrr.new', 'mrr_new', 12],
  ['mrr.reactivation', 'mrr_reactivation', 12], ['mrr.start', 'opening', 12], ['nps', 'nps', 'n'], ['nps.detractors', 'd', 'n'],
  ['nps.passives', 'q', 'n'], ['nps.promoters', 'p', 'n'], ['nrr', 'net', 'opening'], ['nrr.excl_react', 'net', 'opening'],
  ['nrr.incl_react', 'net_back', 'opening'], ['nrr.with_reactivation', 'net_back', 'opening'],
];

async function main() {
  const path = `${folder}/kpi.duckdb`;
  const database = await DuckDBInstance.create(path, { threads: '2' });
  const c = await database.connect();
  const one = async (sql) => (await c.runAndReadAll(sql)).getRows()[0];

  for (const [name, sql] of Object.entries(tables))
    await c.run(`create table ${name} as ${sql.replace('%', `read_csv('${folder}/${name}.csv', all_varchar = true)`)} order by account`);
  await c.run('create table answers (account integer, survey varchar, score bigint, answered_at timestamp)');
  await c.run('checkpoint');

  const clock = [], processor = [];
  await c.run(compute);
  for (let i = 0; i < times; i++) {
    const began = performance.now(), used = process.cpuUsage();
    await c.run(compute);
    const now = process.cpuUsage(used);
    clock.push(performance.now() - began);
    processor.push((now.user + now.system) / 1000);
  }
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1].toFixed(3);
  const [version] = await one('select version()');
  console.log(version, median(clock), median(processor), (fs.statSync(path).size / 1e6).toFixed(1));
  for (const [name, above, below] of figures) {
    const divisor = typeof below === 'number' ? below : `sum(${below})`;
    const row = await one(`select sum(${above})::bigint, ${divisor}::bigint, (sum(${above}::hugeint * account) % 1000000007)::bigint from result`);
    console.log(name, ...row.map(String));
  }
  const health = await one('select sum(round(health * 1000000))::bigint, count(*) from result where is_known');
  console.log('health', ...health.map(String));
}
main().catch((error) => { console.error(String(error)); process.exit(1); });
