import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort, isPortFree } from '../../../embedded/ports/free-port.ts';
import { seededRandom } from '../../fakes/counted-ids.ts';

describe('a port that is kept', () => {
  it('is none that a system gives to an outgoing connection, which would have it just when it is needed', async () => {
    const random = seededRandom(7);
    for (let n = 0; n < 20; n += 1) {
      const port = await freePort(random);
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(32_768);
    }
  });

  it('is one that nobody has', async () => {
    const port = await freePort();
    expect(await isPortFree(port)).toBe(true);
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    expect(await isPortFree(port)).toBe(false);
    // given a coin that falls on that one first
    const falls = [(port - 20_000 + 0.5) / 12_768, 0.5];
    expect(await freePort(() => falls.shift() ?? 0.25)).not.toBe(port);
    other.close();
  });

  it('is missed by name where there is none', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    await expect(freePort(() => (port - 20_000 + 0.5) / 12_768)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
    other.close();
  });
});
