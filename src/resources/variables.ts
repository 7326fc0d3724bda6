import * as z from 'zod';
import { InputError } from '../errors.ts';
import { datacenterId } from '../tools/networks/datacenters.ts';
import { bareClusterId } from '../tools/schemas/cluster.ts';
import { name } from '../tools/schemas/names.ts';

const variablesOf =
  <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>) =>
  (given: Record<string, string>) => {
    const { success, data, error } = schema.safeParse(Object.fromEntries(Object.entries(given).map(decoded)));
    if (success) return data;
    throw new InputError(
      error.issues.map(
        ({ path: [key = ''], message }) => `${String(key)} (${JSON.stringify(given[String(key)])}): ${message}`,
      ),
    );
  };

function decoded([key, value]: [string, string]): [string, string] {
  try {
    return [key, decodeURIComponent(value)];
  } catch {
    return [key, value];
  }
}

export const ofCluster = variablesOf(z.object({ clusterId: bareClusterId }));
export const ofDatacenter = variablesOf(z.object({ datacenterId }));
export const ofUser = variablesOf(z.object({ clusterId: bareClusterId, username: name }));
export const ofDatabase = variablesOf(z.object({ clusterId: bareClusterId, name }));
