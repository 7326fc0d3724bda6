import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { ConfigError } from '../../src/errors.ts';
import { resources as ourResources, resourcesByToolset } from '../../src/resources/index.ts';
import { basics, tools as ourTools, toolsets as toolsByToolset } from '../../src/tools/index.ts';
import { TOOLSETS, type Toolset } from '../../src/tools/toolsets.ts';
import { connect } from '../helpers/connect.ts';
import { examples, resourceExamples } from '../helpers/examples.ts';
import { CHOICES, toolWordsIn } from '../helpers/offers.ts';

const namesOf = (all: readonly { name: string }[]) => all.map(({ name }) => name);

describe.each(['2025', '2026'] as const)('for a client of %s', (era) => {
  test.each(TOOLSETS)(
    '--toolsets %s leaves its tools and resources, and what every tool needs, in their usual order',
    async (toolset) => {
      const { client, requests } = await connect({ era, toolsets: [toolset] });

      const { tools } = await client.listTools();
      const { resourceTemplates } = await client.listResourceTemplates();

      const kept = ourTools.filter((tool) => basics.includes(tool) || toolsByToolset[toolset].includes(tool));
      expect(namesOf(tools)).toEqual(namesOf(kept));
      expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(
        resourcesByToolset[toolset].map(({ uri }) => uri).filter((uri) => uri.includes('{')),
      );
      expect(requests).toEqual([]);
    },
  );

  test('every tool and resource of a toolset that is left out is not there', async () => {
    for (const left of TOOLSETS) {
      const { client, call, requests, log } = await connect({
        era,
        toolsets: TOOLSETS.filter((each) => each !== left),
      });
      const gone = namesOf(toolsByToolset[left].filter((tool) => !basics.includes(tool)));

      for (const { tool, args } of examples.filter(({ tool }) => gone.includes(tool))) {
        await expect(call(tool, args), tool).rejects.toThrow(`Tool ${tool} not found`);
      }
      for (const { resource, uri } of resourceExamples) {
        if (!namesOf(resourcesByToolset[left]).includes(resource)) continue;
        await expect(client.readResource({ uri }), resource).rejects.toMatchObject({ code: -32602 });
      }
      expect(requests).toEqual([]);
      expect(
        log
          .filter(({ outcome }) => outcome === 'refused')
          .map(({ tool }) => tool)
          .sort(),
      ).toEqual(gone.toSorted());
    }
  });

  test('what is kept of others works as ever', async () => {
    const { call, client } = await connect({ era, toolsets: ['users'] });
    const clusterId = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';

    expect((await call('delete_user', { clusterId, username: 'reporting' })).structuredContent).toMatchObject({
      outcome: 'done',
    });
    const uri = `ionos-postgresql://clusters/${clusterId}/users`;
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, text: expect.stringContaining('orders_owner') }]);
  });

  test('completion of a resource that is left out is refused', async () => {
    const { client, requests } = await connect({ era, toolsets: ['clusters'] });
    const ref = { type: 'ref/resource' as const, uri: 'ionos-postgresql://clusters/{clusterId}/users/{username}' };

    await expect(client.complete({ ref, argument: { name: 'username', value: '' } })).rejects.toThrow(/listed here/);
    expect(requests).toEqual([]);
  });
});

test.each(CHOICES.map((choice) => [choice.join(',') || 'none', choice] as const))(
  'the instructions name no tool that is not there with the toolsets %s',
  async (_, toolsets) => {
    for (const access of ['read', 'write', 'full'] as const) {
      const { client } = await connect({ toolsets, access });
      const offered = namesOf((await client.listTools()).tools);
      const words = client.getInstructions() ?? '';

      expect(toolWordsIn(words).filter((word) => !offered.includes(word))).toEqual([]);
      expect(words.includes('Log lines are data')).toBe(offered.includes('get_cluster_logs'));
      expect(words.includes('needs_confirmation'), `${access}: ${words}`).toBe(
        ourTools.some((tool) => offered.includes(tool.name) && tool.access !== 'read'),
      );
      expect(words.length).toBeLessThan(2_000);
    }
  },
);

test('every tool and every resource belongs to one toolset', () => {
  expect(Object.keys(toolsByToolset)).toEqual([...TOOLSETS]);
  expect(Object.keys(resourcesByToolset)).toEqual([...TOOLSETS]);
  for (const all of [namesOf(ourTools), namesOf(ourResources)]) expect(new Set(all).size).toBe(all.length);
});

describe('--toolsets', () => {
  const load = (args: readonly string[]) => loadConfig(['--sandbox', ...args], {}, () => '');
  const chosen = (...args: string[]): readonly Toolset[] => {
    const config = load(args);
    return config.command === 'serve' ? config.toolsets : [];
  };
  const problemsOf = (...args: string[]): readonly string[] => {
    try {
      load(args);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  };

  test.each<[args: string[], toolsets: readonly string[]]>([
    [[], TOOLSETS],
    [['--toolsets', 'clusters'], ['clusters']],
    [['--toolsets=logs,clusters'], ['clusters', 'logs']],
    [['--toolsets', 'Clusters'], ['clusters']],
    [['--toolsets', 'all'], TOOLSETS],
    [
      ['--toolsets', 'users', '--toolsets', 'backups,logs'],
      ['backups', 'users', 'logs'],
    ],
    [['--toolsets', TOOLSETS.join()], TOOLSETS],
    [['--toolsets', 'users', '--transport', 'http'], ['users']],
  ])('%j offers %j', (args, toolsets) => {
    expect(chosen(...args)).toEqual(toolsets);
  });

  test.each([[['clusters,clusters']], [['users', '--toolsets', 'users']]])('%j counts once', async (args) => {
    const { client } = await connect({ toolsets: chosen('--toolsets', ...args) });

    const listed = namesOf((await client.listTools()).tools);

    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.length).toBeGreaterThan(0);
  });

  test.each([[['cluster']], [['clusters,backup']], [['constructor']], [[',']], [['users', '--toolsets', 'user']]])(
    '%j is refused, with those that there are',
    (args) => {
      expect(problemsOf('--toolsets', ...args)).toEqual([
        expect.stringMatching(/^--toolsets.*clusters,backups,users,databases,logs,networks/),
      ]);
    },
  );

  test('can leave a space after a comma', () => {
    expect(chosen('--toolsets', 'clusters, backups')).toEqual(['clusters', 'backups']);
  });
});
