/**
 * What IONOS does not document of API v2, and what is done here instead: always what can do the least harm. Nobody has
 * tried these against the live service.
 */
export const UNDOCUMENTED = {
  /**
   * What a change without credentials does to the user. IONOS's own programs send the password with every change, and
   * one of them says that leaving it out could take the user away.
   */
  everyChangeIsDestructive: true,
  /**
   * Whether a reply of a restored cluster shows `restoreFromBackup`, and whether the service restores again when it gets
   * that back; and what else of a reply must not be sent. All the rest goes back, known to this server or not: a change
   * replaces what it leaves out by nothing.
   */
  neverSentBack: ['restoreFromBackup', 'credentials'],
  /** What a change gets of a cluster that is being deleted; one that is busy is refused by every plan. */
  neverChanged: ['DESTROYING'],
  /** A change of a cluster that is gone may order a new one: the status by which that shows. */
  madeANewOne: 201,
  /** Which of its backups a restore in place reads: only the active one is offered. */
  restoresFromActiveBackupAlone: true,
  /** The answers by which v1 could say that it takes no more orders. */
  ordersEnded: [404, 405, 410, 501],
  /** A maintenance window is required, and the service has no default. A quiet hour in Europe. */
  maintenanceWindow: { time: '02:00:00', dayOfTheWeek: 'Sunday' },
  /** No default is known for how long backups are kept; v1 keeps them for as long. */
  backupRetentionDays: 7,
} as const;
