#!/bin/bash
# what: node: fs, streams, child processes, workers, timers, http on loopback
# needs: node

set -u
cat > n.js <<'J'
const fs = require('fs'), cp = require('child_process'), http = require('http'), { Worker } = require('worker_threads');
fs.mkdirSync('nd/a/b', {recursive: true}); fs.writeFileSync('nd/a/b/f.txt', 'one'); fs.appendFileSync('nd/a/b/f.txt', ' two'); fs.renameSync('nd/a/b/f.txt', 'nd/g.txt');
console.log(fs.readFileSync('nd/g.txt', 'utf8'), cp.execSync('echo child').toString().trim(), fs.readdirSync('docs').join());
fs.cpSync('docs', 'nd/docs', {recursive: true});
new Worker('require("worker_threads").parentPort.postMessage(21 * 2)', {eval: true}).on('message', m => {
  console.log('worker', m);
  const s = http.createServer((q, r) => r.end('hello ' + q.url)).listen(0, '127.0.0.1', () => http.get({port: s.address().port, host: '127.0.0.1', path: '/x'}, r => { r.on('data', d => console.log(d.toString())); r.on('end', () => s.close()); }));
});
J
node n.js
