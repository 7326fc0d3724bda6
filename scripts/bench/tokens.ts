import { listing } from '../../src/mcp/listing.ts';
import { TOKEN_BUDGET, tokensOf } from '../lint-tools.ts';
import { end, startApi, stdioServer } from './programs.ts';
import { type Figure, round } from './stats.ts';

interface Result {
  structuredContent?: Record<string, unknown>;
}

const rowsIn = ({ structuredContent = {} }: Result) => (structuredContent.clusters ?? []) as { id: string }[];

/** Of the list of tools, and of results as a model gets them. */
export async function measureTokens(): Promise<Figure[]> {
  const api = await startApi({ clusters: 100 });
  const { program, request, call, result } = await stdioServer(api.url);
  const { tools = [] } = (await request('tools/list')).result;
  const summary = (await call('list_clusters')).result;
  const full = (await call('list_clusters', { detail: 'full' })).result;
  const [first] = rowsIn(summary);
  const one = (await call('get_cluster', { clusterId: first?.id })).result;
  await Promise.all([end(program), end(api.program)]);

  const ofSet = (wanted: string) =>
    listing.tools.filter(({ toolset }) => toolset === wanted).map(({ listed }) => listed);
  const others = tools.filter(({ name }) => !['create_cluster', 'update_cluster'].includes(name));
  const perRow = (answer: Result) => round(tokensOf(answer.structuredContent) / rowsIn(answer).length, 1);
  return [
    { name: 'tools/list', unit: 'tokens', value: tokensOf(tools), bar: `≤ ${TOKEN_BUDGET.withMeta}` },
    {
      name: 'tools of the set clusters',
      unit: 'tokens',
      value: tokensOf(ofSet('clusters')),
      bar: `≤ ${TOKEN_BUDGET.clusters}`,
      aim: '≤ 3300',
    },
    {
      name: 'a tool, but for create_cluster and update_cluster',
      unit: 'tokens',
      value: round(tokensOf(others) / others.length),
      bar: '≤ 300',
    },
    ...tools.map((tool): Figure => ({ name: `  ${tool.name}`, unit: 'tokens', value: tokensOf(tool) })),
    { name: 'instructions', unit: 'tokens', value: tokensOf(result.instructions) },
    { name: 'list_clusters of 100, for each', unit: 'tokens', value: perRow(summary), bar: '≤ 60', aim: '≤ 45' },
    { name: 'list_clusters in full, for each', unit: 'tokens', value: perRow(full) },
    { name: 'get_cluster', unit: 'tokens', value: tokensOf(one.structuredContent) },
  ];
}
