import { describe, expect, test } from 'vitest';
import { readPriceFile } from '../../../src/prices/price-file.ts';
import { connect, tokenOf } from '../../helpers/connect.ts';
import { unplaced } from '../../helpers/orders.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
const PRICES = {
  currency: 'EUR',
  date: '2026-11-01',
  perHour: { core: '0.05', ramGB: '0.01', storageGB: { HDD: '0.0001', 'SSD Premium': '0.0002', v2: '0.0003' } },
};
const prices = readPriceFile('prices.json', () => JSON.stringify(PRICES));

type Called = Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['call']>>;
const effectsOf = ({ structuredContent }: Called) => Object(structuredContent).plan.effects.join('\n') as string;

/** For 30 days of 24 hours. */
const per30Days = (perHour: number) => (perHour * 720).toFixed(2);
const hourOf = (instances: number, cores: number, ramGB: number, storageGB: number, price = 0.0002) =>
  instances * (cores * 0.05 + ramGB * 0.01 + storageGB * price);

describe('where the operator gives prices, a plan', () => {
  test('of an order says what it costs', async () => {
    const { call } = await connect({ prices });

    const effects = effectsOf(await call('create_cluster', { ...unplaced, instances: 3, dryRun: true }));

    expect(effects).toContain(`${per30Days(hourOf(3, 2, 4, 20))} EUR per 30 days`);
    expect(effects).toMatch(/Estimated, without liability, from this server's own prices of 2026-11-01/);
    expect(effects).toMatch(/Not included: traffic, backup storage and VAT/);
  });

  test('of a change says what it costs now and afterwards, with the difference', async () => {
    const { call, sandbox } = await connect({ prices });
    const { instances, cores, ram, storageSize } = sandbox.cluster(ORDERS).properties;
    const hour = (ramMB: number) => hourOf(instances, cores, ramMB / 1024, storageSize / 1024);

    const effects = effectsOf(await call('update_cluster', { clusterId: ORDERS, ram: ram + 4096, dryRun: true }));

    expect(effects).toContain(`Cost now: `);
    expect(effects).toContain(`${per30Days(hour(ram))} EUR per 30 days`);
    expect(effects).toContain(`${per30Days(hour(ram + 4096))} EUR per 30 days`);
    expect(effects).toMatch(new RegExp(`Difference: \\+.*\\+${per30Days(hour(ram + 4096) - hour(ram))} EUR`));
  });

  test('of a deletion says what is no longer paid, on API v2 by its own price of storage', async () => {
    const { call } = await connect({ prices, api: 'auto', confirm: 'destructive' });

    const effects = effectsOf(await call('delete_cluster', { clusterId: INVENTORY, dryRun: true }));

    expect(effects).toContain(`${per30Days(hourOf(2, 4, 8, 100, 0.0003))} EUR per 30 days`);
    expect(effects).toContain('Afterwards: nothing.');
  });

  test('that lacks a price has no total', async () => {
    const lacking = readPriceFile('prices.json', () => JSON.stringify({ currency: 'EUR', perHour: { core: '0.05' } }));
    const { call } = await connect({ prices: lacking });

    const effects = effectsOf(await call('create_cluster', { ...unplaced, dryRun: true }));

    expect(effects).toMatch(/The cost is not known: .*the file of --prices has no price/);
    expect(effects).not.toMatch(/EUR per 30 days/);
  });

  test('that changes no size says nothing of costs', async () => {
    const { call } = await connect({ prices });

    expect(effectsOf(await call('update_cluster', { clusterId: ORDERS, displayName: 'x', dryRun: true }))).not.toMatch(
      /cost/i,
    );
  });
});

describe("otherwise the contract's own list is read,", () => {
  const refused = (status: number) => async () => Response.json({ message: 'no rights' }, { status });

  test('once for all plans', async () => {
    const { call, billed } = await connect({ prices: 'of the contract' });
    expect(billed).toEqual([]);

    const effects = effectsOf(await call('create_cluster', { ...unplaced, dryRun: true }));
    await call('update_cluster', { clusterId: ORDERS, ram: 8192, dryRun: true });

    // 2 cores at 0.05, 4 GB at 0.008 and 20 GB at 0.18 for 30 days.
    expect(effects).toContain('Cost: 0.137 EUR per hour, 98.64 EUR per 30 days.');
    expect(effects).toMatch(/Estimated, without liability, from the contract's price list of \d{4}-\d\d-\d\d/);
    expect(effects).toMatch(/IONOS says of its prices: "The sandbox made these prices up/);
    expect(billed.map(({ path }) => path.split('?')[0])).toEqual(['/billing/profile', '/billing/31234567/products']);
  });

  test.each([401, 403])('and where that is answered with %i, the plan says who may read it', async (status) => {
    const { call, sent } = await connect({ billing: refused(status) });

    const effects = effectsOf(await call('delete_cluster', { clusterId: ORDERS, dryRun: true }));
    expect(effects).toContain(
      "The cost is not known: only the contract's owner and its administrators may read prices",
    );

    await call('update_cluster', { clusterId: ORDERS, ram: 8192 });
    expect(sent()).toHaveLength(1);
  });

  test('and a plan that changes no size does not wait for it', async () => {
    const { call, billed } = await connect({ prices: 'of the contract' });

    await call('update_cluster', { clusterId: ORDERS, displayName: 'x' });

    expect(billed).toEqual([]);
  });

  test('each profile with its own', async () => {
    const profiles = [{ name: 'shop' }, { name: 'lab', contract: '31234567' }];
    const { call, billed } = await connect({ prices: 'of the contract', profiles });

    await call('update_cluster', { profile: 'lab', clusterId: ORDERS, ram: 8192, dryRun: true });
    await call('update_cluster', { profile: 'shop', clusterId: ORDERS, ram: 8192, dryRun: true });

    const asked = billed.map(({ profile, path, headers }) => [
      profile,
      path.split('?')[0],
      headers.get('authorization'),
    ]);
    expect(asked).toEqual([
      ['lab', '/billing/31234567/products', `Bearer ${tokenOf('lab')}`],
      ['shop', '/billing/profile', `Bearer ${tokenOf('shop')}`],
      ['shop', '/billing/31234567/products', `Bearer ${tokenOf('shop')}`],
    ]);
  });
});
