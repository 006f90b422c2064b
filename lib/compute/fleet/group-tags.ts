/** The tag of a group that names its roll-out alarm: known to the construct and to the function. */
export const alarmTag = 'shop:rollout-alarm';

/** The tag of a group whose hosts are replaced by an instance refresh, which awaits no signal. */
export const refreshTag = 'shop:instance-refresh';
