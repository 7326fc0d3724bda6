export const TOOLSETS = ['clusters', 'backups', 'users', 'databases', 'logs'] as const;
export type Toolset = (typeof TOOLSETS)[number];
