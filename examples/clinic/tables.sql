-- The visits, a document a line, and a table for each output.
SET 'weir.source' = 'visits';
SET 'weir.document' = 'line';

CREATE TABLE visits (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${in}', 'format' = 'raw');

CREATE TABLE ward (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/ward', 'format' = 'raw');

CREATE TABLE research (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/research', 'format' = 'raw');

CREATE TABLE desk (`line` BYTES)
WITH ('connector' = 'filesystem', 'path' = '${out}/desk', 'format' = 'raw');

CREATE TABLE audit (`event` STRING)
WITH ('connector' = 'filesystem', 'path' = '${out}/audit', 'format' = 'raw');

CREATE TABLE quarantine (`record` BYTES, `reason` STRING)
WITH ('connector' = 'filesystem', 'path' = '${out}/quarantine', 'format' = 'json');
