#!/bin/bash
# what: a Makefile whose rules delete, replace and clean
# target: home/tree/data/alpha.txt home/tree/site
# expect: destroys
# needs: make

echo START
printf 'all: data/alpha.txt clean\n.PHONY: data/alpha.txt clean\ndata/alpha.txt:\n\t@echo new > $@\nclean:\n\t-@rm -rf site\n\t-@$(RM) notes.txt\n' > Makefile
make -s
true
