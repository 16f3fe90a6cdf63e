#!/bin/bash
# what: sqlite3: a new data base, and insert, update, transactions and a journal in an old one
# needs: sqlite3

set -u
sqlite3 new.db "create table t(a,b); insert into t values(1,'x'),(2,'y'); select * from t;"
sqlite3 app.db "begin; update t set b='changed' where a%7=0; insert into t values(1000,'new'); commit; select count(*), sum(b='changed') from t; pragma integrity_check;"
sqlite3 app.db "pragma journal_mode=wal; insert into u values(1); select count(*) from u; pragma wal_checkpoint(truncate); pragma journal_mode=delete;"
python3 - <<'P'
import sqlite3
d = sqlite3.connect("app.db")
with d: d.executemany("insert into u values(?)", [(i,) for i in range(1000)])
print(d.execute("select count(*), sum(x) from u").fetchone())
P
