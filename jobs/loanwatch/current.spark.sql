-- Replace $lake by the lake's path. Made from the declared public tables: a test keeps it true.
CREATE OR REPLACE TEMPORARY VIEW current_loan_class AS
SELECT t.* FROM delta.`$lake/classify/loan_class` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_migration AS
SELECT t.* FROM delta.`$lake/classify/migration` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_migration_rate AS
SELECT t.* FROM delta.`$lake/classify/migration_rate` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_warning AS
SELECT t.* FROM delta.`$lake/flag/warning` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_warning_event AS
SELECT t.* FROM delta.`$lake/flag/warning_event` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_storm AS
SELECT t.* FROM delta.`$lake/flag/storm` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_data_warning AS
SELECT t.* FROM delta.`$lake/flag/data_warning` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_label AS
SELECT t.* FROM delta.`$lake/flag/label` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_stray_review AS
SELECT t.* FROM delta.`$lake/flag/stray_review` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_watch_list AS
SELECT t.* FROM delta.`$lake/report/watch_list` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_change AS
SELECT t.* FROM delta.`$lake/report/change` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_portfolio AS
SELECT t.* FROM delta.`$lake/report/portfolio` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_collateral AS
SELECT t.* FROM delta.`$lake/report/collateral` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_roll_rate AS
SELECT t.* FROM delta.`$lake/report/roll_rate` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_vintage AS
SELECT t.* FROM delta.`$lake/report/vintage` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_pool_cash AS
SELECT t.* FROM delta.`$lake/report/pool_cash` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_pledge AS
SELECT t.* FROM delta.`$lake/report/base_pledge` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_loan AS
SELECT t.* FROM delta.`$lake/report/base_loan` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_agreement AS
SELECT t.* FROM delta.`$lake/report/base_agreement` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_agreement_loan AS
SELECT t.* FROM delta.`$lake/report/base_agreement_loan` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_transfer_loan AS
SELECT t.* FROM delta.`$lake/report/base_transfer_loan` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_transfer AS
SELECT t.* FROM delta.`$lake/report/base_transfer` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_instrument AS
SELECT t.* FROM delta.`$lake/report/base_instrument` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_protection AS
SELECT t.* FROM delta.`$lake/report/base_protection` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_counterparty AS
SELECT t.* FROM delta.`$lake/report/base_counterparty` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_co_debtor AS
SELECT t.* FROM delta.`$lake/report/base_co_debtor` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_figure AS
SELECT t.* FROM delta.`$lake/report/base_figure` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;

CREATE OR REPLACE TEMPORARY VIEW current_base_change AS
SELECT t.* FROM delta.`$lake/report/base_change` t
JOIN (
    SELECT as_of, max_by(release, publication_no) AS release FROM delta.`$lake/seal/publication`
    WHERE state = 'published' GROUP BY as_of
) p ON t.as_of = p.as_of AND t.release = p.release;
