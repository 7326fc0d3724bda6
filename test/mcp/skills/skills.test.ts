import type { Client } from '@modelcontextprotocol/client';
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createGate } from '../../../src/auth/gate.ts';
import { createTokenVerifier } from '../../../src/auth/static-tokens.ts';
import { prompts } from '../../../src/prompts/index.ts';
import { skillOf } from '../../../src/prompts/skill.ts';
import { connect } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { host } from '../../helpers/in-process-host.ts';
import { SKILL_URIS, skillText } from '../../helpers/skills.ts';

const NAMES = prompts.map(({ name }) => skillOf(name));
const uriOf = (name: string) => `skill://${name}/SKILL.md`;
const REVIEW = uriOf('review-clusters');
const RESTORE = uriOf('recover-to-point-in-time');

type Listing = Awaited<ReturnType<SkillsClient['list']>>;
const namesIn = ({ skills }: Pick<Listing, 'skills'>) => skills.map(({ frontmatter }) => frontmatter.name);

async function clientOver(kind: string): Promise<Client> {
  if (kind === '2025 over stdio') return (await connect({ era: '2025' })).client;
  if (kind === '2026 over stdio') return (await connect({ era: '2026' })).client;
  const { modern, handshake } = await host();
  return kind === '2026 over HTTP' ? modern() : handshake();
}

describe('the skills', () => {
  test.each(['2025 over stdio', '2026 over stdio', '2025 over HTTP', '2026 over HTTP'])(
    'are listed and read by a client of %s, which checks every file',
    async (kind) => {
      const skills = new SkillsClient(await clientOver(kind));
      expect(skills.supported).toBe(true);

      const listing = await skills.list();

      expect(namesIn(listing)).toEqual(NAMES);
      expect(listing.ttlMs).toBe(kind.startsWith('2026') ? 3_600_000 : undefined);
      for (const skill of listing.skills) {
        const { text, verified, mimeType } = await skills.read(skill);
        expect({ text, verified, mimeType }).toEqual({
          text: await skillText(skill.frontmatter.name),
          verified: true,
          mimeType: 'text/markdown',
        });
        expect((await skills.get(skill.uri)).skill).toEqual(skill);
      }
    },
  );

  test.each(['legacy', 'sse'] as const)('are listed and read by the older client (%s)', async (kind) => {
    const client = await (await host())[kind]();

    const { skills } = await client.request({ method: 'skills/list' }, z.looseObject({ skills: z.array(z.unknown()) }));
    const { contents } = await client.readResource({ uri: REVIEW });

    expect(skills).toHaveLength(NAMES.length);
    expect(contents).toEqual([{ uri: REVIEW, mimeType: 'text/markdown', text: await skillText('review-clusters') }]);
  });

  test('follow the rules for skills: named as their folders, with a description that says what for and when', async () => {
    const { skills } = await new SkillsClient((await connect()).client).list();

    for (const { uri, frontmatter } of skills) {
      expect(frontmatter.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(frontmatter.name.length).toBeLessThanOrEqual(64);
      expect(uri).toBe(uriOf(frontmatter.name));
      expect(frontmatter.description).toMatch(/^[A-Z][a-z]+s .+\. Use when .+\.$/);
      expect(frontmatter.description.length).toBeLessThanOrEqual(1_024);
    }
  });

  test('are in the list of resources, with or without an answer of the API', async () => {
    const down = async () => Response.error();
    for (const world of [{}, { fetch: down }]) {
      const { client } = await connect(world);

      const { resources } = await hurried(() => client.listResources());

      const listed = resources.filter(({ uri }) => uri.startsWith('skill:'));
      expect(listed.map(({ uri }) => uri)).toEqual(NAMES.map(uriOf));
      expect(listed[0]).toMatchObject({
        name: 'provision-cluster',
        title: 'Provision a cluster',
        mimeType: 'text/markdown',
        description: expect.stringContaining('Use when'),
      });
    }
  });

  test('are not crowded out of the list of resources by clusters', async () => {
    const { client, sandbox } = await connect();
    for (let n = 0; n < 120; n += 1) sandbox.addCluster({ displayName: `cluster-${n}` });

    const { resources } = await client.listResources();

    const uris = resources.map(({ uri }) => uri);
    expect(uris.filter((uri) => uri.includes('/clusters/'))).toEqual(uris.slice(-100));
    expect(uris.filter((uri) => uri.startsWith('skill:'))).toEqual(SKILL_URIS);
  });

  test('need no API', async () => {
    const { client, requests } = await connect();
    const skills = new SkillsClient(client);

    for (const skill of (await skills.list()).skills) await skills.read(skill);

    expect(requests).toEqual([]);
  });

  test.each([
    REVIEW.toLowerCase(),
    'skill://review-clusters/',
    'skill://x/SKILL.md',
    'skill://../SKILL.md',
    'skill://',
  ])('are not found at %s', async (uri) => {
    const { client } = await connect();

    await expect(client.readResource({ uri })).rejects.toThrow(/not found/i);
    await expect(new SkillsClient(client).get(uri)).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining(`No skill at ${uri}`),
    });
  });

  test('do not repeat what is invisible in a URI', async () => {
    const { client } = await connect();

    await expect(new SkillsClient(client).get('skill://\u202e')).rejects.toThrow('No skill at skill://\\u{202E}');
  });
});

describe('a skill is offered with every tool that it needs', () => {
  test.each([
    [{ access: 'read' }, ['review-clusters']],
    [{ access: 'write' }, NAMES],
    [{ toolsets: ['clusters', 'backups'] }, NAMES.filter((name) => name !== 'onboard-application')],
    [{ toolsets: ['users', 'databases'] }, ['onboard-application']],
    [{ toolsets: ['users', 'backups'] }, []],
  ] as const)('by a server with %j', async (world, expected) => {
    const { client } = await connect(world);
    const skills = new SkillsClient(client);

    expect(namesIn(await skills.list())).toEqual(expected);
    const { resources } = await client.listResources();
    const listed = resources.map(({ uri }) => uri).filter((uri) => uri.startsWith('skill:'));
    expect(listed).toEqual(expected.map(uriOf));
    for (const name of NAMES.filter((name) => !(expected as readonly string[]).includes(name))) {
      await expect(client.readResource({ uri: uriOf(name) })).rejects.toThrow(/not found/i);
      await expect(skills.get(uriOf(name))).rejects.toThrow('No skill at');
    }
  });

  test.each(['modern', 'handshake'] as const)('and by the rights of each caller over HTTP (%s)', async (kind) => {
    const [reader, owner] = ['reader-'.padEnd(43, 'r'), 'owner-'.padEnd(43, 'o')];
    const text = `reader:read:${reader}\nowner:full:${owner}`;
    const verify = createTokenVerifier({ name: 'MCP_AUTH_TOKENS', text });
    const world = await host({ gate: createGate({ mode: 'token', verify, onRefusal: () => {} }) });
    const as = async (token: string) => new SkillsClient(await world[kind]({ authorization: `Bearer ${token}` }));
    const [reading, owning] = [await as(reader ?? ''), await as(owner ?? '')];

    expect(namesIn(await reading.list())).toEqual(['review-clusters']);
    expect(namesIn(await owning.list())).toEqual(NAMES);
    const { skill } = await owning.get(RESTORE);
    await expect(owning.read(skill)).resolves.toMatchObject({ verified: true });
    await expect(reading.get(RESTORE)).rejects.toThrow('No skill at');
    await expect(reading.read(skill)).rejects.toThrow(/not found/i);
  });
});
