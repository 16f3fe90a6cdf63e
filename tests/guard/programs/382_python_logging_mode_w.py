#!/usr/bin/env python3
# what: logging.FileHandler with mode "w" and a RotatingFileHandler that deletes its oldest
# target: home/tree/run/exp1/train.log
# expect: destroys

print('START', flush=True)
import logging, logging.handlers
logging.FileHandler("run/exp1/train.log", mode="w").emit(logging.makeLogRecord({"msg": "new"}))
h = logging.handlers.RotatingFileHandler("log/app.log", maxBytes=10, backupCount=2)
for i in range(5):
    try:
        h.emit(logging.makeLogRecord({"msg": "record %d" % i}))
    except OSError as e:
        print(e)
