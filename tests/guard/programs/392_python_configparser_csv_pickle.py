#!/usr/bin/env python3
# what: configparser, csv, pickle and shelve over old files
# target: home/tree/config.yaml home/tree/data/gamma.csv
# expect: destroys

print('START', flush=True)
import configparser, csv, pickle
c = configparser.ConfigParser()
with open("config.yaml", "w") as f:
    c.write(f)
with open("data/gamma.csv", "w", newline="") as f:
    csv.writer(f).writerow([1, 2])
pickle.dump({}, open("run/exp1/ckpt_3.pt", "wb"))
