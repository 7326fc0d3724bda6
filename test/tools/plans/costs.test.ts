import { describe, expect, test } from 'vitest';
import { readPriceFile } from '../../../src/prices/price-file.ts';
import { connect } from '../../helpers/connect.ts';
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

test('without prices no plan speaks of an amount', async () => {
  const { call } = await connect();

  expect(effectsOf(await call('create_cluster', { ...unplaced, dryRun: true }))).not.toMatch(/per hour|--prices/);
});
