#!/usr/bin/env node
// what: node: writeFileSync, mkdirSync, copyFileSync, chmodSync outside
// target: outside/outside.txt
// expect: writes-outside
// needs: node

require('fs').writeSync(1, 'START\n');
const fs = require('fs'), o = process.env.OUTSIDE;
for (const f of [() => fs.writeFileSync(o + '/new.txt', 'x'), () => fs.mkdirSync(o + '/d'), () => fs.copyFileSync('notes.txt', o + '/outside.txt'), () => fs.chmodSync(o + '/exec.sh', 0o600), () => fs.rmSync(o + '/dir', {recursive: true})])
  try { f(); } catch (e) { console.log(e.message); }
