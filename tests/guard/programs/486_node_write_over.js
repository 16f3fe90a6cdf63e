#!/usr/bin/env node
// what: writeFileSync, truncateSync, renameSync, createWriteStream, cpSync with force
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: node

require('fs').writeSync(1, 'START\n');
const fs = require('fs');
fs.writeFileSync('mine', 'x');
for (const f of [() => fs.writeFileSync('data/alpha.txt', 'new'), () => fs.truncateSync('data/beta.txt', 5), () => fs.renameSync('mine', 'data/gamma.csv'), () => fs.cpSync('script.py', 'notes.txt', {force: true}), () => fs.copyFileSync('script.py', 'config.yaml')])
  try { f(); } catch (e) { console.log(e.code); }
fs.createWriteStream('run/exp1/train.log').on('error', e => console.log(e.code)).end('new');
