-- Retention of RavenStack over 2024, by hand: over the rows of ravenstack_subscriptions.csv as they stand in the file, loaded as
-- texts into a table `subscriptions`. Money per year in cents. No part of tend is used; the engine's figures must equal these.
WITH paid AS (
  SELECT account_id, start_date, end_date, CAST(mrr_amount AS INTEGER) * 1200 AS yearly
    FROM subscriptions
   WHERE is_trial = 'False'
), ends AS (
  SELECT account_id,
         SUM(CASE WHEN start_date <= '2023-12-31' AND (end_date = '' OR end_date >= '2023-12-31') THEN yearly ELSE 0 END) AS s,
         SUM(CASE WHEN start_date <= '2024-12-31' AND (end_date = '' OR end_date >= '2024-12-31') THEN yearly ELSE 0 END) AS e,
         MAX(start_date <= '2023-12-31' AND yearly > 0) AS paid_before
    FROM paid
   GROUP BY account_id
)
SELECT 'mrr.start' AS kpi, SUM(s) AS numerator, 12 AS denominator FROM ends
UNION ALL SELECT 'mrr', SUM(e), 12 FROM ends
UNION ALL SELECT 'arr', SUM(e), 1 FROM ends
UNION ALL SELECT 'mrr.new', SUM(e) FILTER (WHERE s = 0 AND NOT paid_before), 12 FROM ends
UNION ALL SELECT 'mrr.reactivation', COALESCE(SUM(e) FILTER (WHERE s = 0 AND paid_before), 0), 12 FROM ends
UNION ALL SELECT 'mrr.expansion', COALESCE(SUM(e - s) FILTER (WHERE s > 0 AND e > s), 0), 12 FROM ends
UNION ALL SELECT 'mrr.contraction', COALESCE(SUM(s - e) FILTER (WHERE e > 0 AND s > e), 0), 12 FROM ends
UNION ALL SELECT 'mrr.churn', COALESCE(SUM(s) FILTER (WHERE e = 0), 0), 12 FROM ends
UNION ALL SELECT 'grr', SUM(MIN(s, e)), SUM(s) FROM ends
UNION ALL SELECT 'nrr', SUM(e) FILTER (WHERE s > 0), SUM(s) FROM ends
UNION ALL SELECT 'nrr.with_reactivation', SUM(e) FILTER (WHERE s > 0 OR paid_before), SUM(s) FROM ends
UNION ALL SELECT 'logo_retention', COUNT(*) FILTER (WHERE s > 0 AND e > 0), COUNT(*) FILTER (WHERE s > 0) FROM ends
UNION ALL SELECT 'logo_churn', COUNT(*) FILTER (WHERE s > 0 AND e = 0), COUNT(*) FILTER (WHERE s > 0) FROM ends
