-- The tables that `weir-job` holds until an overlay puts its own in their place. Clients show a certificate, which is a
-- mounted file, so that no password stands here, in the job graph or in the web interface.
SET 'weir.source' = 'orders';
SET 'weir.document' = 'line';
SET 'weir.coordinates' = 'topic, partition, offset';

CREATE TABLE orders (
  `line` BYTES,
  `topic` STRING METADATA VIRTUAL,
  `partition` INT METADATA VIRTUAL,
  `offset` BIGINT METADATA VIRTUAL
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders',
  'format' = 'raw',
  'scan.startup.mode' = 'group-offsets',
  'properties.group.id' = 'weir-orders',
  'properties.auto.offset.reset' = 'earliest',
  'properties.bootstrap.servers' = '${brokers}',
  'properties.security.protocol' = 'SSL',
  'properties.ssl.keystore.type' = 'PEM',
  'properties.ssl.keystore.location' = '/etc/weir/kafka/client.pem',
  'properties.ssl.truststore.type' = 'PEM',
  'properties.ssl.truststore.location' = '/etc/weir/kafka/ca.pem',
  -- Nothing of a transaction that was broken off.
  'properties.isolation.level' = 'read_committed'
);

CREATE TABLE payments_orders (`line` BYTES) WITH (
  'connector' = 'kafka',
  'topic' = 'weir.payments.orders',
  'format' = 'raw',
  'properties.bootstrap.servers' = '${brokers}',
  'properties.security.protocol' = 'SSL',
  'properties.ssl.keystore.type' = 'PEM',
  'properties.ssl.keystore.location' = '/etc/weir/kafka/client.pem',
  'properties.ssl.truststore.type' = 'PEM',
  'properties.ssl.truststore.location' = '/etc/weir/kafka/ca.pem',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'weir-payments-orders',
  -- Longer than a checkpoint and a restart; at most the broker's transaction.max.timeout.ms.
  'properties.transaction.timeout.ms' = '900000'
);

CREATE TABLE support_orders (`line` BYTES) WITH (
  'connector' = 'kafka',
  'topic' = 'weir.support.orders',
  'format' = 'raw',
  'properties.bootstrap.servers' = '${brokers}',
  'properties.security.protocol' = 'SSL',
  'properties.ssl.keystore.type' = 'PEM',
  'properties.ssl.keystore.location' = '/etc/weir/kafka/client.pem',
  'properties.ssl.truststore.type' = 'PEM',
  'properties.ssl.truststore.location' = '/etc/weir/kafka/ca.pem',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'weir-support-orders',
  -- Longer than a checkpoint and a restart; at most the broker's transaction.max.timeout.ms.
  'properties.transaction.timeout.ms' = '900000'
);

CREATE TABLE audit (`event` STRING) WITH (
  'connector' = 'kafka',
  'topic' = 'weir.audit',
  'format' = 'raw',
  'properties.bootstrap.servers' = '${brokers}',
  'properties.security.protocol' = 'SSL',
  'properties.ssl.keystore.type' = 'PEM',
  'properties.ssl.keystore.location' = '/etc/weir/kafka/client.pem',
  'properties.ssl.truststore.type' = 'PEM',
  'properties.ssl.truststore.location' = '/etc/weir/kafka/ca.pem',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'weir-audit',
  -- Longer than a checkpoint and a restart; at most the broker's transaction.max.timeout.ms.
  'properties.transaction.timeout.ms' = '900000'
);

CREATE TABLE quarantine (`record` BYTES, `reason` STRING, `coordinates` STRING, `policy` STRING) WITH (
  'connector' = 'kafka',
  'topic' = 'weir.quarantine',
  'format' = 'json',
  'properties.bootstrap.servers' = '${brokers}',
  'properties.security.protocol' = 'SSL',
  'properties.ssl.keystore.type' = 'PEM',
  'properties.ssl.keystore.location' = '/etc/weir/kafka/client.pem',
  'properties.ssl.truststore.type' = 'PEM',
  'properties.ssl.truststore.location' = '/etc/weir/kafka/ca.pem',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'weir-quarantine',
  -- Longer than a checkpoint and a restart; at most the broker's transaction.max.timeout.ms.
  'properties.transaction.timeout.ms' = '900000'
);
