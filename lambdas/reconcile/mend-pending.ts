import { isOver, type Rotation } from '../core/rotation/rotation.ts';
import { openIntent } from './open-intent.ts';
import { discrepancy, type Discrepancy, type ReconcilePorts, type Situation } from './reconcile-ports.ts';

/**
 * AWSPENDING on a version that no live rotation owns: what a refusal, an end or a stranger left, and what
 * blocks the next rotation. On AWSCURRENT it is a legal end state. A stranger's value is never touched.
 */
export async function mendPending(
  ports: ReconcilePorts,
  situation: Situation,
): Promise<readonly Discrepancy[]> {
  const pending = Object.entries(situation.secret.versions)
    .filter(([, labels]) => labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT'))
    .map(([version]) => version);
  const found: Discrepancy[] = [];
  for (const version of pending) {
    const owner = (await ports.ledger.read('rotation', situation.credential.name, version))?.body;
    if (owner && !isOver(owner)) continue;
    found.push(
      owner ? await cleanUpAfter(ports, situation, owner) : await stripUnowned(ports, situation, version),
    );
  }
  return found;
}

async function cleanUpAfter(
  ports: ReconcilePorts,
  situation: Situation,
  owner: Rotation,
): Promise<Discrepancy> {
  const { name, family } = situation.credential;
  await openIntent(ports, name);
  if (owner.phase !== 'abandoned') {
    await ports.targets.call(family, { do: 'strip-pending', credential: name, version: owner.token });
    return discrepancy(
      situation,
      'stripped',
      `the pending label of rotation ${owner.token}, which is ${owner.phase}`,
    );
  }
  const { revoked } = await ports.targets.call(family, {
    do: 'clean-up',
    credential: name,
    rotation: owner.token,
  });
  const keys = revoked.length > 0 ? ` and ${revoked.join(', ')} at the target` : '';
  return discrepancy(situation, 'reversed', `abandoned rotation ${owner.token}: its pending label${keys}`);
}

async function stripUnowned(
  ports: ReconcilePorts,
  situation: Situation,
  version: string,
): Promise<Discrepancy> {
  const { name, family } = situation.credential;
  await openIntent(ports, name);
  const { pending } = await ports.targets.call(family, {
    do: 'probe-pending',
    credential: name,
    rotation: version,
  });
  if (pending !== 'no-value') {
    const what = `version ${version} is pending and was put by nobody that the ledger knows; it blocks the next rotation`;
    return discrepancy(situation, 'reported', what);
  }
  await ports.targets.call(family, { do: 'strip-pending', credential: name, version });
  return discrepancy(
    situation,
    'stripped',
    `version ${version}, pending without a value, left by a refused rotation`,
  );
}
