-- The orders example over Kafka: one topic in, one topic for each segment out, and the audit and the quarantine.
-- `python -m examples.kafka` runs it; ${bootstrap}, ${ca} and ${password} are what the broker was made with.

SET 'weir.source' = 'orders';
SET 'weir.document' = 'line';                           -- each value is one JSON document
SET 'weir.coordinates' = 'topic, partition, offset';    -- goes to the audit: where a record came from
SET 'weir.producer' = 'header:producer';                -- who produced it: a header of the message
SET 'weir.time' = 'ts';                                 -- when: the message's time

-- What the sinks write becomes visible with each checkpoint, all of it or nothing.
SET 'execution.checkpointing.interval' = '2 s';

-- BYTES and not STRING, so that invalid UTF-8 is seen as what it is and not repaired on the way in.
CREATE TABLE orders (
  `line` BYTES,
  `topic` STRING NOT NULL METADATA VIRTUAL,
  `partition` INT NOT NULL METADATA VIRTUAL,
  `offset` BIGINT NOT NULL METADATA VIRTUAL,
  `headers` MAP<STRING, BYTES> METADATA VIRTUAL,
  `ts` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders',
  'format' = 'raw',
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
  'format' = 'raw',
  'sink.delivery-guarantee' = 'exactly-once',
  -- How long a transaction may stay open: well over a checkpoint and a restart, and no more than the 15 minutes that a
  -- broker allows. Flink's own default is an hour, which the broker refuses.
  'properties.transaction.timeout.ms' = '600000',
  'properties.bootstrap.servers' = '${bootstrap}',
  'properties.security.protocol' = 'SASL_SSL',
  'properties.ssl.truststore.type' = 'PEM',
  'properties.ssl.truststore.location' = '${ca}',
  'properties.sasl.mechanism' = 'SCRAM-SHA-512',
  'properties.sasl.jaas.config' = 'org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule required username="weir" password="${password}";'
);

-- One table for each segment. Each needs a prefix of its own for the names of its transactions.
CREATE TABLE payments_orders (`line` BYTES)
WITH ('topic' = 'orders.payments', 'sink.transactional-id-prefix' = 'weir-payments') LIKE written;

CREATE TABLE support_orders (`line` BYTES)
WITH ('topic' = 'orders.support', 'sink.transactional-id-prefix' = 'weir-support') LIKE written;

CREATE TABLE fraud_orders (`line` BYTES)
WITH ('topic' = 'orders.fraud', 'sink.transactional-id-prefix' = 'weir-fraud') LIKE written;

CREATE TABLE analytics_orders (`line` BYTES)
WITH ('topic' = 'orders.analytics', 'sink.transactional-id-prefix' = 'weir-analytics') LIKE written;

CREATE TABLE marketing_orders (`line` BYTES)
WITH ('topic' = 'orders.marketing', 'sink.transactional-id-prefix' = 'weir-marketing') LIKE written;

CREATE TABLE telemetry_clean (`line` BYTES)
WITH ('topic' = 'orders.telemetry', 'sink.transactional-id-prefix' = 'weir-telemetry') LIKE written;

CREATE TABLE audit (`event` STRING)
WITH ('topic' = 'orders.audit', 'sink.transactional-id-prefix' = 'weir-audit') LIKE written;

-- It holds the original bytes (base64 in JSON), so only data stewards may read it.
CREATE TABLE quarantine (
  `record` BYTES,
  `reason` STRING,
  `coordinates` STRING,
  `producer` STRING,
  `policy` STRING
) WITH ('topic' = 'orders.quarantine', 'format' = 'json', 'sink.transactional-id-prefix' = 'weir-quarantine')
LIKE written (OVERWRITING OPTIONS);
