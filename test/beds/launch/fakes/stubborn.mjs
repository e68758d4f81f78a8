// A program that goes on TERM only by force, and has started another one like it. Says who it is in a folder, and
// listens where it was told to: `stubborn.mjs <folder> <name> [port] [exit code, milliseconds]`.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const [folder, name, port = '', code = '', milliseconds = '0'] = process.argv.slice(2);
process.on('SIGTERM', () => console.log('I do not go'));
console.log(`${name} starts`);
if (!name.endsWith('-child'))
  spawn(process.execPath, [fileURLToPath(import.meta.url), folder, `${name}-child`], { stdio: 'inherit' });
if (port !== '')
  createServer((_, response) => response.end(`this is ${name}`))
    .on('error', (error) => {
      console.log(error.code);
      process.exit(1);
    })
    .listen(Number(port), '127.0.0.1');
if (code !== '') setTimeout(() => process.exit(Number(code)), Number(milliseconds));
writeFileSync(`${folder}/${name}`, String(process.pid));
setInterval(() => undefined, 60_000);
