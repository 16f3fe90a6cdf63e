#!/usr/bin/env python3
# what: sqlite3: DELETE, DROP TABLE and VACUUM in an old data base
# target: home/tree/app.db
# expect: destroys

print('START', flush=True)
import sqlite3
d = sqlite3.connect("app.db")
d.execute("delete from t")
d.execute("drop table u")
d.commit()
d.execute("vacuum")
d.close()
