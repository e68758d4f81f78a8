import type { Socket } from 'node:net';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { readAuthority, sameAuthority, type Authority } from './authority.ts';
import { dial, type DialPorts } from './dial.ts';

/** Places that go through untouched, because the user said so. */
export class Tunnels {
  readonly #places: readonly Authority[];
  readonly #all: boolean;

  /** `host`, `host:port`, or `*` for every public host on port 443. Throws `COMMAND_INVALID`. */
  constructor(given: readonly string[]) {
    this.#all = given.includes('*');
    this.#places = given
      .filter((each) => each !== '*')
      .map((each) => {
        const place = readAuthority(each, 443);
        if (place) return place;
        throw new LockstepError(
          'COMMAND_INVALID',
          'a tunnel is for a host name, with a port where that is not 443, or for * (every public host on 443)',
        );
      });
  }

  get areNone(): boolean {
    return !this.#all && this.#places.length === 0;
  }

  has(place: Authority): boolean {
    return (this.#all && place.port === 443) || this.#places.some((each) => sameAuthority(each, place));
  }
}

/**
 * Joins a client to a place, byte for byte. It never carries a key: nothing is put into what cannot be read. Public
 * addresses alone.
 */
export async function tunnel(
  socket: Socket,
  head: Buffer,
  place: Authority,
  ports: DialPorts,
): Promise<void> {
  const outside = await dial({ ...place, network: 'public' }, ports);
  if (socket.destroyed) {
    outside.destroy();
    return;
  }
  join(socket, head, outside);
}

/** Tells the client that it is through, and joins both sides until one of them ends. */
export function join(socket: Socket, head: Buffer, outside: Socket): void {
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  if (head.length > 0) outside.write(head);
  socket.on('error', () => outside.destroy()).on('close', () => outside.destroy());
  outside.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  socket.pipe(outside);
  outside.pipe(socket);
}
