import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/errors.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { hurried } from '../helpers/fake-clock.ts';

/** An API that refuses each change at first, and says when to come back. */
async function busyApi({ isCutOff }: { isCutOff: boolean }) {
  const state = createMemoryState();
  let leases = 0;
  const world = await connect({
    state: {
      ...state,
      async lease(...given) {
        leases += 1;
        if (isCutOff && leases > 1) throw new StateError();
        return state.lease(...given);
      },
    },
  });
  const { id } = world.sandbox.addCluster({ displayName: 'shop' });
  const whole = world.sandbox.fetch;
  let refusals = 0;
  world.sandbox.fetch = async (request) => {
    if (request.method !== 'PATCH' || refusals === 2) return whole(request);
    refusals += 1;
    return Response.json({ messages: [{ message: 'slow down' }] }, { status: 429, headers: { 'retry-after': '14' } });
  };
  return { ...world, id };
}

describe('a change that the API wants to have later', () => {
  test('is not sent again by a replica that lost the state meanwhile, and may have lost its turn', async () => {
    const { call, id, sent } = await busyApi({ isCutOff: true });

    const text = errorOf(await hurried(() => call('update_cluster', { clusterId: id, cores: 8 })));

    expect(text).toContain('429');
    expect(sent()).toHaveLength(1);
  });

  test('is sent again while its turn is prolonged', async () => {
    const { call, id, sent } = await busyApi({ isCutOff: false });

    const { structuredContent } = await hurried(() => call('update_cluster', { clusterId: id, cores: 8 }));

    expect(structuredContent).toMatchObject({ outcome: 'started' });
    expect(sent()).toHaveLength(3);
  });
});
