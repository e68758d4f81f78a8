import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeTerminal } from '../../cli/input/node-terminal.ts';

/** A terminal's input: raw mode is what keeps the system from showing what is typed. */
class Keyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;
  wasRawWhileTyping: boolean | undefined;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }

  type(text: string): void {
    this.wasRawWhileTyping = this.isRaw;
    this.write(text);
  }
}

class Screen extends PassThrough {
  readonly isTTY = true;
  get shown(): string {
    return (this.read() as Buffer | null)?.toString('utf8') ?? '';
  }
}

let keyboard: Keyboard;
let screen: Screen;
beforeEach(() => {
  keyboard = new Keyboard();
  screen = new Screen();
});

const terminal = () => nodeTerminal({ input: keyboard, messages: screen });

describe('a question at the terminal', () => {
  it('is asked and answered', async () => {
    const answer = terminal().ask('Reason: ');
    keyboard.type('INC-7\r');
    expect(await answer).toBe('INC-7');
    expect(screen.shown).toContain('Reason: ');
    expect(keyboard.isRaw).toBe(false);
  });

  it('can be broken off, and then nothing was done', async () => {
    for (const key of ['\u0003', '\u0004']) {
      const answer = terminal().ask('Reason: ');
      keyboard.type(key);
      await expect(answer).rejects.toMatchObject({ code: 'NOT_CONFIRMED' });
    }
  });
});

describe('a hidden question', () => {
  it('shows nothing of the answer, however it was typed', async () => {
    const answer = terminal().askHidden('Value: ');
    keyboard.type('a fakf\u007fe value\r');
    expect((await answer).reveal()).toBe('a fake value');
    expect(keyboard.wasRawWhileTyping).toBe(true);
    expect(screen.shown).toBe('Value: \n');
  });

  it('takes a text of several lines along, and uses none of it: the rest would be commands of the shell', async () => {
    const answer = terminal().askHidden('Value: ');
    keyboard.type('-----BEGIN FAKE-----\nfake\n-----END FAKE-----\n');
    await expect(answer).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
    await expect(answer).rejects.toThrow(/--from-stdin/);
    await expect(answer).rejects.not.toThrow(/FAKE/);
    expect(keyboard.read()).toBeNull();
    expect(screen.shown).not.toContain('FAKE');
  });

  it('prints as [secret]', async () => {
    const answer = terminal().askHidden('Value: ');
    keyboard.type('a fake value\r');
    expect(JSON.stringify([await answer])).toBe('["[secret]"]');
  });
});

describe('what is piped in', () => {
  const piped = (...chunks: readonly string[]) => {
    const input = new PassThrough();
    for (const chunk of chunks) input.write(chunk);
    input.end();
    return nodeTerminal({ input, messages: screen });
  };

  it('is taken whole, without the line end that editors add', async () => {
    expect((await piped('{"a":\n', '"b"}\n').readPiped()).reveal()).toBe('{"a":\n"b"}');
    expect((await piped('value\r\n').readPiped()).reveal()).toBe('value');
    expect((await piped('value\n\n').readPiped()).reveal()).toBe('value\n');
    expect((await piped().readPiped()).reveal()).toBe('');
  });

  it('is at most as long as the vault takes', async () => {
    expect((await piped('x'.repeat(65_536)).readPiped()).reveal()).toHaveLength(65_536);
    await expect(piped('x'.repeat(65_537)).readPiped()).rejects.toMatchObject({ code: 'VALUE_MALFORMED' });
  });

  it('is not read from a terminal, which would show it', async () => {
    await expect(terminal().readPiped()).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
  });

  it('leaves nobody to ask', () => {
    expect(piped('').isInteractive).toBe(false);
    expect(terminal().isInteractive).toBe(true);
    expect(nodeTerminal({ input: keyboard, messages: new PassThrough() }).isInteractive).toBe(false);
  });
});
