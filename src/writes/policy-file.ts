import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { amount } from '../prices/price-file.ts';
import { readSettingsFile } from '../settings/file.ts';
import { withoutUndefined } from '../text/json.ts';
import type { PolicyFacts } from '../tools/tool.ts';

const limit = z.int().min(0).optional();
/** For 30 days of 24 hours. */
const monthlyCost = amount('must be an amount of zero or more, as in 250 or 99.50').optional();
const limits = { monthlyCost, instances: limit, cores: limit, ram: limit, storageSize: limit };
const texts = z.array(z.string().min(1));
const versions = z.array(z.union([z.string().min(1), z.number()], 'must be a string or a number').transform(String));

const rulesSchema = z.strictObject({
  owner: z.string().min(1).optional(),
  /** IDs, or names in which * matches anything. */
  neverDelete: texts.default([]),
  /** Also prevents deletion. */
  neverChange: texts.default([]),
  /** Their content cannot be put into another cluster. */
  neverCopy: texts.default([]),
  /** Totals over all instances of a cluster; ram and storageSize in MB. */
  perCluster: z.strictObject(limits).default({}),
  inTotal: z.strictObject({ clusters: limit, ...limits }).default({}),
  /** Of every monthlyCost; without it, they are in the currency of the prices. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a currency, as in EUR')
    .optional(),
  locations: texts.optional(),
  versions: versions.optional(),
});
export type Rules = z.output<typeof rulesSchema>;

/** Throws a ConfigError that lists all problems. */
export function readPolicy(path: string, readFile: (path: string, flag: string) => string): Rules {
  return readSettingsFile(rulesSchema, { path, flag: '--policy', entries: 'rules', readFile });
}

export interface PolicyFile {
  path: string;
  readFile(path: string, setting: string): string;
}

/** The part that callers see: whom to ask, the limits, and whether there are names that are protected. */
export function policyFacts({ path, readFile }: PolicyFile): PolicyFacts | 'unreadable' {
  try {
    const { perCluster, inTotal, neverChange, neverDelete, neverCopy, ...shown } = readPolicy(path, readFile);
    return {
      ...shown,
      perCluster: withoutUndefined(perCluster),
      inTotal: withoutUndefined(inTotal),
      protectsNames: [neverChange, neverDelete, neverCopy].some(({ length }) => length > 0),
    };
  } catch (error) {
    if (error instanceof ConfigError) return 'unreadable';
    throw error;
  }
}
