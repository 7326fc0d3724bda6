import * as z from 'zod';
import type { AccountFacts } from '../../api/credentials.ts';
import { sentences } from '../../text/sentences.ts';
import { defineRead } from '../define-tool.ts';
import { abridged } from '../schemas/abridged.ts';
import { args } from '../schemas/arguments.ts';
import { type PolicyFacts, reads } from '../tool.ts';
import { quotaRows, readQuota } from '../writing/quota.ts';
import { readContract } from './contract.ts';

const amount = z.union([z.number(), z.string()]);
const text = z.string().optional();

const account = z.object({
  contract: text,
  name: text.describe('Of the contract'),
  owner: text,
  status: text,
  contracts: z.array(z.string()).optional(),
  profile: text,
  credentials: z.object({ kind: z.string(), user: text, role: text, expires: text }).optional(),
  quota: z.array(z.object({ of: z.string(), limit: amount, used: amount.optional() })).optional(),
  /** None in the embedded sandbox. Those that are missing are on the host of v1. */
  api: z.object({ v1: z.string(), v2: z.array(z.string()).optional(), compute: text, billing: text }).optional(),
});

const caps = z.record(z.string(), amount);

const server = z.object({
  sandbox: z.boolean(),
  access: z.string(),
  toolsets: z.array(z.string()),
  clusters: z.array(z.string()).optional().describe('Patterns of the only ones that exist for the caller'),
  confirm: z.string(),
  confirmAbove: text.describe('For 30 days, in the currency of the prices'),
  requireHuman: z.union([z.boolean(), z.string()]),
  policy: z
    .object({
      ...{ owner: text, perCluster: caps, inTotal: caps, currency: text },
      ...{ locations: z.array(z.string()).optional(), versions: z.array(z.string()).optional() },
    })
    .optional(),
});

export const getAccount = defineRead({
  name: 'get_account',
  searchHint: 'contract quota permissions',
  title: 'Get account and server settings',
  description:
    'Reads which IONOS contract, login and credentials are used, and whose; how much of the quota (limits) is used; API addresses; the rules: access, toolsets, consent, policy. Use list_clusters for its clusters.',
  ...reads,
  spansProfiles: true,
  input: args({}),
  output: z.object({
    accounts: z.array(abridged(account, { listedKeys: ['contract', 'name'] })),
    server: abridged(server, { listedKeys: ['sandbox', 'access'] }),
    note: text,
  }),
  async run(_, context) {
    const { account: facts, policy, ...settings } = context.server;
    const { only } = context.clusters;
    const [{ others, ...contract }, quota] = await Promise.all([
      readContract(facts.contract, context),
      readQuota(context),
    ]);
    const rules = policy?.();
    const row = {
      ...contract,
      contracts: others && [...others],
      profile: facts.profile,
      credentials: facts.credentials && withoutContract(facts.credentials),
      quota: quota && quotaRows(quota),
      api: settings.sandbox ? undefined : addressesOf(facts),
    };
    const notes = notesOn(facts, {
      others,
      isSeen: contract.contract !== undefined,
      isRead: contract.owner !== undefined || contract.name !== undefined,
    });
    return {
      accounts: [row],
      server: {
        ...settings,
        toolsets: [...settings.toolsets],
        clusters: only && [...only],
        policy: rules === undefined || rules === 'unreadable' ? undefined : shownRules(rules),
      },
      note: sentences(...notes, policyWords(rules), only && COUNTED) || undefined,
    };
  },
});

const addressesOf = ({ apiUrl, v2Urls, computeUrl, billingUrl }: AccountFacts) => ({
  v1: apiUrl,
  v2: v2Urls.length > 0 ? [...v2Urls] : undefined,
  compute: computeUrl,
  billing: billingUrl,
});

const withoutContract = ({ contract: _, ...rest }: NonNullable<AccountFacts['credentials']>) => rest;

const COUNTED =
  'The URL of this server leaves out clusters; the quota and the totals of the policy count all of the contract.';
const PROTECTED =
  'The policy also protects clusters by their names from being changed, deleted or copied; a refusal says which rule applies.';

const shownRules = ({ protectsNames: _, locations, versions, ...rules }: PolicyFacts) => ({
  ...rules,
  locations: locations && [...locations],
  versions: versions && [...versions],
});

function policyWords(rules: PolicyFacts | 'unreadable' | undefined): string | undefined {
  if (rules === 'unreadable') return UNREADABLE;
  return rules?.protectsNames ? PROTECTED : undefined;
}

const UNREADABLE = "The operator's policy file cannot be read: nothing is changed until it can.";

const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;

interface Seen {
  others?: readonly string[];
  /** Whether IONOS has shown a contract. */
  isSeen: boolean;
  /** Whether it has shown more of it than its number. */
  isRead: boolean;
}

function notesOn({ contract, credentials }: AccountFacts, { others, isSeen, isRead }: Seen): string[] {
  const isToken =
    credentials?.kind === 'token' && [credentials.user, credentials.role, credentials.expires].some(Boolean);
  const left = credentials?.expires === undefined ? undefined : Date.parse(credentials.expires) - Date.now();
  const notes = [
    isToken && 'User, role and expiry are what the token says of itself; nobody has verified it.',
    left !== undefined &&
      left < SOON_MS &&
      (left < 0 ? 'The token has expired.' : `The token expires in ${daysIn(left)}.`),
    contract !== undefined && !isRead && 'IONOS has not confirmed the contract: these credentials may not read it.',
    others && 'These credentials see several contracts; IONOS_CONTRACT_NUMBER chooses one.',
    contract === undefined &&
      !isSeen &&
      !others &&
      'The contract is not known: the credentials do not name it, and may not read it.',
  ];
  return notes.filter((each) => typeof each === 'string');
}

function daysIn(ms: number): string {
  const days = Math.ceil(ms / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}
