/** Where metrics lie in CloudWatch: functions write them there, alarms and the dashboard look there. */

/** Everything of Lockstep is in one namespace. */
export const METRICS_NAMESPACE = 'Lockstep';

/** Every sample also says which environment it comes from. */
export const ENVIRONMENT_DIMENSION = 'environment';
