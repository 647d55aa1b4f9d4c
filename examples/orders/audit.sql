-- Questions to the audit, in Flink SQL, once `make demo` has run:
--
--   weir sql examples/orders/audit.sql --set out=$PWD/out/demo
--
-- docs/audit.md explains the event.

SET 'execution.runtime-mode' = 'BATCH';

CREATE TABLE audit_events (
  `weir`        INT,
  `time`        BIGINT,
  `coordinates` MAP<STRING, STRING>,
  `producer`    STRING,
  `input`       STRING,
  `policy`      ROW<`name` STRING, `version` INT, `digest` STRING>,
  `level`       STRING,
  `quarantine`  STRING,
  `findings`    ARRAY<ROW<`path` STRING, `entity` STRING, `score` DOUBLE, `detector` STRING, `count` INT>>,
  `decisions`   ARRAY<ROW<`segment` STRING, `decision` STRING, `rule` STRING, `masks` MAP<STRING, STRING>, `output` STRING>>
) WITH ('connector' = 'filesystem', 'path' = '${out}/audit', 'format' = 'json');

-- Is everything accounted for? Each row adds up to the number of records; quarantined ones have no decisions.
SELECT d.segment, d.decision, d.rule, COUNT(*) AS records
FROM audit_events
CROSS JOIN UNNEST(decisions) AS d (segment, decision, rule, masks, output)
GROUP BY d.segment, d.decision, d.rule
ORDER BY segment, records DESC;

-- Who received records with cards, and how were the cards masked? An empty mask: in the clear, as the clearance allows.
SELECT d.segment, d.masks['CREDIT_CARD'] AS mask, COUNT(DISTINCT input) AS records
FROM audit_events
CROSS JOIN UNNEST(findings) AS f (path, entity, score, detector, `count`)
CROSS JOIN UNNEST(decisions) AS d (segment, decision, rule, masks, output)
WHERE f.entity = 'CREDIT_CARD' AND d.decision = 'deliver'
GROUP BY d.segment, d.masks['CREDIT_CARD']
ORDER BY segment;

-- Which producers send sensitive data in places where no field rule expects it? These paths want a rule, or a talk.
SELECT producer, f.path, f.entity, f.detector, COUNT(*) AS records
FROM audit_events
CROSS JOIN UNNEST(findings) AS f (path, entity, score, detector, `count`)
WHERE f.detector <> 'field'
GROUP BY producer, f.path, f.entity, f.detector
ORDER BY records DESC
LIMIT 20;

-- What could not be read, and who sent it?
SELECT quarantine AS reason, coordinates['file'] AS file, COUNT(*) AS records
FROM audit_events
WHERE quarantine IS NOT NULL
GROUP BY quarantine, coordinates['file'];
