-- Whole JSON documents, as the segment job treats them: fields by their place, free text by its content, the rest untouched.
--
--   weir sql examples/sql/02-documents.sql --policy examples/orders/policy.yaml --key out/demo/demo.key \
--       --set data=$PWD/examples/orders/data/orders.jsonl

SET 'execution.runtime-mode' = 'BATCH';

-- BYTES: a line that is no UTF-8 is then NULL for the functions. Flink repairs it in a cast, and fails on it in a STRING column.
CREATE TABLE orders (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${data}', 'format' = 'raw');

-- One chat, as it came and as two segments may see it.
SELECT CAST(`line` AS STRING) AS as_it_came,
       mask_document(`line`, 'support') AS for_support,
       mask_document(`line`, 'fraud') AS for_fraud
FROM (SELECT `line` FROM orders WHERE CAST(`line` AS STRING) LIKE '{"id":"cht-%card%' LIMIT 1);

-- A view of a segment is a table like any other: customers by pseudonym, who ordered most often.
-- What the segment does not accept, and what is no JSON, is NULL.
CREATE TEMPORARY VIEW analytics AS
SELECT view_of FROM (SELECT mask_document(`line`, 'analytics') AS view_of FROM orders) WHERE view_of IS NOT NULL;

SELECT JSON_VALUE(view_of, '$.payload.customer.email') AS customer, COUNT(*) AS orders
FROM analytics
GROUP BY JSON_VALUE(view_of, '$.payload.customer.email')
ORDER BY orders DESC
LIMIT 5;

-- Marketing's pseudonyms are made in the same scope, so the two may be joined; support's are not, and find nothing.
SELECT COUNT(DISTINCT JSON_VALUE(a, '$.id')) AS orders,
       COUNT(DISTINCT CASE WHEN JSON_VALUE(a, '$.payload.customer.email') = JSON_VALUE(m, '$.payload.customer.email')
                           THEN JSON_VALUE(a, '$.id') END) AS joined_with_marketing,
       COUNT(DISTINCT CASE WHEN JSON_VALUE(a, '$.payload.customer.email') = JSON_VALUE(s, '$.payload.customer.email')
                           THEN JSON_VALUE(a, '$.id') END) AS joined_with_support
FROM (SELECT mask_document(`line`, 'analytics') AS a, mask_document(`line`, 'marketing') AS m,
             mask_document(`line`, 'support') AS s
      FROM orders WHERE CAST(`line` AS STRING) LIKE '%"type":"order"%');
