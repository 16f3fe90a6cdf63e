#!/usr/bin/env node
// what: rmSync, unlinkSync, rmdirSync, promises.rm
// target: home/tree/docs home/tree/data/alpha.txt
// expect: destroys
// needs: node

require('fs').writeSync(1, 'START\n');
const fs = require('fs');
for (const f of [() => fs.unlinkSync('data/alpha.txt'), () => fs.rmSync('docs', {recursive: true, force: true}), () => fs.rmdirSync('empty_dir')])
  try { f(); } catch (e) { console.log(e.code); }
fs.promises.rm('run', {recursive: true}).catch(e => console.log(e.code));
