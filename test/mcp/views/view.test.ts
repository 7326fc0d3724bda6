import { describe, expect, test } from 'vitest';
import { VIEW_HTML } from '../../helpers/account.ts';
import { connect, VIEWS } from '../../helpers/connect.ts';
import { host } from '../../helpers/in-process-host.ts';

const URI = 'ui://ionos-postgresql/clusters';
const MIME = 'text/html;profile=mcp-app';
const viewed = ({ _meta }: { _meta?: Record<string, unknown> }) => Object(_meta).ui?.resourceUri === URI;

describe('the view', () => {
  test.each(['2025 over stdio', '2026 over stdio', 'modern', 'legacy', 'sse'] as const)(
    'is read by %s',
    async (kind) => {
      const client = kind.endsWith('over stdio')
        ? (await connect({ era: kind.startsWith('2025') ? '2025' : '2026' })).client
        : await (await host())[kind as 'modern' | 'legacy' | 'sse']();

      const { contents } = await client.readResource({ uri: URI });

      expect(contents).toEqual([
        { uri: URI, mimeType: MIME, text: VIEW_HTML, _meta: { ui: { csp: {}, prefersBorder: true } } },
      ]);
    },
  );

  test('is in no list that a person or model chooses from', async () => {
    const { client } = await connect();

    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();

    expect(resources.map(({ uri }) => uri)).not.toContain(URI);
    expect(JSON.stringify(resourceTemplates)).not.toContain('ui:');
    expect(resourceTemplates.length).toBeGreaterThan(3);
  });

  test('is named by the tools that show clusters and costs, to every client', async () => {
    const { client } = await connect();

    const { tools } = await client.listTools();

    expect(tools.filter(viewed).map(({ name }) => name)).toEqual([
      ...['list_clusters', 'get_cluster', 'create_cluster', 'update_cluster', 'wait_for_cluster', 'estimate_cost'],
    ]);
  });

  test('is named by every tool that writes, to a client that renders views', async () => {
    const { client } = await connect({ seesViews: true });

    const { tools } = await client.listTools();

    const writing = tools.filter(({ annotations, name }) => !annotations?.readOnlyHint && name !== 'confirm_write');
    expect(writing.length).toBeGreaterThan(8);
    expect(writing.filter((tool) => !viewed(tool))).toEqual([]);
  });
});

describe('what a client declares that renders no views', () => {
  test.each([
    ['nothing', {}],
    ['other types', { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] } }],
    ['no types', { 'io.modelcontextprotocol/ui': {} }],
    ['types of another form', { 'io.modelcontextprotocol/ui': { mimeTypes: MIME } }],
    ['another extension', { 'example/ui': VIEWS['io.modelcontextprotocol/ui'] }],
  ])('%s', async (_, extensions) => {
    const { client } = await connect({ extensions });

    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('confirm_write');
  });
});

describe('a client of Claude Code', () => {
  test.each([{ era: '2025' }, { era: '2026' }, { seesViews: true }, { confirm: 'costly' }] as const)(
    'always loads list_clusters, and finds every other tool by words that its name lacks (%j)',
    async (world) => {
      const { client } = await connect(world);
      const tools = (await client.listTools()).tools.filter(({ name }) => name !== 'confirm_write');
      const having = (key: string) => tools.filter(({ _meta = {} }) => key in _meta);

      expect(having('anthropic/alwaysLoad')).toMatchObject([
        { name: 'list_clusters', _meta: { 'anthropic/alwaysLoad': true } },
      ]);
      expect(having('anthropic/searchHint')).toEqual(tools.filter(({ name }) => name !== 'list_clusters'));
      expect(tools.find(({ name }) => name === 'create_cluster')?._meta).toMatchObject({
        'anthropic/searchHint': 'order new database server',
        ui: { resourceUri: URI },
      });
    },
  );

  const asking = async (world: Parameters<typeof connect>[0]) => {
    const { client } = await connect(world);
    const { tools } = await client.listTools();
    return tools.filter(({ _meta }) => _meta?.['anthropic/requiresUserInteraction'] === true).map(({ name }) => name);
  };

  test('asks a person before each call of what destroys, unless nobody has to agree', async () => {
    const destroying = ['delete_cluster', 'restore_cluster', 'delete_user', 'delete_database'];

    expect((await asking({ confirm: 'costly' })).sort()).toEqual(destroying.toSorted());
    expect((await asking({ confirm: 'destructive', seesViews: true })).sort()).toEqual(destroying.toSorted());
    expect(await asking({ confirm: 'never' })).toEqual([]);
  });
});
