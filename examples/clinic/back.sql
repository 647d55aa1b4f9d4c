-- For the way back: what the desk has, where the values go that come back, and the same audit.
CREATE TABLE desk (patient ROW<id STRING, name STRING>)
WITH ('connector' = 'filesystem', 'path' = '${out}/desk', 'format' = 'json');

CREATE VIEW masked AS SELECT patient.id AS id, patient.name AS name FROM desk;

CREATE TABLE opened (id STRING, name STRING)
WITH ('connector' = 'filesystem', 'path' = '${out}/opened', 'format' = 'json');

CREATE TABLE audit (`event` STRING)
WITH ('connector' = 'filesystem', 'path' = '${out}/audit', 'format' = 'raw');
