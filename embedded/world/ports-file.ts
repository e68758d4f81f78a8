import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { freePort } from '../ports/free-port.ts';

/** Ports by name, chosen once and kept: a service that starts again is found where it was. */
export class PortsFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The port of a name; a free one is chosen and written down where it has none. */
  async portOf(name: string): Promise<number> {
    const known = this.#read()[name];
    if (known !== undefined) return known;
    const port = await freePort();
    const ports = { ...this.#read(), [name]: port };
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#path}.new`, JSON.stringify(ports));
    renameSync(`${this.#path}.new`, this.#path);
    return port;
  }

  #read(): Readonly<Record<string, number>> {
    try {
      const ports: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      if (typeof ports !== 'object' || ports === null) return {};
      return Object.fromEntries(
        Object.entries(ports).filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
      );
    } catch {
      // None yet, or cut short: ports are given out anew, and everybody is told anew at the next start.
      return {};
    }
  }
}
