import type { Duplex } from 'node:stream';

/** The same once, and then nothing. */
export function onceOnly(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

/** For a socket that the other side may leave: its error has been seen by whoever needs to know. */
export const quietly = <S extends Duplex>(socket: S): S => socket.on('error', () => undefined);
