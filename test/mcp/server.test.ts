import { readdirSync } from 'node:fs';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Access } from '../../src/access.ts';
import { createServers } from '../../src/mcp/server.ts';
import { resources as ourResources } from '../../src/resources/index.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { tools as ourTools } from '../../src/tools/index.ts';
import { TOOLSETS } from '../../src/tools/toolsets.ts';
import { ACCOUNT, VIEW_HTML } from '../helpers/account.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { skillText } from '../helpers/skills.ts';
import { SOME_CLUSTER } from '../helpers/some-cluster.ts';

const toolNames = ourTools.map(({ name }) => name);
const resourceNames = ourResources.map(({ name }) => name);

interface Schema {
  type?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  minimum?: number;
  maximum?: number;
  additionalProperties?: boolean;
}

/** A schema and all schemas inside it, each with the place where it stands. */
function* schemasIn(schema: Schema, place: string): Generator<[place: string, schema: Schema]> {
  yield [place, schema];
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    yield* schemasIn(property, `${place}.${name}`);
  if (schema.items) yield* schemasIn(schema.items, `${place}[]`);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

describe('the contract, as a client lists it', () => {
  test.each(toolNames)('tool %s', async (name) => {
    const { client } = await connect();
    const { tools } = await client.listTools();

    await expect(json(tools.find((tool) => tool.name === name))).toMatchFileSnapshot(`../snapshots/tool-${name}.json`);
  });

  test.each(resourceNames)('resource %s', async (name) => {
    const { client } = await connect();
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    const resource = [...resources, ...resourceTemplates].find((entry) => entry.name === name);

    await expect(json(resource)).toMatchFileSnapshot(`../snapshots/resource-${name}.json`);
  });

  test('has no snapshot of what is gone', () => {
    const snapshots = readdirSync(new URL('../snapshots', import.meta.url)).filter((file) => file.endsWith('.json'));
    const expected = [
      ...toolNames.map((name) => `tool-${name}.json`),
      ...resourceNames.map((name) => `resource-${name}.json`),
    ];

    expect(expected).toEqual(expect.arrayContaining(snapshots));
  });
});

describe.each(['2025', '2026'] as const)('every tool, for a client of %s,', (era) => {
  test('has a name that every client takes, a title, words and all four hints', async () => {
    const { client } = await connect({ era });

    for (const tool of (await client.listTools()).tools) {
      expect(tool.name).toMatch(/^(list|get|create|update|delete|restore|wait|estimate)_[a-z0-9_]{1,25}$/);
      expect(tool.name.length).toBeLessThanOrEqual(30);
      expect(tool.title, tool.name).toBeTypeOf('string');
      expect(tool.description?.length, tool.name).toBeGreaterThan(20);
      expect(tool.description?.length, tool.name).toBeLessThan(2_000);
      expect(tool.annotations, tool.name).toEqual({
        readOnlyHint: expect.any(Boolean),
        destructiveHint: expect.any(Boolean),
        idempotentHint: expect.any(Boolean),
        openWorldHint: expect.any(Boolean),
      });
    }
  });

  test('has schemas of the subset that every client takes, closed for its arguments', async () => {
    const { client } = await connect({ era });
    const keywords = /"(anyOf|oneOf|allOf|not|if|\$ref|\$defs|\$schema|exclusiveMinimum|exclusiveMaximum|format)":/;

    for (const { name, inputSchema, outputSchema } of (await client.listTools()).tools) {
      for (const top of [inputSchema, outputSchema]) {
        expect(top?.type, name).toBe('object');
        expect(JSON.stringify(top), name).not.toMatch(keywords);
        for (const [place, schema] of schemasIn(top as Schema, name)) {
          expect(schema.type, place).toMatch(/^(object|array|string|integer|number|boolean)$/);
          if (schema.type === 'array') expect(schema.items, place).toBeTypeOf('object');
          const closed = top === inputSchema && schema.type === 'object' ? false : undefined;
          expect(schema.additionalProperties, place).toBe(closed);
          for (const bound of [schema.minimum ?? 0, schema.maximum ?? 0]) {
            expect(Math.abs(bound), place).toBeLessThan(Number.MAX_SAFE_INTEGER);
          }
        }
      }
    }
  });

  test('describes each of its arguments', async () => {
    const { client } = await connect({ era });

    for (const { name, inputSchema } of (await client.listTools()).tools) {
      for (const [place, { description }] of schemasIn(inputSchema as Schema, name)) {
        if (place !== name && !place.endsWith('[]')) expect(description, place).toBeTypeOf('string');
      }
    }
  });

  test('stands in a fixed order, list_clusters first', async () => {
    const { client } = await connect({ era });
    const listed = (await client.listTools()).tools.map(({ name }) => name);

    expect(listed).toEqual(toolNames);
    expect(listed[0]).toBe('list_clusters');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(listed);
  });

  test('is read-only by its hint exactly where it needs no more than read access', () => {
    for (const { name, access, annotations } of ourTools) {
      expect(annotations.readOnlyHint, name).toBe(access === 'read');
      expect(annotations.destructiveHint && annotations.readOnlyHint, name).toBe(false);
    }
  });
});

describe('what the operator leaves out', () => {
  test.each([
    ['read', ['read']],
    ['write', ['read', 'write']],
    ['full', ['read', 'write', 'full']],
  ])('under --access %s does not exist', async (access, included) => {
    const { client, call, requests } = await connect({ access: access as Access });
    const [present, missing] = [true, false].map((wanted) =>
      ourTools.filter((tool) => included.includes(tool.access) === wanted).map(({ name }) => name),
    );

    const listed = (await client.listTools()).tools.map(({ name }) => name);

    expect(listed).toEqual(present);
    for (const name of missing ?? []) await expect(call(name, {})).rejects.toThrow('not found');
    expect(requests).toEqual([]);
  });
});

describe('the server', () => {
  test('briefly explains to a model how the tools fit together', async () => {
    const { client } = await connect();

    expect(client.getInstructions()).toMatch(/list_clusters[\s\S]*create_cluster[\s\S]*delete_cluster/);
    expect(client.getInstructions()?.length).toBeLessThan(2_000);
    expect(client.getInstructions()).not.toContain('sandbox');
  });

  test('says in its instructions that it is a sandbox, and that it only reads', async () => {
    const { client } = await connect({ isSandbox: true, access: 'read' });

    expect(client.getInstructions()).toMatch(/^This is a sandbox/);
    expect(client.getInstructions()).toContain('This server only reads.');
    expect(client.getInstructions()).not.toContain('create_cluster');
  });

  test.each(['2025', '2026'] as const)('brings its icon, which loads nothing and is small (%s)', async (era) => {
    const { client } = await connect({ era });

    const [icon, ...others] = client.getServerVersion()?.icons ?? [];

    expect(others).toEqual([]);
    expect(icon).toMatchObject({ mimeType: 'image/svg+xml', sizes: ['any'] });
    expect(icon?.src.length).toBeLessThan(1_000);
    const [kind, data = ''] = icon?.src.split(',') ?? [];
    expect(kind).toBe('data:image/svg+xml;base64');
    const svg = Buffer.from(data, 'base64').toString();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 16 16">.*<\/svg>\n$/);
    expect(svg).not.toMatch(/script|href|style|url\(/);
  });

  test('claims no changes of its lists', async () => {
    const { client } = await connect();

    expect(client.getServerCapabilities()).toEqual({
      tools: { listChanged: false },
      resources: { listChanged: false },
      prompts: { listChanged: false },
      completions: {},
      extensions: { 'io.modelcontextprotocol/ui': {}, 'io.modelcontextprotocol/skills': {} },
    });
  });

  test('lets a client of 2026 cache what it read for a time, privately', async () => {
    const { client } = await connect();

    const read = await client.readResource({ uri: 'ionos-postgresql://versions' });

    expect(await client.listTools()).toMatchObject({ ttlMs: 3_600_000, cacheScope: 'private' });
    expect(read).toMatchObject({ ttlMs: 3_600_000, cacheScope: 'private' });
  });

  test('leaves nothing in flight when it drains', async () => {
    const { call, servers, requests } = await connect({
      fetch: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
    });

    const answer = call('list_clusters');
    await expect.poll(() => requests.length).toBe(1);
    await servers.drain(0);

    expect(errorOf(await answer)).toContain('this server is shutting down');
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test('drains where what answers calls could not be loaded', async () => {
    let fail = (_: Error) => {};
    const apis = new Promise<never>((_, no) => {
      fail = no;
    });
    const servers = createServers({
      apis: () => apis,
      logger: async () => pino({ level: 'silent' }),
      version: '0.0.0',
      viewHtml: async () => VIEW_HTML,
      skillText,
      state: async () => createMemoryState(),
      access: 'full',
      toolsets: TOOLSETS,
      sandbox: false,
      secrets: [],
      accounts: [ACCOUNT],
      passwords: { passwordEnv: {} },
      writes: { confirm: 'never', requireHuman: false },
    });
    const loaded = servers.warmUp();

    const drained = servers.drain(1_000);
    fail(new Error('broken'));

    await expect(loaded).rejects.toThrow('broken');
    await expect(drained).resolves.toBeUndefined();
  });

  test('logs each call once, with its target and the attempts it took', async () => {
    const { call, sandbox, log } = await connect();
    const { id } = sandbox.addCluster();

    await call('get_cluster', { clusterId: id });
    await call('delete_cluster', { clusterId: id });

    expect(log).toEqual([
      expect.objectContaining({ msg: 'call', tool: 'get_cluster', target: id, outcome: 'done', attempts: 1 }),
      expect.objectContaining({ tool: 'delete_cluster', target: id, outcome: 'started', audit: true }),
    ]);
    expect(log[0]).not.toHaveProperty('audit');
  });

  test.each(['2025', '2026'] as const)('logs a call of a tool that is not there (%s)', async (era) => {
    const { call, log } = await connect({ access: 'read', era });

    await expect(call('delete_cluster', { clusterId: SOME_CLUSTER })).rejects.toThrow('Tool delete_cluster not found');
    await expect(call('hunter2-my-password')).rejects.toThrow('not found');
    await expect(call(`no\u202e${'x'.repeat(500)}`)).rejects.toThrow(/Tool no\\u\{202E\}x{60,}… not found/);

    expect(log).toEqual([
      expect.objectContaining({
        tool: 'delete_cluster',
        target: SOME_CLUSTER,
        audit: true,
        outcome: 'refused',
        attempts: 0,
      }),
      expect.objectContaining({ tool: 'unknown', target: 'sha256:60dd10b5be1c, 19 characters', outcome: 'refused' }),
      expect.objectContaining({ tool: 'unknown', target: expect.stringMatching(/, 503 characters$/) }),
    ]);
    expect(JSON.stringify(log)).not.toContain('hunter2');
  });

  test('logs writes even if the operator turns the log off', async () => {
    const { call, log } = await connect({ logLevel: 'silent' });

    await call('list_clusters');
    await call('update_cluster', { clusterId: 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041', displayName: 'x' });

    expect(log).toMatchObject([{ tool: 'update_cluster', audit: true, outcome: 'started' }]);
  });
});
