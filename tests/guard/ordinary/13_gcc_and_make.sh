#!/bin/bash
# what: gcc, ar and make -j4, twice, after a change
# needs: gcc make

set -u
mkdir p && cd p
for i in 1 2 3 4 5 6; do echo "int f$i(void) { return $i; }" > f$i.c; done
printf '#include <stdio.h>\nint f1(void), f6(void);\nint main(void) { printf("%%d\\n", f1() + f6()); return 0; }\n' > main.c
printf 'OBJ = main.o $(patsubst %%,f%%.o,1 2 3 4 5 6)\nprog: $(OBJ)\n\t$(CC) -o $@ $^\n%%.o: %%.c\n\t$(CC) -O1 -c -o $@ $<\nlib.a: $(OBJ)\n\tar rcD $@ $^\n' > Makefile
make -s -j4 prog lib.a && ./prog; sed -i 's/return 1/return 10/' f1.c; touch f1.c; make -s -j4 prog lib.a && ./prog; ar t lib.a; gcc -shared -fPIC -o lib.so f1.c && echo shared
