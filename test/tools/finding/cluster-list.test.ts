import { describe, expect, test } from 'vitest';
import { REGIONS } from '../../../src/api/generations/addresses.ts';
import { connect, errorOf } from '../../helpers/connect.ts';
import { unplaced } from '../../helpers/orders.ts';
import { isIn, played, refused } from '../../helpers/regions.ts';

const { displayName } = unplaced;
const credentials = { username: 'shop_owner', password: 'planted-Password-1*' };
const copy = { displayName, credentials, copyOf: 'orders' };

const contentOf = ({ structuredContent }: { structuredContent?: unknown }) => Object(structuredContent);

/** Who was asked for all clusters, or those of a name. */
const listsIn = ({ requests }: Pick<Awaited<ReturnType<typeof connect>>, 'requests'>) =>
  requests.flatMap(({ method, path }) => {
    const [, region = 'v1:'] = /^([a-z-]+:)?\/?clusters(?:\?|$)/.exec(path) ?? [undefined, ''];
    return method === 'GET' && region !== '' ? [region.replace(':', '')] : [];
  });

describe('the clusters are listed once', () => {
  test.each([
    ['an order', unplaced],
    ['a copy by name', copy],
    ['a copy with its content', { ...copy, fromBackup: {} }],
  ])('for the plan of %s', async (_, args) => {
    const host = await connect({ api: 'auto' });

    expect(contentOf(await host.call('create_cluster', { ...args, dryRun: true })).outcome).toBe('preview');
    expect(listsIn(host).sort()).toEqual([...REGIONS, 'v1'].sort());
  });

  test.each(['2025', '2026'] as const)('for each plan, also where a person agrees in between: %s', async (era) => {
    const host = await connect({
      era,
      confirm: 'writes',
      async onQuestion() {
        // Somebody else's.
        host.sandbox.addCluster({ displayName, location: 'de/txl' });
        return { action: 'accept', content: { confirm: true } };
      },
    });

    const { outcome } = contentOf(await host.call('create_cluster', unplaced));

    expect(outcome).toBe('duplicate');
    expect(listsIn(host)).toEqual(['v1', 'v1']);
    expect(host.sent()).toEqual([]);
  });
});

test('a copy by name is refused where the list may lack another of that name', async () => {
  const { fetch } = played((host) => (isIn(host, 'us-las') ? refused(403) : undefined));
  const { call } = await connect({ api: 'auto', fetch });

  // Then the region is left alone.
  for (let n = 0; n < 2; n += 1) {
    expect(errorOf(await call('create_cluster', { ...copy, dryRun: true }))).toContain('may be the name of several');
  }
});
