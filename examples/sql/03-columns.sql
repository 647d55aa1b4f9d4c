-- Columns whose kind is known: mask each by its entity, or with the functions that Hive and Spark have.
--
--   weir sql examples/sql/03-columns.sql --policy examples/orders/policy.yaml --key out/demo/demo.key \
--       --set data=$PWD/examples/orders/data/orders.jsonl

SET 'execution.runtime-mode' = 'BATCH';

CREATE TABLE orders (
  `id`      STRING,
  `type`    STRING,
  `payload` ROW<
    `customer` ROW<`name` STRING, `email` STRING, `phone` STRING>,
    `payment`  ROW<`card` STRING, `total` DECIMAL(10, 2), `currency` STRING>
  >
) WITH ('connector' = 'filesystem', 'path' = '${data}', 'format' = 'json', 'json.ignore-parse-errors' = 'true');

CREATE TEMPORARY VIEW customers AS
SELECT `id`, payload.customer.name AS name, payload.customer.email AS email, payload.customer.phone AS phone,
       payload.payment.card AS card
FROM orders
WHERE `type` = 'order'
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
