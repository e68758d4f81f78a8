import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOpenaiDouble, type RunningDouble } from '../../../embedded/openai-double/openai-double.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const folder = inTempFolder();
let double: RunningDouble;
beforeEach(async () => {
  double = await startOpenaiDouble({ folder: folder().at('double') });
});
afterEach(() => double.stop());

const ask = (id?: string) =>
  fetch(`${double.apiUrl}/models`, { headers: id === undefined ? {} : { 'x-client-request-id': id } });

describe('the id that a client gives its request', () => {
  it('is in the log of the double, by which a client behind a proxy knows its own', async () => {
    const id = '3b7f0d52-9b0c-4a4b-8f0e-111111111111';
    await ask(id);
    await ask();
    expect(double.requests().map(({ clientRequestId }) => clientRequestId)).toEqual([id, undefined]);
  });

  it.each(['sk-not-a-real-key-of-anybody', '3b7f0d52', 'x'.repeat(36)])(
    'is not written down where it is none: %s',
    async (id) => {
      await ask(id);
      expect(double.requests()[0]).not.toHaveProperty('clientRequestId');
    },
  );
});
