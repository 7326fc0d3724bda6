import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClock, setDateTo } from '../../scripts/evals/clock.ts';
import { openSession } from '../../scripts/evals/session.ts';
import { readState } from '../../scripts/evals/state.ts';
import { createWorld, NOW } from '../../scripts/evals/world.ts';

const place = (text: string) => text.slice(0, text.indexOf('/'));

describe('the world', () => {
  test('has twelve clusters, and is the same each time', async () => {
    const states = await Promise.all(
      [createClock(0), createClock(0)].map(async (clock) => {
        const { sandbox } = await createWorld(clock);
        return (await readState(sandbox, { since: NOW })).state;
      }),
    );
    const [first = new Map(), second] = states;
    // The one that an upgrade began has a random ID.
    const withoutBackups = (state = first) => [...state].filter(([key]) => !key.startsWith('webshop-prod/backups/'));

    expect([...first.keys()].filter((key) => key.endsWith('/state')).map(place)).toHaveLength(12);
    expect(withoutBackups(second)).toEqual(withoutBackups());
  });

  test('has clusters of all versions, in several places and states, with names that are alike', async () => {
    const { call, close } = await openSession();
    onTestFinished(close);
    const { clusters } = Object((await call('list_clusters', {})).content) as { clusters: Record<string, string>[] };
    const all = (key: string) => [...new Set(clusters.map((each) => each[key]))].sort();

    expect(all('postgresVersion')).toEqual(['14', '15', '16', '17']);
    expect(all('state')).toEqual(['AVAILABLE', 'BUSY', 'FAILED']);
    expect(all('location')).toEqual(['de/fra', 'de/txl', 'gb/lhr', 'us/las']);
    expect(all('displayName').filter((name) => name?.startsWith('orders'))).toHaveLength(3);
  });
});

describe('the clock', () => {
  test('stands still unless it has a speed', () => {
    const clock = createClock(NOW);

    clock.pass(1_000);

    expect(clock.now()).toBe(NOW + 1_000);
    clock.jumpTo(NOW);
    expect(clock.now()).toBe(NOW);
  });

  test('runs as fast as it is told, but only during some work', async () => {
    const clock = createClock(NOW, 1_000);

    await clock.during(() => sleep(20));
    const passed = clock.now();
    await sleep(20);

    expect(passed).toBeGreaterThan(NOW + 10_000);
    expect(clock.now()).toBe(passed);
  });

  test('is what Date follows, until that ends', () => {
    const real = Date.now();
    const restore = setDateTo(createClock(NOW));
    onTestFinished(restore);

    expect(Date.now()).toBe(NOW);
    expect(new Date().toISOString()).toBe(new Date(NOW).toISOString());
    expect(new Date(0).getTime()).toBe(0);
    expect(new Date()).toBeInstanceOf(Date);
    restore();
    expect(Date.now()).toBeGreaterThanOrEqual(real);
  });
});
