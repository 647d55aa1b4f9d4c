-- Registers Weir's functions in a session of Flink SQL. `weir sql` has them registered already.
--
-- What they need, on every machine that runs workers (see udfs/functions.py):
-- SET 'pipeline.global-job-parameters' = 'weir.policy:/etc/weir/policy.yaml,weir.keys:/etc/weir/root.key,weir.segment:support';

-- detect(text) -> ARRAY<STRING>: the entities in a text.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS detect AS 'udfs.functions.detect' LANGUAGE PYTHON;
-- classify(text) -> STRING: the level of a text.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS classify AS 'udfs.functions.classify' LANGUAGE PYTHON;
-- findings(text) -> STRING: JSON array of what was found where.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS findings AS 'udfs.functions.findings' LANGUAGE PYTHON;
-- mask(text, entity [, segment [, subject]]) -> STRING: a whole value of a known kind, masked.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS mask AS 'udfs.functions.mask' LANGUAGE PYTHON;
-- mask_text(text [, segment]) -> STRING: a free text as the segment may see it.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS mask_text AS 'udfs.functions.mask_text' LANGUAGE PYTHON;
-- mask_document(json [, segment]) -> STRING: a JSON document as the segment may see it.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS mask_document AS 'udfs.functions.mask_document' LANGUAGE PYTHON;

-- Hive's: (text [, n [, upper [, lower [, digit [, other]]]]]) -> STRING; mask_hash(text) is keyed.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS mask_first_n AS 'udfs.functions.mask_first_n' LANGUAGE PYTHON;
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS mask_last_n AS 'udfs.functions.mask_last_n' LANGUAGE PYTHON;
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS mask_show_first_n AS 'udfs.functions.mask_show_first_n' LANGUAGE PYTHON;
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS mask_show_last_n AS 'udfs.functions.mask_show_last_n' LANGUAGE PYTHON;
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS mask_hash AS 'udfs.functions.mask_hash' LANGUAGE PYTHON;

-- unmask(text, entity [, segment]) -> ROW<value STRING, event STRING>: the way back, with a grant. Take both from one
-- call: SELECT r.`value`, r.event FROM (SELECT unmask(card, 'CREDIT_CARD') AS r FROM orders).
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS unmask AS 'udfs.functions.unmask' LANGUAGE PYTHON;
-- erase(subject) -> STRING: destroys the keys of a person; the audit event that proves it.
CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS erase AS 'udfs.functions.erase' LANGUAGE PYTHON;
