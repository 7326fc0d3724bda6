import type { JSONWebKeySet } from 'jose';
import * as z from 'zod';
import type { Discovery } from './issuer/discovery.ts';
import { type DocumentFetch, reasonOf, withDocuments } from './issuer/documents.ts';

interface KeyDiscoveryOptions {
  discovery: Discovery;
  /** Undefined: discovered. */
  jwksUrl?: string;
  fetch: DocumentFetch;
}

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

export function createKeyLoader({ discovery, jwksUrl, fetch }: KeyDiscoveryOptions): () => Promise<JSONWebKeySet> {
  async function addressOfKeys(): Promise<string> {
    if (jwksUrl !== undefined) return jwksUrl;
    const { url, jwksUri } = await discovery.read();
    if (jwksUri !== undefined) return jwksUri;
    discovery.forget();
    throw new Error(`${url} has no jwks_uri, or an unsafe one`);
  }

  return async () => {
    const url = await addressOfKeys();
    try {
      return await withDocuments(fetch, (get) => get(url, keySet));
    } catch (error) {
      // The keys may have moved.
      discovery.forget();
      throw new Error(`${url} ${reasonOf(error)}`);
    }
  };
}
