import { type Hosted, host } from '../../helpers/in-process-host.ts';

export const LEGACY = 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97';
/** On API v2. */
export const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';

export const KINDS = ['modern', 'legacy', 'sse'] as const;

/** The server at a URL with this query, which asks both generations of the API unless told otherwise. */
export async function narrowedTo(query: string, settings: Hosted = {}, kind: (typeof KINDS)[number] = 'modern') {
  const world = await host({ regions: ['de-fra'], ...settings });
  const clientAt = async (query: string) => {
    const client = await world[kind]({}, undefined, query);
    const call = async (name: string, args: Record<string, unknown> = {}): Promise<Answer> =>
      client.callTool({ name, arguments: args });
    return { client, call };
  };
  return { ...world, ...(await clientAt(query)), clientAt };
}

interface Answer {
  [name: string]: unknown;
}

export const fieldsIn = ({ structuredContent }: Answer) => Object(structuredContent);
export const textIn = ({ content }: Answer) => JSON.stringify(content);
export const namesIn = (answer: Answer): string[] =>
  fieldsIn(answer).clusters.map(({ displayName }: { displayName: string }) => displayName);
