-- Free text: what is in it, what is it worth, and what may a segment see of it?
--
--   weir sql examples/sql/01-texts.sql --policy examples/orders/policy.yaml --key out/demo/demo.key

SET 'execution.runtime-mode' = 'BATCH';

CREATE TEMPORARY VIEW messages AS
SELECT * FROM (VALUES
  (1, 'Hi, my card 4111-1111-1111-1111 was charged twice.'),
  (2, 'Mail me at jane.roe@example.com or call +44 20 7946 0123.'),
  (3, 'My social security number (SSN) is 463-89-4666.'),
  (4, 'I have passed this on to employee EMP-204417.'),
  (5, 'Does the blue one come in size 42?')
) AS t (id, body);

-- The entities in a text, each once; its level, which is that of the most sensitive one; and where they stand: JSON, with
-- spans in code points and without any value, so that it can be logged.
SELECT id, classify(body) AS `level`, detect(body) AS entities, findings(body) AS found FROM messages;

-- The same text for three readers. Which mask applies to which entity stands in the policy, not here. Where the policy
-- denies a segment what is above its clearance, the result is NULL.
SELECT id,
       mask_text(body, 'support')   AS for_support,
       mask_text(body, 'marketing') AS for_marketing,
       mask_text(body, 'telemetry') AS for_everyone
FROM messages;

-- What a level is good for: nobody counts cards to find out which texts are harmless.
SELECT classify(body) AS `level`, COUNT(*) AS messages FROM messages GROUP BY classify(body);
