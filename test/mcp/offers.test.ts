import { describe, expect, test } from 'vitest';
import type { HttpCaller, Narrowing } from '../../src/calls/http-caller.ts';
import { listing } from '../../src/mcp/listing.ts';
import { createOffers } from '../../src/mcp/offers.ts';
import { resourcesByToolset } from '../../src/resources/index.ts';
import { basics, tools as ourTools, toolsets as toolsByToolset } from '../../src/tools/index.ts';
import { TOOLSETS } from '../../src/tools/toolsets.ts';
import { examples, resourceExamples } from '../helpers/examples.ts';
import { host } from '../helpers/in-process-host.ts';
import { CHOICES } from '../helpers/offers.ts';

const KINDS = ['modern', 'legacy', 'sse'] as const;
const ACCESSES = ['read', 'write', 'full'] as const;
const namesOf = (all: readonly { name: string }[]) => all.map(({ name }) => name);
const COMMON = { sandbox: false, writes: { confirm: 'costly' } };

const callerOf = (access: (typeof ACCESSES)[number], narrowing?: Narrowing): HttpCaller => ({
  ...{ caller: { name: 'team', access }, accountKey: '', requestId: 'r-1', upstream: {}, secrets: [], narrowing },
  now: async () => undefined,
});

const uncounted = ({ beyond: _, reachable: __, ...offer }: ReturnType<ReturnType<typeof createOffers>['to']>) => offer;

describe('what a URL leaves', () => {
  test.each(CHOICES.filter((choice) => choice.length > 0).map((choice) => [choice.join(), choice] as const))(
    'is what the operator would offer with --toolsets %s',
    (_, toolsets) => {
      for (const access of ACCESSES) {
        const whole = createOffers({ ...COMMON, access, toolsets: TOOLSETS });
        const own = createOffers({ ...COMMON, access, toolsets });
        for (const each of ACCESSES) {
          expect(whole.to(callerOf(each, { toolsets }))).toEqual(own.to(callerOf(each)));
          const onlyReading = createOffers({ ...COMMON, access: 'read', toolsets });
          expect(whole.to(callerOf(each, { toolsets, access: 'read' }))).toEqual(onlyReading.to(callerOf(each)));
        }
      }
    },
  );

  test('is never more than the operator offers and the caller may use', () => {
    const offers = createOffers({ ...COMMON, access: 'write', toolsets: ['clusters', 'users'] });

    const left = offers.to(callerOf('full', { toolsets: ['users', 'logs'] }));
    const own = createOffers({ ...COMMON, access: 'write', toolsets: ['users'] }).to(callerOf('full'));
    expect(left).toEqual(own);
    const none = offers.to(callerOf('read', { toolsets: ['logs'] }));
    expect(namesOf(none.listed)).toEqual(namesOf(basics));
    expect([none.prompts, none.resources, none.templates]).toEqual([[], [], []]);
    const same = { toolsets: TOOLSETS, access: 'read' as const };
    expect(uncounted(offers.to(callerOf('full', same)))).toEqual(uncounted(offers.to(callerOf('read'))));
  });

  test('is computed once for equal URLs', () => {
    const offers = createOffers({ ...COMMON, access: 'full', toolsets: TOOLSETS });
    const narrowing = { toolsets: ['logs' as const] };

    expect(offers.to(callerOf('full', narrowing))).toBe(offers.to(callerOf('full', narrowing)));
    expect(offers.to(callerOf('full'))).toBe(offers.to(callerOf('full')));
  });

  test('tells a model which clusters there are, however many patterns name them', () => {
    const offers = createOffers({ ...COMMON, access: 'full', toolsets: TOOLSETS });
    const clusters = Array.from({ length: 20 }, (_, n) => `${'\u{200B}"*`x'.repeat(19)}-${n}`);

    const some = offers.to(callerOf('full', { clusters: ['shop-*', 'orders'] })).instructions;
    expect(some).toContain('clusters that match "shop-*" or "orders": no other can be found here, and a new name has');
    const reading = offers.to(callerOf('full', { clusters: ['shop-*'], access: 'read' })).instructions;
    expect(reading).toContain('match "shop-*": no other can be found here.\n');
    const many = offers.to(callerOf('full', { clusters })).instructions;
    expect(many).toContain(' or 17 more patterns');
    expect(many).not.toContain('\u{200B}');
    const long = Array.from({ length: 20 }, (_, n) => `${n}`.padEnd(100, 'x'));
    expect(offers.to(callerOf('full', { clusters: long })).instructions.length).toBeLessThan(2_000);
  });
});

describe.each(KINDS)('a client at a narrower URL (%s)', (kind) => {
  test('finds no tool that writes with read_only, and can call none', async () => {
    const { requests, log, ...rest } = await host();
    const client = await rest[kind]({}, undefined, '?read_only=true');

    const { tools } = await client.listTools();
    const { prompts } = await client.listPrompts();

    expect(namesOf(tools)).toEqual(namesOf(ourTools.filter(({ access }) => access === 'read')));
    const reading = listing.prompts.filter((each) => each.tools.every((tool) => namesOf(tools).includes(tool)));
    expect(namesOf(prompts)).toEqual(namesOf(reading.map(({ listed }) => listed)));
    expect(client.getInstructions()).toMatch(/This server only reads\.$/);
    const writing = examples.filter(({ writes }) => writes);
    for (const { tool, args } of writing) {
      await expect(client.callTool({ name: tool, arguments: args }), tool).rejects.toThrow(`Tool ${tool} not found`);
    }
    expect(requests).toEqual([]);
    expect(log.filter(({ outcome }) => outcome === 'refused')).toHaveLength(writing.length);
  });

  test.each(TOOLSETS)('finds of %s what that has, and nothing of the others', async (toolset) => {
    const { requests, ...rest } = await host();
    const client = await rest[kind]({}, undefined, `?toolsets=${toolset}`);
    const kept = ourTools.filter((tool) => basics.includes(tool) || toolsByToolset[toolset].includes(tool));
    const resources = namesOf(resourcesByToolset[toolset]);

    expect(namesOf((await client.listTools()).tools)).toEqual(namesOf(kept));
    expect(namesOf((await client.listResourceTemplates()).resourceTemplates)).toEqual(
      resourceExamples
        .filter(({ resource, template }) => template.includes('{') && resources.includes(resource))
        .map(({ resource }) => resource),
    );
    for (const { tool, args } of examples.filter(({ tool }) => !namesOf(kept).includes(tool))) {
      await expect(client.callTool({ name: tool, arguments: args }), tool).rejects.toThrow(`Tool ${tool} not found`);
    }
    for (const { resource, uri, template } of resourceExamples.filter(
      ({ resource }) => !resources.includes(resource),
    )) {
      await expect(client.readResource({ uri }), resource).rejects.toMatchObject({ code: -32602 });
      const ref = { type: 'ref/resource' as const, uri: template };
      await expect(client.complete({ ref, argument: { name: 'clusterId', value: '' } }), resource).rejects.toThrow();
    }
    expect(requests).toEqual([]);
  });

  test('is told by get_account what it may do there', async () => {
    const world = await host({ access: 'write' });
    const client = await world[kind]({}, undefined, '?read_only=true&toolsets=logs,users&clusters=orders');

    const { structuredContent } = await client.callTool({ name: 'get_account' });

    expect(structuredContent).toMatchObject({
      server: { access: 'read', toolsets: ['users', 'logs'], clusters: ['orders'] },
      note: expect.stringContaining('the quota and the totals of the policy count all of the contract'),
    });
  });
});
