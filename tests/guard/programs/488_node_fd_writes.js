#!/usr/bin/env node
// what: openSync "r+", writeSync at a position, ftruncateSync
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: node

require('fs').writeSync(1, 'START\n');
const fs = require('fs');
const f = fs.openSync('data/alpha.txt', 'r+'); fs.writeSync(f, 'XXXX', 0); 
const g = fs.openSync('data/beta.txt', 'r+'); try { fs.ftruncateSync(g, 3); } catch (e) { console.log(e.code); }
const h = fs.openSync('notes.txt', 'a'); try { fs.ftruncateSync(h, 0); } catch (e) { console.log(e.code); }
