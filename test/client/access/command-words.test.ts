import { describe, expect, it } from 'vitest';
import { commandWords } from '../../../client/access/command-words.ts';
import { codeOf } from '../../ports/under-test.ts';

const wordsOf = (line: string): readonly string[] => commandWords(line, '--token-command');

describe('a command line that is started without a shell', () => {
  it.each<[string, readonly string[]]>([
    ['kubectl create token app', ['kubectl', 'create', 'token', 'app']],
    ['  spaced\tout \n', ['spaced', 'out']],
    [`"/opt/my tools/token" --for 'a b'`, ['/opt/my tools/token', '--for', 'a b']],
    [`sh -c 'curl "$URL" | jq -r .value'`, ['sh', '-c', 'curl "$URL" | jq -r .value']],
    [`sh -c "echo \\"\\$A\\" 'x' \\n"`, ['sh', '-c', `echo "$A" 'x' \\n`]],
    [`--aud='a b'"c d"e`, ['--aud=a bc de']],
    [`a\\ b \\' c`, ['a b', "'", 'c']],
    [`x '' ""`, ['x', '', '']],
    ['x $HOME * | y > z; rm `q` $(r) &', ['x', '$HOME', '*', '|', 'y', '>', 'z;', 'rm', '`q`', '$(r)', '&']],
  ])('has the words of %s', (line, words) => {
    expect(wordsOf(line)).toEqual(words);
  });

  it.each(['', '   ', "''", '"" x', "x 'y", 'x "y', 'x "y\\"', 'x y\\'])(
    'is refused where it is cut off, or names no program: %s',
    async (line) => {
      expect(await codeOf(Promise.resolve().then(() => wordsOf(line)))).toBe('COMMAND_INVALID');
    },
  );
});
