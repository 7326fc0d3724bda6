export const TOOLSETS = ['clusters', 'backups', 'users', 'databases', 'logs', 'networks'] as const;
export type Toolset = (typeof TOOLSETS)[number];
