#!/usr/bin/env node
// what: worker threads and a child process that remove and truncate
// target: home/tree/many
// expect: destroys
// needs: node

require('fs').writeSync(1, 'START\n');
const { Worker, isMainThread, workerData } = require('worker_threads'), fs = require('fs');
if (isMainThread) {
  for (let k = 0; k < 4; k++) new Worker(__filename, {workerData: k});
  require('child_process').execSync('rm -f data/alpha.txt || true');
} else for (let i = workerData * 50; i < workerData * 50 + 50; i++) {
  const n = 'many/f' + String(i).padStart(3, '0');
  try { i % 2 ? fs.unlinkSync(n) : fs.truncateSync(n, 0); } catch (e) { }
}
