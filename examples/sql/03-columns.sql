-- Columns whose kind is known: mask each by its entity, or with the functions that Hive and Spark have.
--
--   weir sql examples/sql/03-columns.sql --policy examples/orders/policy.yaml --key out/demo/demo.key \
--       --set data=$PWD/examples/orders/data/orders.jsonl

SET 'execution.runtime-mode' = 'BATCH';

CREATE TABLE orders (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${data}', 'format' = 'raw');

-- Columns of their own, because Flink 2.3 cannot plan a Python function on several nested fields of one ROW.
CREATE TEMPORARY VIEW customers AS
SELECT JSON_VALUE(doc, '$.id')                     AS id,
       JSON_VALUE(doc, '$.payload.customer.name')  AS name,
       JSON_VALUE(doc, '$.payload.customer.email') AS email,
       JSON_VALUE(doc, '$.payload.customer.phone') AS phone,
       JSON_VALUE(doc, '$.payload.payment.card')   AS card
FROM (SELECT CAST(`line` AS STRING) AS doc FROM orders)
WHERE doc LIKE '{"id":"ord-0000%"payment":{"method":"card"%'
LIMIT 5;

-- By the policy: what does support see of a name, an address, a card?
SELECT id,
       mask(name,  'PERSON',        'support') AS name,
       mask(email, 'EMAIL_ADDRESS', 'support') AS email,
       mask(phone, 'PHONE_NUMBER',  'support') AS phone,
       mask(card,  'CREDIT_CARD',   'support') AS card
FROM customers;

-- Without a segment nothing of the value is left.
SELECT id, mask(card, 'CREDIT_CARD') AS card FROM customers;

-- Hive's and Spark's functions: upper case becomes X, lower case x, digits n. mask_hash is keyed here, because the plain
-- SHA-256 of a card or a phone number can be guessed by trying all of them.
SELECT id,
       mask_show_last_n(card, 4)   AS last_four,
       mask_show_first_n(phone, 3) AS first_three,
       mask_first_n(name, 3)       AS without_three,
       mask_hash(email)            AS digest
FROM customers;
