import type { Task } from '../case.ts';
import { clusterTasks } from './clusters.ts';
import { contentTasks } from './content.ts';
import { recoveryTasks } from './recovery.ts';

export const tasks: readonly Task[] = [...clusterTasks, ...contentTasks, ...recoveryTasks];
