/** The tag of a group that names its roll-out alarm: known to the construct and to the function. */
export const alarmTag = 'shop:rollout-alarm';
