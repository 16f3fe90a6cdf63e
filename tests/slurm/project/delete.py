import os

os.remove("precious.txt")
