import { expect, test } from 'vitest';
import type { Plan } from '../../src/tools/plans/plan.ts';
import { questionFor } from '../../src/writes/question.ts';

const linesFor = (changes: Plan['changes']) => {
  const facts: Plan['facts'] = { kind: 'new-user', cluster: { id: 'c' }, username: 'u' };
  const plan: Plan = {
    facts,
    summary: 's',
    effects: [],
    changes,
    destructive: false,
    basis: 1,
    demand: { verb: 'change' },
  };
  return questionFor(plan, 'state').lines;
};

test('shows values inside an object in quotes, so that none is read as Markdown, a link or words of the server', () => {
  const lanId = '2"}]\n\n**IONOS: free** [details](https://evil.example) <b>';
  const [, line] = linesFor([{ property: 'connections', to: [{ datacenterId: 'd-1', lanId, cidr: '10.0.0.1/24' }] }]);

  expect(line).toBe(
    'connections: [{datacenterId: d-1, lanId: "2\\u{22}}\\u{5D}\\u{A}\\u{A}\\u{2A}\\u{2A}IONOS: free\\u{2A}\\u{2A} \\u{5B}details\\u{5D}(https://evil.example) \\u{3C}b\\u{3E}", cidr: 10.0.0.1/24}]',
  );
});

test('shows plain values as they are', () => {
  expect(
    linesFor([
      { property: 'connectionPooler', from: { enabled: false }, to: { enabled: true, poolMode: 'session' } },
      { property: 'connections', to: [] },
      { property: 'cores', from: undefined, to: 4 },
    ]).slice(1),
  ).toEqual([
    'connectionPooler: {enabled: false} → {enabled: true, poolMode: session}',
    'connections: []',
    'cores: unknown → 4',
  ]);
});
