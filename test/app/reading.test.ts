import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusterIn, matches } from '../../src/app/reading/clusters.ts';
import { shownOf } from '../../src/app/reading/results.ts';
import { shownValue } from '../../src/app/reading/values.ts';

describe('a result', () => {
  const offer = { tool: 'delete_cluster', arguments: { clusterId: 'orders' }, token: 'a-token', isTyped: true };
  const asking = { outcome: 'needs_confirmation', plan: { summary: 'Delete it.', effects: ['All is lost.'] } };

  test('that asks has its plan, and a button if its _meta has what that needs', () => {
    const shown = shownOf({ structuredContent: asking, _meta: { 'ionos-postgresql/confirm': offer } }, {});
    expect(shown).toMatchObject({
      kind: 'plan',
      plan: { summary: 'Delete it.', changes: [] },
      offer,
      isPreview: false,
    });
    expect(shownOf({ structuredContent: asking }, {})).toMatchObject({ kind: 'plan', offer: undefined });
  });

  test('gets no button from what the model reads as well', () => {
    const structuredContent = { ...asking, 'ionos-postgresql/confirm': offer, confirmationToken: 'a-token' };
    expect(shownOf({ structuredContent }, {})).toMatchObject({ offer: undefined });
  });

  test('asks for a name if it does not say whether that is needed', () => {
    const { isTyped: _, ...rest } = offer;
    const shown = shownOf({ structuredContent: asking, _meta: { 'ionos-postgresql/confirm': rest } }, {});
    expect(shown).toMatchObject({ offer: { isTyped: true } });
  });

  test.each([
    ['a row of list_clusters', { id: 'one', state: 'BUSY', displayName: 'orders', cores: 2 }],
    ['get_cluster', { id: 'one', metadata: { state: 'BUSY' }, properties: { displayName: 'orders', cores: 2 } }],
  ])('of %s gives the same cluster', (_, data) => {
    expect(clusterIn(data)).toMatchObject({ id: 'one', state: 'BUSY', name: 'orders', cores: 2 });
  });

  test('of wait_for_cluster names the cluster by the argument of the call', () => {
    const structuredContent = { outcome: 'waiting', state: 'BUSY', seconds: 45, note: 'Call again.' };
    const shown = shownOf({ structuredContent }, { clusterId: 'orders', profile: 'shop' });
    expect(shown).toMatchObject({ kind: 'named', clusterId: 'orders', profile: 'shop', state: 'BUSY' });
  });

  test.each([
    undefined,
    null,
    'text',
    7,
    [],
    { structuredContent: [1] },
    { structuredContent: { clusters: [null, 3, {}] } },
  ])('of an odd kind, %j, breaks nothing', (result) => {
    expect(shownOf(result, {}).kind).toMatch(/^(message|clusters)$/);
  });

  test('of any shape can be read, and its rows as well', () => {
    const keys = [
      'outcome',
      'plan',
      'clusters',
      'estimates',
      'totals',
      'cluster',
      'id',
      'metadata',
      'properties',
      'note',
    ];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.dictionary(fc.constantFrom(...keys, 'displayName'), fc.jsonValue())),
    );
    const data = fc.dictionary(fc.constantFrom(...keys), value);
    const results = fc.record({ isError: fc.boolean(), content: value, structuredContent: data, _meta: data });
    const all = fc.property(results, data, (result, input) => {
      expect(shownOf(result, input)).toHaveProperty('kind');
    });
    fc.assert(all, { numRuns: 150 });
  });

  test('with values of other kinds counts them as missing', () => {
    const odd = {
      id: 'one',
      metadata: 'BUSY',
      properties: { displayName: 7, cores: '2', connections: {}, maintenanceWindow: [] },
    };
    expect(clusterIn(odd)).toMatchObject({ id: 'one', name: undefined, cores: undefined, connections: [] });
    expect(clusterIn({ displayName: 'no ID' })).toBeUndefined();
  });
});

test('a value of a plan is one line of words', () => {
  const value = { time: '02:30', dayOfTheWeek: 'Sunday' };
  expect([undefined, 'x', 4, true, value, [value, value]].map((each) => shownValue(each))).toEqual([
    'none',
    'x',
    '4',
    'yes',
    'time 02:30, dayOfTheWeek Sunday',
    'time 02:30, dayOfTheWeek Sunday; time 02:30, dayOfTheWeek Sunday',
  ]);
});

test('the filter finds each of its words anywhere', () => {
  const cluster = clusterIn({ id: 'one', displayName: 'Orders', state: 'FAILED', postgresVersion: '16' });
  if (!cluster) throw new Error('There is no cluster');
  expect(['', 'orders', 'failed ORD', 'postgresql 16'].every((wanted) => matches(cluster, wanted))).toBe(true);
  expect(matches(cluster, 'orders 15')).toBe(false);
});
