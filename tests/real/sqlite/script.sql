-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- The shell reads this on standard input, once to make the databases in @DIR@
-- and check them. Nothing here depends on time, chance or the place.
.bail on
.mode list
.headers on
PRAGMA page_size = 1024;
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = NORMAL;
PRAGMA foreign_keys = ON;

CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born INT);
CREATE TABLE book(
    id INTEGER PRIMARY KEY,
    author INT NOT NULL REFERENCES author ON DELETE CASCADE,
    title TEXT NOT NULL COLLATE NOCASE,
    pages INT CHECK (pages > 0),
    price REAL,
    words INT AS (pages * 250) STORED
);
CREATE INDEX book_by_author ON book(author, pages DESC);
CREATE INDEX book_long ON book(title) WHERE pages > 500;
CREATE TABLE history(at INTEGER PRIMARY KEY, what TEXT);
CREATE TRIGGER book_made AFTER INSERT ON book BEGIN
    INSERT INTO history(what) VALUES ('made ' || new.id);
END;
CREATE TRIGGER book_gone AFTER DELETE ON book BEGIN
    INSERT INTO history(what) VALUES ('gone ' || old.id || ' ' || old.title);
END;

-- Twenty thousand rows from a generator of pseudo-random numbers.
BEGIN;
WITH RECURSIVE r(i, x) AS (
    SELECT 1, 12345
    UNION ALL
    SELECT i + 1, (x * 1103515245 + 12345) & 0x7fffffff FROM r WHERE i < 200
)
INSERT INTO author SELECT i, printf('Author %03d %c', i, 65 + (x >> 8) % 26),
    1800 + (x >> 8) % 200 FROM r;
WITH RECURSIVE r(i, x) AS (
    SELECT 1, 54321
    UNION ALL
    SELECT i + 1, (x * 1103515245 + 12345) & 0x7fffffff FROM r WHERE i < 20000
)
INSERT INTO book(id, author, title, pages, price)
    SELECT i, 1 + (x >> 8) % 200, printf('Title %x', x), 1 + (x >> 9) % 900,
        ((x >> 4) % 10000) / 100.0 FROM r;
COMMIT;

SELECT count(*), sum(pages), round(avg(price), 6), min(title), max(title),
    sum(words) FROM book;
SELECT name, count(*) AS books, sum(pages) AS total FROM author
    JOIN book ON book.author = author.id
    GROUP BY author.id HAVING books > 110 ORDER BY total DESC, name LIMIT 5;
SELECT born / 50 * 50 AS half, group_concat(id, ' ') FROM
    (SELECT * FROM author ORDER BY id) WHERE id <= 40 GROUP BY half;
SELECT title, pages, rank() OVER w AS place,
    sum(pages) OVER (w ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS three,
    lag(pages, 1, 0) OVER w AS before, ntile(4) OVER w AS quarter
    FROM book WHERE author = 7 WINDOW w AS (ORDER BY pages DESC, id)
    ORDER BY place, title LIMIT 8;
SELECT count(*) FROM book WHERE title LIKE '%ff%' OR title GLOB '*[0-3]a';
SELECT a.id, b.id FROM book a, book b WHERE a.author = b.author
    AND a.pages = b.pages + 800 AND a.price > b.price ORDER BY 1, 2 LIMIT 5;
EXPLAIN QUERY PLAN SELECT * FROM book WHERE author = 3 AND pages > 100;

-- Changes, savepoints, a roll-back, constraints.
BEGIN;
DELETE FROM author WHERE id % 40 = 0;
SELECT changes(), count(*), count(DISTINCT author) FROM book;
SAVEPOINT inner;
UPDATE book SET price = price * 2, title = upper(title) WHERE pages > 890;
SELECT round(sum(price), 4) FROM book;
ROLLBACK TO inner;
SELECT round(sum(price), 4) FROM book;
COMMIT;
SELECT count(*), max(at), min(what), max(what) FROM history;
BEGIN;
DELETE FROM book;
SELECT count(*) FROM book;
ROLLBACK;
SELECT count(*) FROM book;
INSERT OR IGNORE INTO author(id, name) VALUES (1, 'twice');
INSERT INTO author(id, name, born) VALUES (1, 'twice', 1)
    ON CONFLICT(id) DO UPDATE SET born = excluded.born + 1000 RETURNING *;

-- Values: every type, exact text of numbers, dates, blobs, JSON, functions.
SELECT typeof(1), typeof(1.0), typeof('1'), typeof(x'31'), typeof(NULL);
SELECT 9223372036854775807, 9223372036854775807 + 1, -9223372036854775808,
    1e400, 0.1 + 0.2, 1.0 / 3, 7 / 2, -7 / 2, -7 % 3, 1 << 62, ~5;
SELECT cast('12abc' AS INT), cast(3.99 AS INT), cast(x'3132' AS TEXT), '5' + 5;
SELECT date('2024-02-29', '+1 year'), strftime('%j %W', '2024-12-31'),
    julianday('2000-01-01 12:00'), datetime(86400 * 365, 'unixepoch');
SELECT hex(zeroblob(4) || x'ff'), length('日本'), unicode('é'), char(9731),
    instr('hello', 'l'), replace('aaa', 'a', 'bc'), trim('  x '), quote('it''s');
SELECT round(sqrt(2), 12), round(pow(2, 0.5), 12), round(ln(10), 12), pi(),
    round(sin(1), 12), round(atan2(1, -1), 12), ceil(-1.5), mod(7, 3);
SELECT json_extract('{"a":[1,2,{"b":null}]}', '$.a[2].b', '$.a[1]'),
    json_group_array(value) FROM json_each('[3,1,2]') WHERE value > 1;
SELECT json_patch('{"a":1,"b":2}', '{"b":null,"c":[true]}');
SELECT fullkey, atom FROM json_tree('{"x":[{"y":1.5}],"z":"t"}') ORDER BY id;
WITH RECURSIVE
    xs(x) AS (SELECT -2.0 UNION ALL SELECT x + 0.1 FROM xs WHERE x < 0.9),
    ys(y) AS (SELECT -1.0 UNION ALL SELECT y + 0.2 FROM ys WHERE y < 0.9),
    m(n, cx, cy, x, y) AS (
        SELECT 0, x, y, 0.0, 0.0 FROM xs, ys
        UNION ALL
        SELECT n + 1, cx, cy, x * x - y * y + cx, 2.0 * x * y + cy FROM m
            WHERE x * x + y * y < 4.0 AND n < 28
    ),
    depth(n, cx, cy) AS (SELECT max(n), cx, cy FROM m GROUP BY cx, cy)
SELECT group_concat(substr(' .+*#', 1 + min(n / 7, 4), 1), '') AS row
    FROM depth GROUP BY cy ORDER BY cy;

-- Full text and R*Tree.
CREATE VIRTUAL TABLE note USING fts5(body, tokenize = 'porter unicode61');
INSERT INTO note SELECT title || ' was running near page ' || pages FROM book
    WHERE id <= 500;
INSERT INTO note VALUES ('Ein schöner Übergang, naïve'), ('runs and ran');
SELECT count(*) FROM note WHERE note MATCH 'run';
SELECT snippet(note, 0, '[', ']', '…', 4) FROM note WHERE note MATCH 'ubergang';
CREATE VIRTUAL TABLE area USING rtree(id, x0, x1, y0, y1);
INSERT INTO area SELECT id, pages, pages + 3, author, author + 2 FROM book
    WHERE id <= 2000;
SELECT count(*) FROM area WHERE x0 > 100 AND x1 < 300 AND y0 > 50 AND y1 < 90;

-- A second file, a copy, and both checked.
ATTACH '@DIR@/other.db' AS other;
CREATE TABLE other.longest AS SELECT * FROM book ORDER BY pages DESC, id LIMIT 50;
SELECT count(*), sum(id) FROM other.longest;
SELECT count(*) FROM book NATURAL JOIN other.longest;
DETACH other;
.backup @DIR@/copy.db
CREATE TEMP TABLE big(data BLOB);
INSERT INTO big SELECT zeroblob(100000) FROM author LIMIT 30;
SELECT sum(length(data)) FROM big;
DELETE FROM book WHERE id % 3 = 0;
VACUUM;
PRAGMA integrity_check;
PRAGMA foreign_key_check;
PRAGMA page_count;
PRAGMA freelist_count;

-- The shell itself: modes, output to a file and back.
.mode csv
SELECT id, title, price FROM book ORDER BY id LIMIT 3;
.output @DIR@/export.csv
SELECT id, title, pages FROM book WHERE id < 1000;
.output
CREATE TABLE imported(id INT, title TEXT, pages INT);
.import --skip 1 @DIR@/export.csv imported
.mode json
SELECT count(*), sum(pages) FROM imported;
.mode column
SELECT * FROM author LIMIT 3;
.mode insert
SELECT * FROM imported LIMIT 2;
.mode line
SELECT 1 AS one, 'two' AS two;
.tables
.schema book
.dump history
