// Writes the state table into ARCHITECTURE.md. Run it after a change to the table: node --import tsx scripts/write-state-table.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { ROTATION_EVENTS } from '../lambdas/core/rotation/events.ts';
import { STATE_TABLE, type Cell, type TabledPhase } from '../lambdas/core/rotation/state-table.ts';

const PAGE = new URL('../ARCHITECTURE.md', import.meta.url);
const [START, END] = ['<!-- state-table:start -->', '<!-- state-table:end -->'];
const phases = Object.keys(STATE_TABLE) as readonly TabledPhase[];

const shown = (cell: Cell): string => {
  if (cell === 'repeat') return '·';
  return /^[A-Z]/.test(cell) ? `\`${cell}\`` : cell === 'note' ? cell : `**${cell}**`;
};

const rows = [
  ['event', ...phases],
  Array.from({ length: phases.length + 1 }, () => '---'),
  ...ROTATION_EVENTS.map((event) => [event, ...phases.map((phase) => shown(STATE_TABLE[phase][event]))]),
];
const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const page = readFileSync(PAGE, 'utf8');
const [before, after] = [page.indexOf(START), page.indexOf(END)];
if (before < 0 || after < before) throw new Error(`ARCHITECTURE.md has no ${START} … ${END}`);
writeFileSync(PAGE, `${page.slice(0, before + START.length)}\n${table}\n${page.slice(after)}`);
