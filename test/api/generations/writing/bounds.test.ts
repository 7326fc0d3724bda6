import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { v2Password, v2Problems } from '../../../../src/api/generations/writing/bounds.ts';
import type { Wish } from '../../../../src/api/generations/writing/wish.ts';

const GB = 1024;

describe('the bounds of API v2', () => {
  test.each<[wish: Wish, problem: RegExp]>([
    [{ displayName: 'my shop' }, /displayName \("my shop"\): API v2 takes .* no blanks/],
    [{ displayName: 'shop-' }, /displayName/],
    [{ displayName: '' }, /displayName/],
    [{ displayName: 'a'.repeat(64) }, /displayName/],
    [{ displayName: 'läden' }, /displayName/],
    [{ instances: 6 }, /instances \(6\): must be 1 to 5/],
    [{ cores: 63 }, /cores \(63\): must be 1 to 62/],
    [{ ram: 3 * GB }, /ram \(3072\): must be 4096 to 245760/],
    [{ ram: 241 * GB }, /ram/],
    [{ ram: 5000 }, /ram \(5000\): .* give 4096 or 5120/],
    [{ storageSize: 15_000 }, /storageSize \(15000\): .* give 14336 or 15360/],
    [{ storageSize: 9 * GB }, /storageSize \(9216\): must be 10240 to 4194304/],
    [{ backupRetentionDays: 366 }, /backupRetentionDays/],
    [{ storageType: 'HDD' }, /storageType: API v2 has one kind/],
    [{ connections: [] }, /cannot be detached/],
    [{ credentials: { username: 'a-b' } }, /credentials.username/],
    [{ credentials: { username: 'a'.repeat(17) } }, /credentials.username/],
    [{ credentials: { username: 'Admin' } }, /reserved/],
    [{ credentials: { database: 'my db' } }, /credentials.database/],
  ])('refuse %j', (wish, problem) => {
    expect(v2Problems(wish)).toEqual([expect.stringMatching(problem)]);
  });

  test('take everything within, and name all problems at once', () => {
    fc.assert(
      fc.property(
        fc.record({
          instances: fc.integer({ min: 1, max: 5 }),
          cores: fc.integer({ min: 1, max: 62 }),
          ram: fc.integer({ min: 4, max: 240 }).map((gb) => gb * GB),
          storageSize: fc.integer({ min: 10, max: 4096 }).map((gb) => gb * GB),
          displayName: fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/),
        }),
        (wish) => {
          expect(v2Problems(wish)).toEqual([]);
          expect(v2Problems({ ...wish, ram: wish.ram + 1, cores: 0, displayName: '-' })).toHaveLength(3);
        },
      ),
    );
  });

  test('offer the two whole numbers of GB nearest to a size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10 * GB, max: 4096 * GB }), (storageSize) => {
        const [problem] = v2Problems({ storageSize });
        const offered = (problem?.match(/give (\d+) or (\d+)/) ?? []).slice(1).map(Number);
        if (storageSize % GB === 0) expect(problem).toBeUndefined();
        else expect(offered).toEqual([Math.floor(storageSize / GB) * GB, Math.ceil(storageSize / GB) * GB]);
      }),
    );
  });

  test.each([
    ['Aa1*aaaa', true],
    ['aa1*aaaa', false],
    ['Aa1aaaaa', false],
    ['Aaa*aaaa', false],
    ['A11*1111', false],
    ['Aa1*', false],
  ])('of the password %s', (password, isAllowed) => {
    expect(v2Password.allows(password)).toBe(isAllowed);
  });
});
