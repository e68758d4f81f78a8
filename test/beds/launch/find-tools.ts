import { spawnSync } from 'node:child_process';
import { BedError } from './bed-error.ts';

/** What the machine has to bring. */
export interface Tools {
  readonly python: string;
  readonly java: string;
}

const PYTHONS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const PYTHON_PROBE = 'import ensurepip, sys, venv; print(*sys.version_info[:2])';

/** Finds Python 3.10 or newer that can make virtual environments, and Java 17 or newer. Throws `BedError`, exit 3. */
export function findTools(): Tools {
  return { python: findPython(), java: findJava() };
}

function findPython(): string {
  for (const name of PYTHONS) {
    const { stdout, status } = spawnSync(name, ['-c', PYTHON_PROBE], { encoding: 'utf8' });
    if (status !== 0) continue;
    const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number);
    if (major === 3 && minor >= 10) return name;
  }
  throw new BedError(
    3,
    `npm run test:aws needs Python 3.10 or newer with pip and venv, and found none as ${PYTHONS.join(', ')}; install it (Debian: python3 python3-venv) and run again`,
  );
}

function findJava(): string {
  const home = process.env['JAVA_HOME'];
  const names = [...(home === undefined ? [] : [`${home}/bin/java`]), 'java'];
  for (const name of names) {
    // It tells its version on the error stream: `openjdk version "17.0.15" 2025-04-15`.
    const { stderr, status } = spawnSync(name, ['-version'], { encoding: 'utf8' });
    if (status === 0 && Number(/version "(\d+)/.exec(stderr)?.[1]) >= 17) return name;
  }
  throw new BedError(
    3,
    'npm run test:aws needs Java 17 or newer for DynamoDB Local, and found none as java or in JAVA_HOME; install it (Debian: openjdk-17-jre-headless) and run again',
  );
}
