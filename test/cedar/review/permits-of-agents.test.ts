import { expect, it } from 'vitest';
import { found, inventories, SOUND } from './sound-policies.ts';

const POLICIES = `${SOUND}
@id("bot-leases") permit (principal == Lockstep::Agent::"bot", action == Lockstep::Action::"lease",
  resource == Lockstep::Leasable::"vector-reader");
`;

/** An agent that acts for people, who may state these purposes. */
const actingFor = (...purposes: readonly string[]) =>
  inventories({
    agents: [{ name: 'bot', owner: 'retrieval', workload: 'rag-api', actsFor: 'person' }],
    purposeBindings: [
      { principal: 'workload:rag-api', purposes: ['answer-questions'] },
      { principal: 'agent:bot', purposes: ['answer-questions'] },
      { principal: 'role:on-call', purposes },
    ],
  });

it('gives an agent nothing for which nobody that it acts for shares a purpose with it', () => {
  expect(found(POLICIES, actingFor('investigate')).join('\n')).toContain('bot-leases');
  expect(found(POLICIES, actingFor('investigate', 'answer-questions')).join('\n')).not.toContain(
    'bot-leases',
  );
});
