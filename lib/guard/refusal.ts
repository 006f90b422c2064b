/** Why the running phase may not become the wanted one, in words for who deploys; undefined when it may. */
export function refusal(deployed: number, wanted: number): string | undefined {
  if (wanted === deployed || wanted === deployed + 1) return undefined;
  const asked = `Phase ${deployed} is deployed and phase ${wanted} was asked for.`;
  return wanted < deployed
    ? `${asked} Going down would remove what holds data or traffic. Set "phase" in cdk.json to ${deployed} ` +
        `(a forgotten -c phase does the same), or to ${deployed + 1} to go on.`
    : `${asked} Phases are taken one at a time, since each prepares the next. Deploy -c phase=${deployed + 1} first.`;
}

/** The wanted phase has hosts that know nothing of the box's own database, and the shop's data is still there. */
export function dataNotMoved(wanted: number): string {
  return (
    `Phase ${wanted} was asked for, whose hosts read and write in Aurora and S3, and the shop's data is still on the box. ` +
    'Run "npm run move" first, then deploy again.'
  );
}

/** A new shop has nothing that could have been moved, and the app would begin on the box's own database. */
export function noFirstDeploy(wanted: number): string {
  return (
    `Phase ${wanted} was asked for, and nothing is deployed. A shop starts with an earlier one: deploy -c phase=1, ` +
    'then -c phase=2, run "npm run move", and deploy -c phase=3.'
  );
}
