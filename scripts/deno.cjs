'use strict';
// Finds the Deno program itself. The command that its package installs waits for it without passing
// signals on, so a stop would reach the wrapper and leave Deno running.
const { existsSync, realpathSync } = require('node:fs');
const { dirname, join, resolve } = require('node:path');

/** The path of the Deno program in the data plane's packages; throws when this system has none. */
exports.denoPath = () => {
  const folder = dirname(realpathSync(join(resolve(__dirname, '..'), 'data-plane', 'node_modules', 'deno', 'package.json')));
  const program = join(folder, process.platform === 'win32' ? 'deno.exe' : 'deno');
  return existsSync(program) ? program : require(join(folder, 'install_api.cjs')).runInstall();
};
