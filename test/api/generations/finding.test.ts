import { describe, expect, test } from 'vitest';
import { hurried } from '../../helpers/fake-clock.ts';
import { type Answer, ID, item, listing, missing, never, nothing, status, unreachable, world } from './world.ts';

const found = () => Response.json({ id: ID, properties: { version: '16' } });

describe('a cluster that is not found', () => {
  test('was not found anywhere, where all have answered', async () => {
    const { reads } = world({ v1: missing, one: missing, two: status(410) });

    await expect(reads().cluster(ID, item)).rejects.toMatchObject({ name: 'ApiError', status: 404 });
  });

  test.each<[string, Answer]>([
    ['fails', status(500)],
    ['refuses', status(403)],
    ['cannot be reached', unreachable],
    ['does not answer', never],
    ['answers about another', () => Response.json({ id: 'another' })],
  ])('may be in a region that %s', (_, answer) =>
    hurried(async () => {
      const { reads } = world({ v1: missing, one: answer, two: missing });
      const unseen = { name: 'UnseenError', status: 404, where: expect.stringContaining('(one)') };

      for (let n = 0; n < 2; n += 1) await expect(reads().cluster(ID, item)).rejects.toMatchObject(unseen);
      await expect(reads().backup(ID, item)).rejects.toMatchObject(unseen);
      const backups = reads().rows({ of: 'backups', clusterId: ID }, item, {});
      await expect(backups).rejects.toMatchObject(unseen);
      await expect(reads().upgrades(ID, 'newer')).rejects.toMatchObject(unseen);
    }),
  );

  test('any more in its region is in no other one', async () => {
    const answers: Record<string, Answer> = { v1: missing, one: found, two: status(403) };
    const { reads } = world(answers);
    await reads().cluster(ID, item);
    answers.one = missing;

    await expect(reads().cluster(ID, item)).rejects.toMatchObject({ name: 'ApiError', status: 404 });
  });

  test('because the call had no time to ask may be in any region', async () => {
    const { reads } = world({ v1: missing, one: never });

    await expect(reads({ left: 0 }).cluster(ID, item)).rejects.toMatchObject({ name: 'UnseenError' });
  });

  test('on v2 alone is the failure of its regions, where none has answered', () =>
    hurried(async () => {
      const refused = world({ one: status(401), two: status(401) });
      for (let n = 0; n < 2; n += 1)
        await expect(refused.reads().cluster(ID, item)).rejects.toMatchObject({ status: 401 });

      const silent = world({ one: never });
      await expect(silent.reads().cluster(ID, item)).rejects.toMatchObject({ name: 'NoAnswerError' });
    }));

  test('on v2 alone is not asked about where its ID is no UUID', async () => {
    const { reads, asked } = world({ one: missing });

    await expect(reads().cluster('orders', item)).rejects.toMatchObject({ name: 'NoSuchIdError', status: 404 });
    await expect(reads().home('orders')).rejects.toMatchObject({ name: 'NoSuchIdError' });
    expect(asked).toEqual([]);
  });
});

describe('while v1 is down', () => {
  test.each([status(503), unreachable])('a cluster of v2 is found', (v1) =>
    hurried(async () => {
      const answers: Record<string, Answer> = { v1, one: found };
      const { reads } = world(answers);

      expect(await reads().cluster(ID, item)).toEqual({ id: ID });
      expect(await reads().home(ID)).toBe('v2');
      answers.v1 = found;
      expect(await reads().home(ID)).toBe('v1');
    }),
  );

  test('what no region has fails as v1 does', () =>
    hurried(async () => {
      const { reads } = world({ v1: status(503), one: missing, two: status(403) });

      await expect(reads().cluster(ID, item)).rejects.toMatchObject({ status: 503 });
    }));

  test('what is known to be on v1 is looked for nowhere else', () =>
    hurried(async () => {
      const answers: Record<string, Answer> = { v1: found, one: found };
      const { reads, times } = world(answers);
      await reads().cluster(ID, item);
      answers.v1 = status(503);

      await expect(reads().cluster(ID, item)).rejects.toMatchObject({ status: 503 });
      expect(times('one')).toBe(0);
    }));
});

test('a cluster that v1 does not let be read counts as one of v1', async () => {
  const v1: Answer = ({ pathname }) =>
    pathname.endsWith('/backups') ? listing('b') : Response.json({}, { status: 403 });
  const { reads } = world({ v1, one: missing });

  expect(await reads().home(ID)).toBeUndefined();
  expect(await reads().rows({ of: 'backups', clusterId: ID }, item, {})).toMatchObject({ items: [{ id: 'b' }] });
});

test('a known home is the only one that is asked', async () => {
  const { reads, asked } = world({ v1: missing, one: found, two: missing });
  await reads().cluster(ID, item);
  asked.length = 0;

  await reads().cluster(ID, item);
  expect(asked).toEqual(['one']);
});

test('the upgrades of a cluster take one look at it, wherever it is', async () => {
  const region: Answer = ({ pathname }) =>
    pathname === '/versions'
      ? Response.json({ items: [{ properties: { version: '16', canUpgradeTo: ['17'] } }] })
      : found();
  const { reads, asked } = world({ v1: missing, one: region });
  expect(await reads().upgrades(ID, 'newer')).toMatchObject({ versions: ['17'] });
  expect(asked).toEqual(['v1', 'one', 'one']);

  asked.length = 0;
  expect(await reads().upgrades(ID, 'deprecated')).toMatchObject({ versions: ['16', '17'] });
  expect(asked).toEqual(['one', 'one']);
});

describe('following a cluster', () => {
  const LOOKS = [0, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000];
  const regions = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`r${n}`, missing as Answer]));

  async function follow(answers: Record<string, Answer>, change: (looks: number) => void = () => {}) {
    const { reads, asked } = world(answers);
    const read = reads({ left: 600_000 }).following(ID);
    const seen: (string | undefined)[] = [];
    await hurried(async () => {
      for (const [n, ms] of LOOKS.entries()) {
        await new Promise((resolve) => setTimeout(resolve, ms));
        change(n);
        seen.push(
          await read(item).then(
            ({ id }) => id,
            () => undefined,
          ),
        );
      }
    });
    return { seen, asked };
  }

  test('that nobody has asks v1 each time, and the regions every 15 s', async () => {
    const { asked } = await follow({ v1: missing, ...regions });

    expect(asked.filter((name) => name === 'v1')).toHaveLength(LOOKS.length);
    expect(asked.filter((name) => name === 'r4')).toHaveLength(3);
  });

  test('on v2 alone asks nobody in between', async () => {
    expect((await follow(regions)).asked).toHaveLength(9 * 3);
  });

  test.each(['v1', 'r0', 'r8'])('finds it once it appears in %s', async (name) => {
    const answers: Record<string, Answer> = { v1: missing, ...regions };
    const { seen, asked } = await follow(answers, (looks) => {
      if (looks === 2) answers[name] = found;
    });

    expect(seen.at(-1)).toBe(ID);
    const at = seen.indexOf(ID);
    expect(seen.slice(at).every((id) => id === ID)).toBe(true);
    expect(asked.slice(asked.length - (LOOKS.length - at - 1)).every((each) => each === name)).toBe(true);
  });

  test('says of one that a region may have that it may be there, also between two searches', async () => {
    const { reads } = world({ v1: missing, one: status(403), two: nothing });
    const read = reads().following(ID);

    for (let n = 0; n < 3; n += 1) await expect(read(item)).rejects.toMatchObject({ name: 'UnseenError' });
  });
});
