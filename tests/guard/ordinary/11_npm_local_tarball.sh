#!/bin/bash
# what: npm init, npm pack and npm install of a local tarball
# needs: npm
# ignore: app/node_modules/.package-lock.json

set -u
export npm_config_cache="$TMPDIR/npm" npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false npm_config_offline=true
mkdir lib app && cd lib && npm init -y >/dev/null 2>&1 && echo 'module.exports = () => "from lib"' > index.js && npm pack --silent
cd ../app && npm init -y >/dev/null 2>&1 && npm install --silent ../lib/lib-1.0.0.tgz && node -e 'console.log(require("lib")())'; ls node_modules; npm run 2>/dev/null | head -3; node -p 'Object.keys(require("./package.json").dependencies)'
