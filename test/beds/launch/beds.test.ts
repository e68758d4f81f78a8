import { expect, it } from 'vitest';
import { bedAddresses } from './bed-addresses.ts';

it('every bed answers', async () => {
  const { ministack, moto, dynamodbLocal } = bedAddresses();
  expect((await fetch(`${ministack}/_ministack/health`)).status).toBe(200);
  expect((await fetch(`${moto}/moto-api/`)).status).toBe(200);
  expect((await fetch(dynamodbLocal)).status).toBe(400);
});
