print("r" + "m")
