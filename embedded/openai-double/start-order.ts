/** What the runtime says when it starts the double's process. */
export interface StartOrder {
  /** 0: the one it had before, or any free one. */
  readonly port: number;
  readonly projects: readonly string[];
  /** Admin keys that "a person made in the console". Ids that the organization knows already are left as they are. */
  readonly adminKeys: readonly { readonly id: string; readonly value: string }[];
  readonly heartbeat: { readonly path: string; readonly limitSeconds: number };
}

/** Reads it. The error names what is expected and quotes nothing: a key may be in there. */
export function startOrder(text: string): StartOrder {
  const order = parsed(text);
  const port = field(order, 'port');
  const projects = field(order, 'projects');
  const adminKeys = field(order, 'adminKeys');
  const heartbeat = field(order, 'heartbeat');
  const path = field(heartbeat, 'path');
  const limitSeconds = field(heartbeat, 'limitSeconds');
  if (
    typeof port === 'number' &&
    Number.isInteger(port) &&
    Array.isArray(projects) &&
    projects.every((project): project is string => typeof project === 'string' && PROJECT.test(project)) &&
    Array.isArray(adminKeys) &&
    adminKeys.every(isAdminKey) &&
    typeof path === 'string' &&
    typeof limitSeconds === 'number' &&
    limitSeconds > 0
  )
    return { port, projects, adminKeys, heartbeat: { path, limitSeconds } };
  throw new Error(
    'standard input should be {"port":0,"projects":["proj_…"],"adminKeys":[{"id":"key_…","value":"sk-admin-…"}],"heartbeat":{"path":"…","limitSeconds":600}}',
  );
}

const PROJECT = /^proj_[A-Za-z0-9_-]{1,59}$/;

function isAdminKey(value: unknown): value is StartOrder['adminKeys'][number] {
  const [id, key] = [field(value, 'id'), field(value, 'value')];
  return (
    typeof id === 'string' &&
    /^[A-Za-z0-9_-]{1,128}$/.test(id) &&
    typeof key === 'string' &&
    /^sk-admin-[\x21-\x7e]{16,}$/.test(key)
  );
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
