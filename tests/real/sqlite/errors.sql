-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Statements that fail, each by itself; the shell goes on and ends with 1.
.bail off
PRAGMA foreign_keys = ON;
INSERT INTO book(author, title, pages) VALUES (9999, 'no author', 1);
INSERT INTO book(author, title, pages) VALUES (1, 'no pages', 0);
SELECT * FROM nothing;
SELEC 1;
SELECT json('{'), 1;
SELECT abs(-9223372036854775808);
.open @DIR@/none/there.db
CREATE TABLE t(a);
.open @DIR@/export.csv
SELECT * FROM sqlite_schema;
SELECT 'still here';
