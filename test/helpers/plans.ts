import { createApiClient, type Fetch } from '../../src/api/client.ts';
import { createApis } from '../../src/api/generations/index.ts';
import { readInput } from '../../src/calls/arguments/read.ts';
import { createDeadline } from '../../src/calls/deadline.ts';
import { createRedaction } from '../../src/calls/redaction.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { tools } from '../../src/tools/index.ts';
import { createAddressBooks } from '../../src/tools/places/address-book.ts';
import type { Facts } from '../../src/tools/plans/facts.ts';
import type { Plan } from '../../src/tools/plans/plan.ts';
import { createPasswords } from '../../src/tools/writing/passwords.ts';
import { createRecentWrites } from '../../src/tools/writing/recent-writes.ts';
import { SERVER } from './account.ts';
import { callPrices } from './prices.ts';

interface PlanWorld {
  /** The API but for networks, which these credentials do not see; without it a fresh sandbox. */
  fetch?: Fetch;
  credentialsDir?: string;
}

/** What a write would do, told by its tool alone: no MCP, policy or consent. */
export async function planOf(
  name: string,
  args: object,
  { fetch = createSandbox().fetch, credentialsDir }: PlanWorld = {},
): Promise<Plan> {
  const tool = tools.find((each) => each.name === name);
  if (!tool || tool.access === 'read') throw new Error(`No tool that plans: ${name}`);
  const passwords = createPasswords({ credentialsDir, passwordEnv: {} });
  const deadline = createDeadline({ cancelled: new AbortController().signal, isFollowed: false });
  const { v1: api, ...clusters } = apisOn(withoutNetworks(fetch)).forCall({
    signal: deadline.signal,
    deadline: deadline.at,
  });
  const context = {
    ...deadline,
    api,
    ...clusters,
    progress: () => {},
    passwords,
    recentWrites: createRecentWrites(createMemoryState()).of(''),
    addresses: createAddressBooks(createMemoryState()).of(''),
    prices: callPrices,
    server: SERVER,
    writeOnlyWhile: () => {},
    beginWrite: async () => {},
  };
  try {
    const read = readInput(tool, args, createRedaction([])());
    const plan = await tool.plan(read.args, context);
    if ('answer' in plan) throw new Error(`Nothing is planned: ${JSON.stringify(plan.answer)}`);
    return plan;
  } finally {
    deadline.end();
  }
}

/** The facts of such a plan. */
export async function factsOf<Kind extends Facts['kind']>(kind: Kind, ...call: Parameters<typeof planOf>) {
  const { facts } = await planOf(...call);
  if (facts.kind !== kind) throw new Error(`Not of kind ${kind}: ${JSON.stringify(facts)}`);
  return facts as Extract<Facts, { kind: Kind }>;
}

const withoutNetworks =
  (fetch: Fetch): Fetch =>
  async (request, init) =>
    request.url.includes('/cloudapi/') ? Response.json({ messages: [] }, { status: 403 }) : fetch(request, init);

function apisOn(fetch: Fetch) {
  const v1 = createApiClient({
    apiUrl: 'https://api.ionos.com/databases/postgresql',
    authorization: 'Bearer any',
    userAgent: 'ionos-postgres-mcp/test',
    fetch: (request, init) => fetch(new Request(request, init), init),
  });
  return createApis({ v1 });
}
