-- The orders example over Kafka: one topic in, one topic for each segment out, and the audit and the quarantine.
-- `python -m examples.kafka` runs it; ${bootstrap}, ${ca} and ${password} are what the broker was made with.

SET 'weir.source' = 'orders';
SET 'weir.document' = 'line';                           -- each value is one JSON document
SET 'weir.key' = 'k';                                   -- a message's key is part of the record, at the path @key
SET 'weir.coordinates' = 'topic, partition, offset';    -- goes to the audit: where a record came from
SET 'weir.producer' = 'header:producer';                -- who produced it: a header of the message
SET 'weir.time' = 'ts';                                 -- when: the message's time

-- What the sinks write becomes visible with each checkpoint, all of it or nothing.
SET 'execution.checkpointing.interval' = '2 s';

-- BYTES and not STRING, so that invalid UTF-8 is seen as what it is and not repaired on the way in.
CREATE TABLE orders (
  `k` BYTES,
  `line` BYTES,
  `topic` STRING NOT NULL METADATA VIRTUAL,
  `partition` INT NOT NULL METADATA VIRTUAL,
  `offset` BIGINT NOT NULL METADATA VIRTUAL,
  `headers` MAP<STRING, BYTES> METADATA VIRTUAL,
  `ts` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders',
  'key.format' = 'raw',
  'key.fields' = 'k',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'scan.startup.mode' = 'earliest-offset',
  'properties.group.id' = 'weir-orders',                -- the user may use groups that begin with "weir"
  'properties.isolation.level' = 'read_committed',      -- what a producer took back is not read
  'properties.bootstrap.servers' = '${bootstrap}',
  'properties.security.protocol' = 'SASL_SSL',
  'properties.ssl.truststore.type' = 'PEM',
  'properties.ssl.truststore.location' = '${ca}',
  'properties.sasl.mechanism' = 'SCRAM-SHA-512',
  -- Flink's SQL connector has Kafka's classes inside it, under names that begin with its own.
  'properties.sasl.jaas.config' = 'org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule required username="weir" password="${password}";'
);

-- What all outputs have in common. It is no output itself: the others are LIKE it.
CREATE TABLE written WITH (
  'connector' = 'kafka',
  'sink.delivery-guarantee' = 'exactly-once',
  -- How long a transaction may stay open: well over a checkpoint and a restart, and no more than the 15 minutes that a
  -- broker allows. Flink's own default is an hour, which the broker refuses.
  'properties.transaction.timeout.ms' = '600000',
  -- Many messages in one request: with Kafka's own values this job did about half as many records a second.
  'properties.linger.ms' = '50',                        -- a message waits for others no longer than that
  'properties.batch.size' = '262144',                   -- bytes of a partition's messages that go together
  'properties.bootstrap.servers' = '${bootstrap}',
  'properties.security.protocol' = 'SASL_SSL',
  'properties.ssl.truststore.type' = 'PEM',
  'properties.ssl.truststore.location' = '${ca}',
  'properties.sasl.mechanism' = 'SCRAM-SHA-512',
  'properties.sasl.jaas.config' = 'org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule required username="weir" password="${password}";'
);

-- What all segments get: the key and the document, both masked, and the time of the record.
CREATE TABLE delivered (
  `k` BYTES,
  `line` BYTES,
  `ts` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
) WITH (
  'key.format' = 'raw',
  'key.fields' = 'k',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY'
) LIKE written;

-- One table for each segment. Each needs a prefix of its own for the names of its transactions. Where there are
-- `headers`, two of them are labels: weir-level, the level of the record as it came, and weir-policy.
CREATE TABLE payments_orders (`headers` MAP<STRING, BYTES> METADATA)
WITH ('topic' = 'orders.payments', 'sink.transactional-id-prefix' = 'weir-payments') LIKE delivered;

CREATE TABLE support_orders (`headers` MAP<STRING, BYTES> METADATA)
WITH ('topic' = 'orders.support', 'sink.transactional-id-prefix' = 'weir-support') LIKE delivered;

CREATE TABLE fraud_orders (`headers` MAP<STRING, BYTES> METADATA)
WITH ('topic' = 'orders.fraud', 'sink.transactional-id-prefix' = 'weir-fraud') LIKE delivered;

CREATE TABLE analytics_orders (`headers` MAP<STRING, BYTES> METADATA)
WITH ('topic' = 'orders.analytics', 'sink.transactional-id-prefix' = 'weir-analytics') LIKE delivered;

-- These two are not told what level a record had.
CREATE TABLE marketing_orders
WITH ('topic' = 'orders.marketing', 'sink.transactional-id-prefix' = 'weir-marketing') LIKE delivered;

CREATE TABLE telemetry_clean
WITH ('topic' = 'orders.telemetry', 'sink.transactional-id-prefix' = 'weir-telemetry') LIKE delivered;

CREATE TABLE audit (`event` STRING)
WITH ('topic' = 'orders.audit', 'value.format' = 'raw', 'sink.transactional-id-prefix' = 'weir-audit') LIKE written;

-- It holds the original bytes (base64 in JSON), so only data stewards may read it.
CREATE TABLE quarantine (
  `record` BYTES,
  `reason` STRING,
  `coordinates` STRING,
  `producer` STRING,
  `policy` STRING,
  `attributes` STRING                                   -- the key as it came
) WITH ('topic' = 'orders.quarantine', 'value.format' = 'json', 'sink.transactional-id-prefix' = 'weir-quarantine')
LIKE written;
