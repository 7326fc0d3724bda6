import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ORDERS } from '../helpers/backups.ts';
import { complete } from '../helpers/completion.ts';
import { connect } from '../helpers/connect.ts';

const CLUSTERS = 'ionos-postgresql://clusters';
const BACKUPS = `${CLUSTERS}/{clusterId}/backups`;

describe.each(['2025', '2026'] as const)('for a client of %s', (era) => {
  test('reading the backups of a cluster gives what list_cluster_backups gives', async () => {
    // The earliest recovery time moves with the clock.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { client, call, log } = await connect({ era });
    const uri = `${CLUSTERS}/${ORDERS}/backups`;

    const { contents } = await client.readResource({ uri });

    expect(contents).toMatchObject([{ uri, mimeType: 'application/json' }]);
    const { structuredContent } = await call('list_cluster_backups', { clusterId: ORDERS });
    expect(JSON.parse(Object(contents[0]).text)).toEqual(JSON.parse(JSON.stringify(structuredContent)));
    expect(log[0]).toMatchObject({ target: ORDERS, outcome: 'done', attempts: 1 });
  });

  test('one backup of a cluster leads nowhere', async () => {
    const { client, requests } = await connect({ era });

    const reading = client.readResource({ uri: `${CLUSTERS}/${ORDERS}/backups/x` });

    await expect(reading).rejects.toMatchObject({ code: -32602 });
    expect(requests).toEqual([]);
  });

  test('those of a cluster that cannot be, or is not there, are refused', async () => {
    const { client, requests } = await connect({ era });

    for (const id of ['a%2Fb', 'x y', 'backups', 'postgresversions', 'x'.repeat(129)]) {
      await expect(client.readResource({ uri: `${CLUSTERS}/${id}/backups` }), id).rejects.toMatchObject({
        code: -32602,
      });
    }
    expect(requests).toEqual([]);
    await expect(client.readResource({ uri: `${CLUSTERS}/none/backups` })).rejects.toThrow(/does not exist/);
  });

  test('completion offers the clusters by their IDs', async () => {
    const world = await connect({ era });

    const { values } = await complete(world, [{ type: 'ref/resource', uri: BACKUPS }, 'clusterId', {}], 'orders');

    expect(values).toEqual([ORDERS]);
  });
});
