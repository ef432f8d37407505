#!/usr/bin/env node
// Launcher: runs on any Node from 18 on and goes on in Node 24 (the project's own), which runs TypeScript as it is.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = major > 24 || (major === 24 && minor >= 6);
const packaged = join(here, '..', 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
const node = newEnough ? process.execPath : packaged;

if (!newEnough && !existsSync(packaged)) {
  console.error(`routewatch needs Node.js 24.6 or newer; this is ${process.version}, and none is installed beside it.\nRun \`make setup\` in ${join(here, '..')}, or install Node.js 24.`);
  process.exit(70);
}

// A collector's host has none of what the other commands need.
const main = join(here, process.argv[2] === 'collect' ? 'collector.ts' : 'main.ts');
// What Node makes of the sources is kept between runs: the start takes half the time.
const env = { NODE_COMPILE_CACHE: join(here, '..', 'build', 'compile-cache'), ...process.env };
const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`routewatch: ${node} cannot be started: ${error.message}`);
  process.exit(70);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
