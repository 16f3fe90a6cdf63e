#!/bin/bash
# what: sqlite3: DROP, VACUUM, .restore
# target: home/tree/app.db
# expect: destroys
# needs: sqlite3

echo START
sqlite3 app.db "drop table t; vacuum;"
