/* oxlint-disable import/no-unassigned-import -- a suite is its tests, which it declares when it is imported */
import { afterAll, beforeAll } from 'vitest';
import './suites/alarms.ts';
import './suites/broker.ts';
import './suites/deploying.ts';
import './suites/doors.ts';
import './suites/duties.ts';
import './suites/encryption.ts';
import './suites/evaluated.ts';
import './suites/findings.ts';
import './suites/functions.ts';
import './suites/judged.ts';
import './suites/leases.ts';
import './suites/one-source.ts';
import './suites/order-of-stacks.ts';
import './suites/queues.ts';
import './suites/secrets.ts';
import './suites/stateful.ts';
import { example, forgetExample } from './the-example.ts';

// One file, so that the templates are made once: every suite looks at the same ones.
beforeAll(() => void example(), 300_000);
afterAll(forgetExample);
