/**
 * For the search alone: two times 20, each written by somebody who had not seen the descriptions of the tools. Like the 40
 * of `prompts`, they have shaped the present words.
 */
export const laterOutside: readonly { text: string; tool: string }[] = [
  { text: 'what postgres clusters do we have running right now? just need an overview', tool: 'list_clusters' },
  {
    text: 'How many cores and how much RAM does webshop-prod have, and when is its maintenance window?',
    tool: 'get_cluster',
  },
  {
    text: 'Finance here. Before we approve anything: what would a 3-instance Postgres with 4 cores, 16 GB RAM and 200 GB SSD each set us back per month?',
    tool: 'estimate_cost',
  },
  { text: "bump analytics-prod to 32 gigs of ram pls, it's swapping like crazy", tool: 'update_cluster' },
  {
    text: 'We signed off on decommissioning legacy-crm last week and the data has been exported. Please get rid of the whole thing for good.',
    tool: 'delete_cluster',
  },
  {
    text: "I'm doing a uni project and wondering which PostgreSQL major versions IONOS offers at the moment for new setups?",
    tool: 'list_postgres_versions',
  },
  {
    text: 'auth-prod is still on 13. Which releases could I move that particular one to?',
    tool: 'list_cluster_versions',
  },
  {
    text: "I just resized reporting a minute ago, hold on until it's finished and tell me once it's usable again",
    tool: 'wait_for_cluster',
  },
  {
    text: 'Someone ran a DELETE without a WHERE on orders this morning. Roll it back in place to how it was at 2024-06-11 08:45 UTC, using backup 7c1e4b52-90aa-4d3f-8f0e-2b6f3a9d1e77. I know we lose everything after that, go ahead.',
    tool: 'restore_cluster',
  },
  { text: 'how far back can we go for billing? show me the backups for that one only', tool: 'list_cluster_backups' },
  {
    text: 'For the audit I need every backup we hold across the entire account, regardless of which cluster it came from.',
    tool: 'list_backups',
  },
  {
    text: 'Can you pull up the details of backup 3f0a9d6c-5b1e-4c58-a7d2-61e8c0b4f912? I want to know its size and the earliest point in time it covers.',
    tool: 'get_backup',
  },
  { text: 'who can log in to inventory? I want all the DB accounts on it', tool: 'list_users' },
  {
    text: 'New BI colleague starts Monday. Set up a login called analyst on reporting, with the password Rz7-kelp-Vault-92.',
    tool: 'create_user',
  },
  {
    text: 'the etl password on orders-staging leaked in a git commit, change it to mQ4-tundra-Felt-58 asap',
    tool: 'update_user',
  },
  {
    text: "The old CMS is switched off, so the cms login on webshop-prod shouldn't exist any more. Remove it please.",
    tool: 'delete_user',
  },
  { text: 'i need an empty db named carts on orders-staging, owned by etl', tool: 'create_database' },
  { text: 'Who owns the ledger database on billing?', tool: 'get_database' },
  {
    text: 'auth-prod threw a bunch of connection errors between 2 and 3 am UTC last night (2024-06-10). What did the server itself write during that hour?',
    tool: 'get_cluster_logs',
  },
  {
    text: 'Planning a new Postgres for my team and not sure where to attach it. Which datacenters and LANs of ours could it be connected to?',
    tool: 'list_network_options',
  },
  {
    text: 'hi, first day here as an intern, nobody had time for a handover. what postgres stuff are we even running at ionos?',
    tool: 'list_clusters',
  },
  {
    text: 'Customer on the line wants the exact hostname his app should connect to for webshop-prod, and whether it has one node or several. Quick please.',
    tool: 'get_cluster',
  },
  {
    text: "03:12, auth-prod, logins are dying left and right since about ten to three, app only says 'server closed the connection unexpectedly'. I need to see what postgres itself was complaining about.",
    tool: 'get_cluster_logs',
  },
  {
    text: 'Black Friday is coming. Please take webshop-prod from 4 to 8 cores per instance and 32 GB of memory, the budget is approved and a short failover is fine.',
    tool: 'update_cluster',
  },
  {
    text: 'For the budget round: what would we pay monthly for three nodes with 4 cores, 16 GB RAM and 200 GB SSD premium each? Nothing is to be ordered yet, I only need the figure.',
    tool: 'estimate_cost',
  },
  {
    text: "analyst's password for reporting got pasted into a public Slack channel. Rotate it right now to Vq7-trellis-Moth-2291, the login itself has to stay.",
    tool: 'update_user',
  },
  {
    text: 'The audit asks me to name every person or service that has its own login on analytics-prod. Who is on there?',
    tool: 'list_users',
  },
  {
    text: "how far back can i go on orders? need to know which restore points we've got for that one before i run my scary migration tonite",
    tool: 'list_cluster_backups',
  },
  {
    text: "Our ISO auditor wants a single overview of every backup that exists under our contract, across all clusters, including any left over from ones we've already removed.",
    tool: 'list_backups',
  },
  {
    text: 'Ugh. I ran an UPDATE without a WHERE on orders-staging. Roll it back in place to 2025-03-04 14:05 UTC using backup 7c1e4b9a-52d3-4f0e-9b7a-0d6f2a8831ce. I know everything after that is lost, the team has agreed.',
    tool: 'restore_cluster',
  },
  {
    text: "We're still on a rather old postgres with reporting. Which newer releases could that particular one be moved up to?",
    tool: 'list_cluster_versions',
  },
  {
    text: "I'm writing a platform recommendation for a client who has no database at IONOS yet. Which PostgreSQL majors does the service offer at all these days?",
    tool: 'list_postgres_versions',
  },
  {
    text: "Just hit the button to resize the disk on inventory, it says BUSY. Hold on until it's usable again and then give me a shout, I've got a deploy queued behind it.",
    tool: 'wait_for_cluster',
  },
  {
    text: "I juggle logins for four different customers and don't want to touch the wrong one. Before we do anything: whose contract are you signed in to right now?",
    tool: 'get_account',
  },
  {
    text: 'Please spin up a new PostgreSQL 16 called pilot-crm: 1 instance, 2 cores, 4 GB RAM, 20 GB SSD, location de/fra, datacenter 3f1b6c1e-8a54-4d0c-a8e7-6b0f5f0c9d21, LAN 2, address 10.7.222.50/24, async replication, admin pilotadmin with password Birch-Canal-4471. Costs are cleared with my boss, go ahead.',
    tool: 'create_cluster',
  },
  {
    text: 'new guy in the BI team starts monday, he needs his own login on analytics-prod. call it jkowalski, initial pw Harbor-Lemon-8830, thx',
    tool: 'create_user',
  },
  {
    text: 'The agency that built our cms left in January, yet their account cms can still get into legacy-crm. Remove it for good, nothing is owned by it anymore, I checked.',
    tool: 'delete_user',
  },
  {
    text: 'took over orders-archive from a colleague who quit, no docs. whats actually in there, just shop or are there other dbs too?',
    tool: 'list_databases',
  },
  {
    text: "Who is set as the owner of ledger on billing? My migration fails with 'must be owner' and I suspect it's still etl.",
    tool: 'get_database',
  },
  {
    text: "I'd like to set up a database next week, but I have no clue which of our datacenters and LANs it could be plugged into, or which private IPs are still free there. Can you show me what there is to choose from?",
    tool: 'list_network_options',
  },
];
