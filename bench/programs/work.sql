-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Inserts, an index, joins, groups, text: 1000 rows for each of @N@.
PRAGMA temp_store = MEMORY;
CREATE TABLE item(id INTEGER PRIMARY KEY, owner INT, name TEXT, price REAL);
WITH RECURSIVE n(i) AS (
    SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 * @N@
)
INSERT INTO item
SELECT i, i * 7919 % 1009, printf('item %d of %x', i, i * 31), i % 97 * 1.25
FROM n;
CREATE INDEX item_by_owner ON item(owner, price);
SELECT count(*), sum(price), max(name) FROM item;
SELECT owner % 10, count(*), avg(price) FROM item GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM item a JOIN item b ON b.owner = a.owner + 1
WHERE a.id % 100 = 0;
UPDATE item SET price = price * 1.1 WHERE name LIKE '%f';
SELECT sum(length(replace(name, 'item', 'thing'))), total(price) FROM item;
DELETE FROM item WHERE owner % 3 = 0;
SELECT group_concat(name, ';') FROM (SELECT name FROM item LIMIT 20);
