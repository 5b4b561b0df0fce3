-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- What script.sql left behind, seen by a new process.
.bail on
PRAGMA integrity_check;
SELECT count(*), sum(pages) FROM book;
SELECT count(*) FROM note WHERE note MATCH 'naive';
.open @DIR@/copy.db
PRAGMA integrity_check;
SELECT count(*), sum(pages), round(sum(price), 4) FROM book;
.open @DIR@/other.db
SELECT count(*), min(pages) FROM longest;
DROP TABLE longest;
VACUUM;
