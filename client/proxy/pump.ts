import type { Readable, Writable } from 'node:stream';

/** What is done to bytes on their way: what of them goes on, and what is left when nothing comes any more. */
export interface Passage {
  next(chunk: Buffer): Buffer;
  rest(): Buffer;
}

/**
 * Sends a stream on, no faster than it is taken, and ends `to` with it. What comes in one turn of the event loop is sent
 * at the end of that turn, in one piece: TLS brings 16 KiB at a time, and to encrypt and send each by itself takes longer.
 * Nothing waits for the next turn.
 *
 * Failures are their sides' own. Where `to` is gone, what still comes is seen by the passage and by nobody else.
 */
export function pump(from: Readable, to: Writable, passage: Passage): void {
  let isGathering = false;
  const send = (): void => {
    // A message that has ended was sent, and its connection may be another one's by now.
    if (isGathering) to.uncork();
    isGathering = false;
  };
  const gather = (): void => {
    if (isGathering) return;
    isGathering = true;
    to.cork();
    setImmediate(send);
  };
  gather();
  from.on('data', (chunk: Buffer) => {
    const bytes = passage.next(chunk);
    if (bytes.length === 0 || to.destroyed) return;
    gather();
    if (to.write(bytes)) return;
    from.pause();
    to.once('drain', () => from.resume());
  });
  from.once('end', () => {
    isGathering = false;
    const rest = passage.rest();
    if (rest.length > 0) to.end(rest);
    else to.end();
  });
}
