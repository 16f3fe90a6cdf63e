# What this runs is only known when it runs.
$(python3 verb.py) -f precious.txt
