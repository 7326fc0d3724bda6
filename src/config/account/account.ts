import * as z from 'zod';
import { contractIn, credentialFacts } from '../../api/credentials.ts';
import { DEFAULT_V2_URL } from '../../api/generations/addresses.ts';
import { DEFAULT_API_URL } from '../environment.ts';
import type { ReadFile } from '../files.ts';
import { type AskedApis, addressSchema } from './addresses.ts';
import { credentialsSchema } from './credentials.ts';
import type { AccountChoice } from './profile.ts';

interface AccountContext {
  asked: AskedApis;
  readFile: ReadFile;
}

/** The first account and further ones, in the order of the choices. */
export const accountsSchema = (choices: readonly AccountChoice[], context: AccountContext) =>
  z.array(z.unknown()).transform((given, { issues }) => {
    const [first, ...others] = choices.flatMap((choice, n) => {
      const { data, error } = accountSchema(choice, context).safeParse(given[n]);
      for (const { message } of error?.issues ?? []) issues.push({ code: 'custom', message, input: undefined });
      return data ?? [];
    });
    return first ? ([first, ...others] as const) : z.NEVER;
  });

/** Where neither is given, that of the sandbox. */
function accountSchema({ name, chosen }: AccountChoice, { asked, readFile }: AccountContext) {
  return z
    .strictObject({
      address: addressSchema(chosen, asked).default({
        api: { apiUrl: DEFAULT_API_URL },
        v2: { url: DEFAULT_V2_URL },
        secrets: [],
      }),
      credentials: credentialsSchema(readFile, chosen).default({ authorization: 'Bearer sandbox', secrets: [] }),
    })
    .transform(({ address: { api, v2, ...address }, credentials: { authorization, ...credentials } }) => ({
      name,
      /** As far as it is known. */
      contract: api.contractNumber ?? contractIn(authorization),
      facts: credentialFacts(authorization),
      api: { ...api, authorization },
      address: api,
      v2,
      secrets: [...credentials.secrets, ...address.secrets],
    }));
}
