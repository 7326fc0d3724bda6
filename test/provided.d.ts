import 'vitest';

declare module 'vitest' {
  /** What vitest.config.ts hands to tests. */
  interface ProvidedContext {
    /** Whether references that differ are written anew. */
    isUpdate: boolean;
  }
}
