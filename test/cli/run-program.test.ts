import { describe, expect, it } from 'vitest';
import { runProgram } from '../../cli/run-program.ts';

const node = (script: string, environment: Readonly<Record<string, string>> = {}): Promise<number> =>
  runProgram({ command: process.execPath, words: ['-e', script], environment });

describe('a program that a command runs', () => {
  it('has the environment that it is given, and no other', async () => {
    const isAlone = "process.exit(process.env.GIVEN === 'yes' && process.env.PATH === undefined ? 3 : 4)";
    expect(await node(isAlone, { GIVEN: 'yes' })).toBe(3);
  });

  it.each([
    ['process.exit(0)', 0],
    ['process.exit(7)', 7],
    ["process.kill(process.pid, 'SIGKILL')", 137],
    ["process.kill(process.pid, 'SIGTERM')", 143],
  ])('ends as a shell would say: %s is %i', async (script, code) => {
    expect(await node(script)).toBe(code);
  });

  it('is missed by name where there is none, and leaves nobody listening for signals', async () => {
    const before = process.listenerCount('SIGTERM');
    const missing = runProgram({ command: '/not/there', words: [], environment: {} });
    await expect(missing).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
    await node('process.exit(0)');
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
