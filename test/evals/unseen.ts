/**
 * For the search alone: three times 20, each by somebody else, who wrote them after the descriptions of the tools had their
 * present words and without seeing these. Descriptions are not to be fitted to them; a change of words is better tried on
 * new ones.
 */
export const unseen: readonly (readonly { text: string; tool: string }[])[] = [
  [
    { text: 'what postgres clusters do we have running at the moment?', tool: 'list_clusters' },
    {
      text: 'How many cores and how much RAM does webshop-prod have, and when is its maintenance window?',
      tool: 'get_cluster',
    },
    {
      text: 'Spin up a new Postgres 15 instance called inventory in de/txl, 2 replicas, 4 cores, 8 GB memory, 100 GB SSD, hooked to datacenter 3f1c2a90-6b7e-4d2f-9a11-8c0d5e7b4412, LAN 2, 192.168.1.50/24, admin login dbadmin / Tr0ub4dor-and-3',
      tool: 'create_cluster',
    },
    { text: 'bump analytics-prod to 16 GB of memory pls, the nightly jobs keep running out', tool: 'update_cluster' },
    {
      text: "We migrated everything off legacy-crm last month. Get rid of it, the whole thing, I'm sure.",
      tool: 'delete_cluster',
    },
    {
      text: 'Which major releases of Postgres does IONOS offer right now? Thinking about what to pick for a new project.',
      tool: 'list_postgres_versions',
    },
    {
      text: 'Before I plan the upgrade: which Postgres releases could billing be moved to?',
      tool: 'list_cluster_versions',
    },
    {
      text: "orders-staging is still provisioning, hold on until it's ready and tell me when I can connect",
      tool: 'wait_for_cluster',
    },
    {
      text: 'Roughly what would I pay per month for 3 instances with 8 cores, 32 GB RAM and 500 GB SSD premium each? Just need a number for the budget sheet.',
      tool: 'estimate_cost',
    },
    { text: 'whose IONOS contract are we actually logged in with here?', tool: 'get_account' },
    {
      text: "Show me every backup we've got, across all clusters, including those from ones that are gone.",
      tool: 'list_backups',
    },
    { text: 'what restore points exist for auth-prod?', tool: 'list_cluster_backups' },
    {
      text: 'Someone ran a DELETE without a WHERE on orders. Roll it back to 2024-05-14 09:30 UTC from backup 7d2e41b8-5c0a-4f6e-b1d3-92a7c4e8f015, now please!',
      tool: 'restore_cluster',
    },
    { text: 'Audit question: who can log in to the reporting cluster? I need all the accounts.', tool: 'list_users' },
    { text: 'add a login analyst on analytics-prod with password Qz7!mango-Harbor', tool: 'create_user' },
    {
      text: 'The etl password on billing leaked in a git commit, change it to v9#Lantern-Quarry-22 asap',
      tool: 'update_user',
    },
    { text: "cms doesn't need access to webshop-prod anymore, remove that account", tool: 'delete_user' },
    { text: 'I need an empty db named carts on orders-staging, owned by cms', tool: 'create_database' },
    {
      text: 'Any errors from auth-prod between 2 and 3 am last night? Pull up what the server wrote.',
      tool: 'get_cluster_logs',
    },
    { text: 'Which datacenters and LANs could I attach a new database cluster to?', tool: 'list_network_options' },
  ],
  [
    { text: "hi, it's my second day here. which postgres clusters are we actually running?", tool: 'list_clusters' },
    {
      text: 'How many cores and how much RAM does webshop-prod have right now, and when is its maintenance window?',
      tool: 'get_cluster',
    },
    {
      text: 'Bump analytics-prod to 8 cores and 32 GB of memory please, the dashboards are crawling',
      tool: 'update_cluster',
    },
    {
      text: "legacy-crm was signed off for decommissioning on Friday. Tear the whole thing down, I confirm we don't need it any more.",
      tool: 'delete_cluster',
    },
    {
      text: 'Which PostgreSQL major releases does IONOS offer at the moment? Need it for our roadmap slide',
      tool: 'list_postgres_versions',
    },
    { text: 'auth-prod is on an old release, what could we upgrade that one to?', tool: 'list_cluster_versions' },
    {
      text: "The resize on orders-staging is still BUSY. Hold on until it's AVAILABLE again and then tell me.",
      tool: 'wait_for_cluster',
    },
    {
      text: 'For the Q3 budget: what would 3 instances with 4 cores, 16 GB RAM and 200 GB SSD each come to per month?',
      tool: 'estimate_cost',
    },
    {
      text: "I'd like to know whose contract these credentials belong to and what resource limits we have on it",
      tool: 'get_account',
    },
    {
      text: 'Auditor wants proof that snapshots exist for billing. Show me every restore point we hold for that cluster.',
      tool: 'list_cluster_backups',
    },
    {
      text: 'Give me all the backups across our entire contract, whatever cluster they came from',
      tool: 'list_backups',
    },
    {
      text: 'somebody ran a DELETE without WHERE on orders!! roll it back in place to 2024-11-05T08:15:00Z using backup 7c1f0b52-4e0d-4d6b-9a55-2f3d8e9b6a10, go ahead',
      tool: 'restore_cluster',
    },
    { text: 'Quarterly access review: who can log in to the reporting cluster?', tool: 'list_users' },
    { text: 'Set up a login called analyst on inventory, password Tr4vel-Lamp-Quiet-82', tool: 'create_user' },
    {
      text: 'The etl password on analytics-prod leaked in a Slack channel. Change it to mQ7-velvet-Orbit-19 right away',
      tool: 'update_user',
    },
    {
      text: "cms no longer needs access to webshop-prod, revoke the account completely. Yes, I'm sure.",
      tool: 'delete_user',
    },
    { text: "What's the owner of the ledger database on billing?", tool: 'get_database' },
    {
      text: 'For my regression tests I need an empty database named carts on orders-staging, owned by etl',
      tool: 'create_database',
    },
    {
      text: 'Connections to auth-prod were dropping between 02:00 and 02:30 last night, pull what the server wrote during that half hour',
      tool: 'get_cluster_logs',
    },
    {
      text: 'before we spin up something new: what datacenters and private LANs could a cluster be hooked up to?',
      tool: 'list_network_options',
    },
  ],
  [
    {
      text: "Morning! I just took over from Dana and have no idea what Postgres we're running at all, can you show me everything we've got?",
      tool: 'list_clusters',
    },
    { text: 'how many replicas n how much ram does billing have rn', tool: 'get_cluster' },
    {
      text: "We're starting a loyalty programme next week and it needs its own Postgres. Please spin up a fresh one called loyalty in de/txl, version 15, 2 instances, 4 cores, 8 GB RAM and 100 GB SSD, on datacenter 3f1c LAN 2 with 10.7.222.100/24.",
      tool: 'create_cluster',
    },
    {
      text: 'webshop-prod is choking since the sale started this morning. Bump it to 8 cores and 32 gigs of memory.',
      tool: 'update_cluster',
    },
    {
      text: "legacy-crm was switched off for good last month and everyone has signed off, so tear the whole thing down please, yes I'm sure.",
      tool: 'delete_cluster',
    },
    { text: 'whats the newest postgres ionos lets you run these days?', tool: 'list_postgres_versions' },
    {
      text: 'Security wants us off anything old by Q3. Which Postgres releases could inventory be moved up to from where it is now?',
      tool: 'list_cluster_versions',
    },
    {
      text: "I resized orders-staging a minute ago and my migration script can't start until it's finished. Hold on till it's ready and then tell me.",
      tool: 'wait_for_cluster',
    },
    {
      text: 'My boss is asking for numbers before she approves anything: roughly what would 3 instances with 4 cores, 16 GB RAM and 200 GB of SSD premium set us back per month?',
      tool: 'estimate_cost',
    },
    {
      text: 'I juggle tokens for three customers and lost track, whose contract am I actually logged into here and what are its limits?',
      tool: 'get_account',
    },
    {
      text: 'Finance auditor is sitting next to me and wants to see every backup we hold, across all our Postgres, not just one.',
      tool: 'list_backups',
    },
    { text: 'what restore points do we have for auth-prod', tool: 'list_cluster_backups' },
    {
      text: 'A colleague left me a sticky note with backup id 7b2e9d10-4c55-4f0a-9a61-0d2f8c1e77aa on it. Can you tell me when that one was taken and how far back it reaches?',
      tool: 'get_backup',
    },
    {
      text: "Someone ran an UPDATE without a WHERE on orders around lunch. Roll it back in place to 2024-05-14T11:55:00Z using backup 91d0c3aa-2b7e-4d18-8f53-6e0a4b9c1d22, I'm fine with losing what came after.",
      tool: 'restore_cluster',
    },
    { text: 'Doing our quarterly access review, so who all can log in to analytics-prod?', tool: 'list_users' },
    { text: 'need a login for the BI folks on reporting, call it analyst, pw Tr4in-Lake-99-Moss', tool: 'create_user' },
    {
      text: 'The etl password on orders-archive ended up in a public Slack channel, ugh. Please change it to Quiet-Harbor-7712-Fern right away.',
      tool: 'update_user',
    },
    {
      text: "The agency's contract ended on Friday, so cms shouldn't be able to get into webshop-prod anymore. Remove that login completely.",
      tool: 'delete_user',
    },
    { text: 'dev team wants an empty db named carts on orders-staging, owner etl, thx', tool: 'create_database' },
    {
      text: 'auth-prod dropped a bunch of connections around 3 last night and nobody knows why. What was the server printing between 02:50 and 03:20 UTC on 2024-05-14?',
      tool: 'get_cluster_logs',
    },
  ],
];
