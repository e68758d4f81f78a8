import { beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from './a-command-line.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
});

describe('lockstep token', () => {
  it('has a token signed, and writes it to a pipe', async () => {
    expect(
      await line.run(
        'token people --subject ada --group analysts on-call --purpose investigate --lease reader',
      ),
    ).toBe(0);
    expect(line.output).toBe('a.token.of-ada\n');
    expect(line.pipeline.tokens).toEqual([
      {
        issuer: 'people',
        subject: 'ada',
        groups: ['analysts', 'on-call'],
        purposes: ['investigate'],
        leases: ['reader'],
      },
    ]);
  });

  it('signs nothing for a terminal, unless that is meant, nor for nobody', async () => {
    line.isTerminal = true;
    expect(await line.run('token people --subject ada')).toBe(2);
    expect(await line.run('token people --group analysts --show')).toBe(2);
    expect(line.pipeline.tokens).toEqual([]);
    expect(await line.run('token people --subject ada --show')).toBe(0);
  });
});
