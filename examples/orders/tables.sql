-- Where the stream comes from and where each segment goes: plain Flink SQL, so every connector and format of Flink serves.
-- For Kafka, replace the WITH clauses; the policy stays as it is.
--
--   weir run segment --policy examples/orders/policy.yaml --tables examples/orders/tables.sql \
--       --key out/demo.key --set data=$PWD/examples/orders/data/orders.jsonl --set out=$PWD/out/demo

-- Which table is read, and which of its columns is what.
SET 'weir.source' = 'orders';
SET 'weir.document' = 'line';          -- each value is one JSON document
SET 'weir.coordinates' = 'file';       -- goes to the audit: where a record came from
SET 'weir.producer' = 'path:producer'; -- who produced it: a path in the document

-- BYTES and not STRING, so that invalid UTF-8 is seen as what it is and not repaired on the way in.
CREATE TABLE orders (
  `line` BYTES,
  `file` STRING NOT NULL METADATA FROM 'file.path' VIRTUAL
) WITH ('connector' = 'filesystem', 'path' = '${data}', 'format' = 'raw');

-- One table for each segment, under the name that the policy gives as its sink. Its columns are those of the record.
CREATE TABLE payments_orders (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/payments', 'format' = 'raw');

CREATE TABLE support_orders (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/support', 'format' = 'raw');

CREATE TABLE fraud_orders (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/fraud', 'format' = 'raw');

CREATE TABLE analytics_orders (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/analytics', 'format' = 'raw');

CREATE TABLE marketing_orders (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/marketing', 'format' = 'raw');

CREATE TABLE telemetry_clean (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/telemetry', 'format' = 'raw');

-- One JSON event for each record. audit.sql reads it as a table.
CREATE TABLE audit (`event` STRING)
WITH ('connector' = 'filesystem', 'path' = '${out}/audit', 'format' = 'raw');

-- What could not be read, with the reason. It holds the original bytes (base64 in JSON), so it has the highest clearance.
CREATE TABLE quarantine (
  `record` BYTES,
  `reason` STRING,
  `coordinates` STRING,
  `producer` STRING,
  `policy` STRING
) WITH ('connector' = 'filesystem', 'path' = '${out}/quarantine', 'format' = 'json');
