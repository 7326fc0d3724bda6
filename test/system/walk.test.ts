import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tools } from '../../src/tools/index.ts';
import { standStill } from '../helpers/walk/clock.ts';
import { commands } from '../helpers/walk/commands.ts';
import { reads } from '../helpers/walk/reads.ts';
import { settings } from '../helpers/walk/settings.ts';
import { judges } from '../helpers/walk/verdicts.ts';
import { START, startWorld, type Way } from '../helpers/walk/world.ts';
import { createWriter } from '../helpers/walk/writes.ts';

/** More and longer walks: WALK_RUNS=500 WALK_STEPS=200. WALK_SEED repeats those of a failure. */
const { WALK_RUNS = '16', WALK_STEPS = '60', WALK_SEED } = process.env;
const numRuns = Number(WALK_RUNS);
const seed = WALK_SEED === undefined ? {} : { seed: Number(WALK_SEED) };
const MS_PER_RUN = 20_000;

const WAYS: [who: string, way: Way][] = [
  ['a client of 2026 that can ask', { era: '2026', asks: true }],
  ['a client of 2025 that can ask', { era: '2025', asks: true }],
  ['a client of 2026 that hands on tokens', { era: '2026', asks: false }],
  ['a client of 2025 that hands on tokens', { era: '2025', asks: false }],
  ['a client of 2026 that can ask, of one of three replicas in turn', { era: '2026', asks: true, replicas: 3 }],
  ['a client of 2026 that hands on tokens to one of three replicas in turn', { era: '2026', asks: false, replicas: 3 }],
];

test.each(WAYS)(
  'whatever %s does, in whatever order, the sandbox holds what the model holds, no secret is told, and nobody pays more without a yes',
  async (_, way) => {
    const walk = fc.commands(commands, { maxCommands: Number(WALK_STEPS), size: 'max' });
    await fc.assert(
      fc.asyncProperty(settings, walk, async (given, steps) => {
        const clock = standStill(START);
        try {
          const world = await startWorld(way, given, clock);
          await fc.asyncModelRun(() => ({ model: {}, real: { world, write: createWriter(world) } }), steps);
          await world.compare();
        } finally {
          clock.restore();
        }
      }),
      { numRuns, ...seed },
    );
  },
  numRuns * MS_PER_RUN,
);

test('every tool is among the steps', () => {
  expect([...Object.keys(reads), ...Object.keys(judges)].sort()).toEqual(tools.map(({ name }) => name).sort());
});
