/** The reason to refuse the wanted phase, for the deployer; undefined if it is allowed. */
export function refusal(deployed: number, wanted: number): string | undefined {
  if (wanted === deployed || wanted === deployed + 1) return undefined;
  const asked = `Phase ${deployed} is deployed and phase ${wanted} was requested.`;
  return wanted < deployed
    ? `${asked} A lower phase would remove resources that hold data or serve traffic. Set "phase" in cdk.json to ${deployed} ` +
        `(a forgotten -c phase has the same effect), or to ${deployed + 1} to continue.`
    : `${asked} Phases must be deployed one at a time, since each prepares the next. Deploy -c phase=${deployed + 1} first.`;
}

/** The hosts of the wanted phase have no access to the box's own database, which still has the shop's data. */
export function dataNotMoved(wanted: number): string {
  return (
    `Phase ${wanted} was requested. Its hosts use Aurora and S3, but the shop's data is still on the box. ` +
    'Run "npm run move" first, then deploy again.'
  );
}

/** Both with commas, as the option has them. */
export function otherZones(deployed: string, wanted: string): string {
  return (
    `The shop is in the zones ${deployed}, and ${wanted} were asked for. Its subnets, its data volume and its database do ` +
    `not move between zones. Deploy with -c zones=${deployed}, or set "zones" in cdk.json to that.`
  );
}

/** Hosts of fewer shards would have no way to these users. @param held the numbers of buckets, by shard */
export function shardsInUse(held: Readonly<Record<string, number>>, wanted: number): string {
  const where = Object.entries(held).map(([name, buckets]) => `${name} (${buckets} buckets)`);
  return (
    `"userShards": ${wanted} was requested, but users are on other shards or on their way: ${where.join(', ')}. Move them ` +
    `first, such as with "npm run shards -- move 0-1023 users-1", or set "userShards" in cdk.json as it was.`
  );
}

/** A new shop has nothing that could have been moved, and the app would begin on the box's own database. */
export function noFirstDeploy(wanted: number): string {
  return (
    `Phase ${wanted} was requested, but nothing is deployed. Start with an earlier phase: deploy -c phase=1, ` +
    'then -c phase=2, run "npm run move", and deploy -c phase=3.'
  );
}
